{{/* What needs a look at several values at once; what one value may be is in values.schema.json. */}}
{{- define "sayso.checked" -}}
{{- $drain := 10 -}}
{{- /* POOL_SIZE of the program, and one connection that listens. */ -}}
{{- $connections := 11 -}}
{{- if lt (int .Values.terminationGracePeriodSeconds) (add (int .Values.preStopSeconds) $drain 5 | int) -}}
{{- fail (printf "terminationGracePeriodSeconds has to be at least preStopSeconds + %d s of stopping + 5 s" $drain) -}}
{{- end -}}
{{- if lt (int .Values.autoscaling.max) (int .Values.autoscaling.min) -}}
{{- fail "autoscaling.max is below autoscaling.min" -}}
{{- end -}}
{{- /* While a version replaces another there is one copy more. */ -}}
{{- $most := mul (add (int .Values.autoscaling.max) 1) $connections | int -}}
{{- $room := sub (int .Values.database.maxConnections) (int .Values.database.reserved) | int -}}
{{- if gt $most $room -}}
{{- fail (printf "autoscaling.max = %d copies, and one more during an upgrade, hold up to %d connections; the database has %d for them (database.maxConnections - database.reserved)" (int .Values.autoscaling.max) $most $room) -}}
{{- end -}}
{{- end }}

{{- define "sayso.labels" -}}
app.kubernetes.io/name: sayso
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* What the Service, the budget and the policy find the copies by; jobs have another component. */}}
{{- define "sayso.selector" -}}
app.kubernetes.io/name: sayso
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end }}

{{- define "sayso.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* What every pod has. */}}
{{- define "sayso.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What every container has. */}}
{{- define "sayso.container" -}}
image: {{ include "sayso.image" . }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* A pod that runs one command as the owner of the tables: (list . COMMAND). */}}
{{- define "sayso.ownersPod" -}}
{{- $command := index . 1 -}}
{{- with index . 0 -}}
metadata:
  labels:
    {{- include "sayso.labels" . | nindent 4 }}
    app.kubernetes.io/component: {{ $command }}
spec:
  {{- include "sayso.pod" . | nindent 2 }}
  restartPolicy: Never
  containers:
    - name: {{ $command }}
      {{- include "sayso.container" . | nindent 6 }}
      args: [{{ $command }}]
      env:
        - { name: DATABASE_URL_FILE, value: /run/secrets/sayso/{{ .Values.secret.ownerDatabaseUrl }} }
        {{- if .Values.backup.enabled }}
        - { name: BACKUP_DIR, value: /backups }
        - { name: BACKUP_KEEP, value: {{ .Values.backup.keepDays | quote }} }
        {{- with .Values.backup.encryptionKey }}
        - { name: BACKUP_KEY_FILE, value: /run/secrets/sayso/{{ . }} }
        {{- end }}
        {{- end }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        - { name: secrets, mountPath: /run/secrets/sayso, readOnly: true }
        {{- if .Values.backup.enabled }}
        - { name: backups, mountPath: /backups }
        {{- end }}
  volumes:
    - name: secrets
      secret:
        secretName: {{ .Values.secret.name }}
        defaultMode: 0440
        items:
          - { key: {{ .Values.secret.ownerDatabaseUrl }}, path: {{ .Values.secret.ownerDatabaseUrl }} }
          {{- if and .Values.backup.enabled .Values.backup.encryptionKey }}
          - { key: {{ .Values.backup.encryptionKey }}, path: {{ .Values.backup.encryptionKey }} }
          {{- end }}
    {{- if .Values.backup.enabled }}
    - name: backups
      persistentVolumeClaim: { claimName: {{ .Values.backup.claim }} }
    {{- end }}
{{- end -}}
{{- end }}

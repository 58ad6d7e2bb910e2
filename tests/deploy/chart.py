"""The Helm chart: what Helm and Kubernetes' own schemas say of it, and that it says what has to hold."""

import re
import tempfile
from pathlib import Path

import yaml

from common import ROOT, assert_command, assert_settings, check, run

CHART = ROOT / "deploy/helm/sayso"
EXAMPLE = ROOT / "deploy/helm/values.example.yaml"
# Parts that are off without a word.
EVERYTHING = ["serviceMonitor.enabled=true", "serviceMonitor.labels.release=prometheus", "backup.encryptionKey=backup-key",
              "networkPolicy.databaseCidr=10.9.0.0/24", "image.pullSecrets[0].name=registry", "nodeSelector.disk=ssd",
              "tolerations[0].operator=Exists", "secret.settings.OPENAI_API_KEY=openai"]


def constant(file, pattern):
    """A number of the program."""
    return int(re.search(pattern, (ROOT / "crates" / file).read_text())[1])


def drain():
    """How many seconds a stop takes at most."""
    return constant("server/src/lib.rs", r"DRAIN_TIMEOUT: Duration = Duration::from_secs\((\d+)\)")


def template(*settings, fails=False):
    flags = [flag for setting in settings for flag in ("--set", setting)]
    return run("helm", "template", "todo", CHART, "--values", EXAMPLE, "--kube-version", "1.30.0", *flags, fails=fails)


def pods(documents):
    for document in documents:
        spec = document["spec"]
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            yield document, spec["template"]["spec"]


@check("deploy/helm/values.example.yaml", "deploy/helm/sayso/*.yaml", "deploy/helm/sayso/values.schema.json",
       "deploy/helm/sayso/templates/*")
def chart():
    run("check-jsonschema", "--check-metaschema", CHART / "values.schema.json")
    run("helm", "lint", "--strict", CHART, "--values", EXAMPLE)
    rendered = template(*EVERYTHING)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rendered.yaml"
        file.write_text(rendered)
        for version in ["1.30", "1.37"]:
            said = run("kubernetes-validate", "--strict", "--kubernetes-version", version, file)
            unknown = [line for line in said.splitlines() if "Couldn't find schema" in line]
            # It belongs to the Prometheus operator, whose schema is not among them.
            assert len(unknown) == 1 and "ServiceMonitor" in unknown[0], said
    documents = [document for document in yaml.safe_load_all(rendered) if document]
    templates = {file.name for file in (CHART / "templates").iterdir()} - {"_helpers.tpl", "NOTES.txt"}
    assert set(re.findall(r"^# Source: sayso/templates/(.*)$", rendered, re.M)) == templates
    assert "Sayso answers at https://todo.example.com" in run(
        "helm", "install", "todo", CHART, "--values", EXAMPLE, "--dry-run=client"
    )
    holds(documents)
    # A chart without the parts that can be left out is whole as well.
    few = template("backup.enabled=false", "networkPolicy.enabled=false")
    assert not re.search("NetworkPolicy|CronJob|ServiceMonitor", few)


def holds(documents):
    """What deploying without a gap takes."""
    by_kind = {document["kind"]: document for document in documents}
    deployment = by_kind["Deployment"]["spec"]
    assert "replicas" not in deployment, "how many there are is for the autoscaler to say"
    rolling = deployment["strategy"]["rollingUpdate"]
    assert (rolling["maxUnavailable"], rolling["maxSurge"]) == (0, 1)
    pod = deployment["template"]["spec"]
    (container,) = pod["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
    before = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] >= before + drain() + 5
    assert {spread["topologyKey"] for spread in pod["topologySpreadConstraints"]} >= {"kubernetes.io/hostname"}
    assert re.search(r"@sha256:[0-9a-f]{64}$", container["image"])
    assert by_kind["Service"]["spec"]["sessionAffinity"] == "None"

    labels = deployment["template"]["metadata"]["labels"]
    for kind in ["PodDisruptionBudget", "NetworkPolicy"]:
        spec = by_kind[kind]["spec"]
        chosen = (spec.get("selector") or spec["podSelector"])["matchLabels"]
        assert chosen.items() <= labels.items(), f"{kind} finds no copy"
    selector = by_kind["Service"]["spec"]["selector"]
    assert selector.items() <= labels.items()
    for document, other in pods(documents):
        if document["kind"] != "Deployment":
            spec = document["spec"]
            spec = spec.get("jobTemplate", {}).get("spec", spec)
            assert not selector.items() <= spec["template"]["metadata"]["labels"].items(), "a job is asked as a copy"

    scaler = by_kind["HorizontalPodAutoscaler"]["spec"]
    assert scaler["minReplicas"] >= 2
    assert 50 <= scaler["metrics"][0]["resource"]["target"]["averageUtilization"] <= 80
    assert scaler["behavior"]["scaleDown"]["stabilizationWindowSeconds"] >= 300
    assert scaler["scaleTargetRef"]["name"] == by_kind["Deployment"]["metadata"]["name"]

    ingress = by_kind["Ingress"]
    annotations = ingress["metadata"]["annotations"]
    assert annotations["nginx.ingress.kubernetes.io/proxy-buffering"] == "off"
    assert "cert-manager.io/cluster-issuer" in annotations
    assert ingress["spec"]["tls"][0]["hosts"] == [ingress["spec"]["rules"][0]["host"]]

    owner = "/run/secrets/sayso/owner-database-url"
    for document, pod in pods(documents):
        name = document["metadata"]["name"]
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["seccompProfile"], name
        (container,) = pod["containers"]
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"], name
        assert security["capabilities"] == {"drop": ["ALL"]}, name
        assert container["resources"]["limits"]["memory"] and container["resources"]["requests"]["cpu"], name
        variables = {variable["name"]: variable["value"] for variable in container["env"]}
        assert_settings(variables, name)
        assert_command(container.get("args", ["serve"]), name)
        assert (variables["DATABASE_URL_FILE"] == owner) == (document["kind"] != "Deployment"), name
        mounted = {item["path"] for volume in pod["volumes"] for item in volume.get("secret", {}).get("items", [])}
        for value in variables.values():
            if value.startswith("/run/secrets/"):
                assert Path(value).name in mounted, f"{name}: {value} is not mounted"


@check()
def chart_refuses():
    """What cannot be meant is refused with a sentence, before anything is installed."""
    for setting, words in [
        ("autoscaling.max=8", "hold up to 99 connections; the database has 90 for them"),
        ("autoscaling.min=1", "/autoscaling/min"),
        ("autoscaling.max=2,autoscaling.min=3", "autoscaling.max is below autoscaling.min"),
        ("autoscaling.cpuPercent=95", "/autoscaling/cpuPercent"),
        ("autoscaling.scaleDownSeconds=60", "/autoscaling/scaleDownSeconds"),
        ("terminationGracePeriodSeconds=19", "has to be at least preStopSeconds + 10 s of stopping + 5 s"),
        ("trustedProxies=null", "trustedProxies"),
        ("host=https://todo.example.com", "/host"),
        ("settings.OPENAI_API_KEY=sk-1", "invalid propertyName 'OPENAI_API_KEY'"),
        ("replicas=3", "replicas"),
        ("backup.keepDays=3", "/backup/keepDays"),
        ("image.digest=latest", "/image/digest"),
    ]:
        said = template(setting, fails=True)
        assert words in said, f"{setting}: {said}"
    # What the chart reckons with is what the program does.
    helpers = (CHART / "templates/_helpers.tpl").read_text()
    pool = constant("store/src/db/postgres.rs", r"POOL_SIZE: usize = (\d+)")
    assert int(re.search(r"\$connections := (\d+)", helpers)[1]) == pool + 1
    assert int(re.search(r"\$drain := (\d+)", helpers)[1]) == drain()

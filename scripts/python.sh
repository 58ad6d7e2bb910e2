# Makes the virtual environment of the tests with the official Python client, once: Python from Debian's packages when there
# is none.
. scripts/needed.sh

python_is_there() { python3 -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; }
needed python_is_there "Python 3.10 or newer with its venv module is needed" python3-venv

if ! cmp -s tests/mcp/requirements.txt tests/mcp/venv/.installed; then
  python3 -m venv --clear tests/mcp/venv
  tests/mcp/venv/bin/pip install --quiet --disable-pip-version-check --requirement tests/mcp/requirements.txt
  cp tests/mcp/requirements.txt tests/mcp/venv/.installed
fi

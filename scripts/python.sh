# Makes the virtual environments of the tests with official clients in Python, once: Python from Debian's packages when there
# is none, and what each folder requires.
. scripts/needed.sh

python_is_there() { python3 -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; }
needed python_is_there "Python 3.10 or newer with its venv module is needed" python3-venv

for folder_of_packages in tests/chatkit tests/mcp; do
  required=$folder_of_packages/requirements.txt venv=$folder_of_packages/venv
  if ! cmp -s "$required" "$venv/.installed"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$required"
    cp "$required" "$venv/.installed"
  fi
done

# Installs the browser of the tests of what is seen, once, from Debian's packages when there is none.
. scripts/needed.sh

chromium_is_there() { command -v chromium >/dev/null; }
needed chromium_is_there "chromium is needed" chromium

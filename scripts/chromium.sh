# Installs the browser of the tests of what is seen, once, from Debian's packages when there is none.
if ! command -v chromium >/dev/null; then
  command -v apt-get >/dev/null || { echo "test: chromium is needed on the PATH" >&2; exit 1; }
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi

# Installs what the tests with the official Better Auth client need, once: Node from Debian's packages when there is none,
# and the npm packages of tests/better-auth.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  command -v apt-get >/dev/null || { echo "test: Node 20 or newer and npm are needed on the PATH" >&2; exit 1; }
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
fi
if ! cmp -s tests/better-auth/package-lock.json tests/better-auth/node_modules/.installed; then
  npm ci --prefix tests/better-auth --no-audit --no-fund --loglevel=error
  cp tests/better-auth/package-lock.json tests/better-auth/node_modules/.installed
fi

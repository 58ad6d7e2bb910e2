# Installs what the tests with other people's programs in JavaScript need, once: Node from Debian's packages when there is
# none, and the npm packages of each folder.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  command -v apt-get >/dev/null || { echo "test: Node 20 or newer and npm are needed on the PATH" >&2; exit 1; }
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
fi
for folder_of_packages in tests/better-auth tests/mcp tests/widget; do
  lock=$folder_of_packages/package-lock.json installed=$folder_of_packages/node_modules/.installed
  if ! cmp -s "$lock" "$installed"; then
    npm ci --prefix "$folder_of_packages" --no-audit --no-fund --loglevel=error
    cp "$lock" "$installed"
  fi
done

# Installs what the tests with other people's programs in JavaScript need, once: Node from Debian's packages when there is
# none, and the npm packages of each folder.
. scripts/needed.sh

node_is_there() { command -v node >/dev/null && command -v npm >/dev/null; }
needed node_is_there "Node 20 or newer and npm are needed" nodejs npm

for folder_of_packages in tests/better-auth tests/chatkit tests/deploy tests/mcp tests/page tests/widget; do
  lock=$folder_of_packages/package-lock.json installed=$folder_of_packages/node_modules/.installed
  if ! cmp -s "$lock" "$installed"; then
    npm ci --prefix "$folder_of_packages" --no-audit --no-fund --loglevel=error
    cp "$lock" "$installed"
  fi
done

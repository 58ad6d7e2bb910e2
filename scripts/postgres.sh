# Starts a private, throw-away Postgres cluster on a free port of loopback and names it in TEST_POSTGRES; it goes when the
# script that sources this ends. One that is there already is never touched. Its programs are installed from Debian's
# packages when there are none.
. scripts/needed.sh

# Finds the folder of the newest.
postgres_is_there() {
  programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$programs" ] || programs=$(dirname "$(command -v initdb 2>/dev/null || echo /none/initdb)")
  [ -x "$programs/initdb" ] && [ -x "$programs/postgres" ]
}
needed postgres_is_there "Postgres is needed, with initdb" postgresql

folder=$(mktemp -d)
chmod 755 "$folder"
# Postgres refuses to run as root.
unprivileged=()
if [ "$(id -u)" = 0 ]; then
  chown nobody "$folder"
  unprivileged=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
fi
run() { (cd "$folder" && HOME="$folder" "${unprivileged[@]}" "$@"); }

stop() {
  run "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop EXIT

run "$programs/initdb" -D "$folder/data" -U postgres --auth=trust --encoding=UTF8 --no-sync >"$folder/initdb.log"
port=
for candidate in $(shuf -i 20000-32000 -n 20); do
  if ! (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null; then port=$candidate; break; fi
done
# Tests kill programs that use the database, never the machine, so for them the cluster need not reach the disk.
run "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/postgres.log" \
  -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=${POSTGRES_FSYNC:-off} -c max_connections=200" start >/dev/null
export TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"

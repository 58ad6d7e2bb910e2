#!/usr/bin/env bash
# Makes the roles of deploy/postgres/roles.sh on a throw-away Postgres and uses them. SAYSO names the program.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/postgres.sh
home=$(mktemp -d)
trap 'stop; rm -rf "$home"' EXIT
# A password may have anything in it.
printf %s "it's \"odd\" \$HOME \\n" >"$home/owner"
printf %s "plain" >"$home/sayso"

place=${TEST_POSTGRES##*@} place=${place%/*}
PGHOST=${place%:*} PGPORT=${place#*:} PGUSER=postgres OWNER_PASSWORD_FILE=$home/owner SAYSO_PASSWORD_FILE=$home/sayso \
  deploy/postgres/roles.sh

# From here on nobody is believed without a password.
sed -i 's/\btrust$/scram-sha-256/' "$folder/data/pg_hba.conf"
run "$programs/pg_ctl" -D "$folder/data" reload >/dev/null
encoded() { python3 -c 'import sys, urllib.parse; print(urllib.parse.quote(open(sys.argv[1]).read(), safe=""))' "$1"; }
owner="postgres://sayso_owner:$(encoded "$home/owner")@$place/sayso"
server="postgres://sayso:$(encoded "$home/sayso")@$place/sayso"
as() { DATABASE_URL=$1 HOME=$home "$SAYSO" "${@:2}"; }
same() { [ "$1" = "$2" ] || { echo "expected '$2', not '$1'" >&2; exit 1; }; }

! as "$server" list 2>/dev/null || { echo "who serves made the tables" >&2; exit 1; }
as "$owner" migrate
same "$(as "$server" add buy milk)" "Added “Buy milk”."
same "$(as "$server" undo)" "Taken back: “Buy milk” is gone."
as "$server" add buy bread
same "$(as "$server" audit verify 2>&1)" "Every journal verifies: users 1, entries 3."

count="SELECT COUNT(*) FROM tasks"
# Without a word for whom, the role that serves sees nothing; a backup sees everything.
same "$(psql -qAt "$server" -c "$count")" 0
same "$(psql -qAt "$owner" -c "$count")" 1
! psql -q "$server" -c "CREATE TABLE more (id INT)" 2>/dev/null || { echo "who serves changed the schema" >&2; exit 1; }
! psql -q "$server" -c "ALTER TABLE tasks DISABLE ROW LEVEL SECURITY" 2>/dev/null || { echo "and the policies" >&2; exit 1; }
! psql -q "postgres://sayso:wrong@$place/sayso" -c "$count" 2>/dev/null || { echo "any password does" >&2; exit 1; }

#!/bin/sh
# Makes the two roles and the database, once, as the superuser that `psql` connects as by itself (PGHOST, PGUSER and so on):
#
# - sayso_owner owns everything, changes the schema (`sayso migrate`), makes backups and restores them. Row security would bind
#   it, too, and a backup reads whole tables: therefore BYPASSRLS.
# - sayso serves. It owns nothing and can change no schema, so row security binds it.
#
# OWNER_PASSWORD_FILE and SAYSO_PASSWORD_FILE name files with their passwords, DATABASE the database (sayso without it).
set -eu
: "${OWNER_PASSWORD_FILE:?}" "${SAYSO_PASSWORD_FILE:?}"

# The passwords are read by psql itself: what is an argument can be seen by everybody on the machine.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set database="${DATABASE:-sayso}" --dbname postgres <<'SQL'
\set owner_password `cat "$OWNER_PASSWORD_FILE"`
\set sayso_password `cat "$SAYSO_PASSWORD_FILE"`
CREATE ROLE sayso_owner LOGIN BYPASSRLS PASSWORD :'owner_password';
CREATE ROLE sayso LOGIN PASSWORD :'sayso_password';
CREATE DATABASE :"database" OWNER sayso_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO sayso;
\connect :"database"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO sayso_owner;
GRANT USAGE ON SCHEMA public TO sayso;
-- For what is there and for what later versions add.
ALTER DEFAULT PRIVILEGES FOR ROLE sayso_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sayso;
ALTER DEFAULT PRIVILEGES FOR ROLE sayso_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO sayso;
SQL

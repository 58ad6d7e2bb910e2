#!/bin/sh
# Makes every secret that compose.yaml names, as files in the folder `secrets` beside it, once: run it as root, before the
# first start. What is there stays as it is.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
cd secrets

random() { openssl rand -hex 32; }
# kept NAME: writes its input to NAME unless there is one. The program (65532) may read it, and Postgres (group 999); Compose
# shows files in containers with the owner and the mode that they have here.
kept() {
  [ ! -e "$1" ] || { cat >/dev/null && return; }
  cat >"$1.new"
  chown 65532:999 "$1.new"
  chmod 0440 "$1.new"
  mv "$1.new" "$1"
}

random | kept postgres_password
random | kept owner_password
random | kept sayso_password
openssl rand -base64 32 | kept auth_secret
# Without this nobody can read the backups: keep a copy of it elsewhere.
openssl rand -base64 32 | kept backup_key
printf 'postgres://sayso_owner:%s@database/sayso' "$(cat owner_password)" | kept owner_url
printf 'postgres://sayso:%s@database/sayso' "$(cat sayso_password)" | kept database_url

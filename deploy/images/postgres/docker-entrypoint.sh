#!/bin/bash
# Makes the cluster at the first start and runs what lies in /docker-entrypoint-initdb.d (*.sh, *.sql, *.sql.gz), on a
# server that listens on its socket only; then, and at every later start, becomes the server.
# Understands POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB (each also as _FILE), POSTGRES_INITDB_ARGS,
# POSTGRES_HOST_AUTH_METHOD and PGDATA.
set -Eeo pipefail

from_file() {
  local file=${1}_FILE
  [ -z "${!file:-}" ] || export "$1=$(<"${!file}")"
}

make_cluster() {
  for name in POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB; do from_file "$name"; done
  : "${POSTGRES_USER:=postgres}" "${POSTGRES_DB:=$POSTGRES_USER}" "${POSTGRES_HOST_AUTH_METHOD:=scram-sha-256}"
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    echo >&2 'POSTGRES_PASSWORD is required'
    exit 1
  fi
  export POSTGRES_USER POSTGRES_DB
  # shellcheck disable=SC2086  # several arguments
  initdb -D "$PGDATA" --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") $POSTGRES_INITDB_ARGS
  printf '\nhost all all all %s\n' "$POSTGRES_HOST_AUTH_METHOD" >>"$PGDATA/pg_hba.conf"
  export PGUSER=$POSTGRES_USER PGPASSWORD=$POSTGRES_PASSWORD
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
  [ "$POSTGRES_DB" = postgres ] ||
    printf 'CREATE DATABASE :"db";\n' | psql -v ON_ERROR_STOP=1 -X -d postgres --set db="$POSTGRES_DB"
  local run=(psql -v ON_ERROR_STOP=1 -X -d "$POSTGRES_DB")
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) "${run[@]}" -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | "${run[@]}" ;;
    esac
  done
  unset PGUSER PGPASSWORD
  pg_ctl -D "$PGDATA" -m fast -w stop
}

[ "${1:0:1}" != - ] || set -- postgres "$@"
[ "$1" = postgres ] || exec "$@"
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres {} +
  chmod 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "${BASH_SOURCE[0]}" "$@"
fi
[ -s "$PGDATA/PG_VERSION" ] || make_cluster
exec "$@"

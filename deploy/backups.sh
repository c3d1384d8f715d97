# What deploy/backup.sh and deploy/restore.sh share; sourced with the province. Sets root, province, folder, backups,
# servers, keepers.
# shellcheck shell=bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
province=$1
HEALTHY_WITHIN=${HEALTHY_WITHIN:-600}

refuse() {
  echo "$*" >&2
  exit 1
}

folder=$province
[ -d "$folder" ] || folder=$root/deploy/$province
[ -f "$folder/compose.env" ] || refuse "$folder/compose.env is missing: run make province first"
folder=$(cd "$folder" && pwd)
cd "$root" || exit

setting() { # the last line counts, as for docker-compose
  sed -n "s/^$1=//p" "$folder/compose.env" | tail -n 1
}

backups=${BACKUPS_DIR:-$(setting BACKUPS_DIR)}
backups=${backups:-$folder/backups}
export BACKUPS_DIR=$backups

is_name() { # nothing that leads out of the folder, or that a draft is called
  [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]]
}

compose() {
  deploy/compose "$folder" "$@"
}

operations() { # `python -m commands …` with all databases at hand
  compose run --rm --no-deps -T operations "$@" </dev/null
}

project=${COMPOSE_PROJECT_NAME:-$(setting COMPOSE_PROJECT_NAME)}
services=$(compose config --services) || exit
servers=$(grep -E '^postgres(-|$)' <<<"$services")
keepers=$(sed -n 's/^migrate-//p' <<<"$services") # the services with a database

labelled() { # what Docker keeps under a label of the project
  echo "--filter=label=com.docker.compose.project=$project --filter=label=com.docker.compose.$1"
}

containers() { # of one service, without those of single commands
  # shellcheck disable=SC2046  # several words
  docker ps -aq $(labelled "service=$1") --filter=label=com.docker.compose.oneoff=False
}

is_healthy() { # each container of a service, and there is one
  local found
  found=$(containers "$1") || return 1
  [ -n "$found" ] || return 1
  # shellcheck disable=SC2086  # identifiers, one a word
  ! docker inspect -f '{{.State.Status}} {{.State.Health.Status}}' $found | grep -qvx 'running healthy'
}

wait_healthy() {
  local service until=$((SECONDS + HEALTHY_WITHIN))
  for service in "$@"; do
    until is_healthy "$service"; do
      [ "$SECONDS" -lt "$until" ] || refuse "$service is not healthy: see deploy/compose $province logs $service"
      sleep 1
    done
  done
}

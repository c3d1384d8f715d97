#!/bin/bash
# usage: [REPLACE=1] [START=no] deploy/restore.sh 43 NAME [SERVICE] — restores deploy/43/backups/NAME, whole or the
# database and files of one service. Without REPLACE=1 the databases have to be empty, as those of a new project are. With
# START=no what was stopped for it stays so, for whoever wants to look first: make province-up starts it.
set -euo pipefail
# shellcheck source=deploy/backups.sh
. "$(dirname "$0")/backups.sh" "$1"
name=${2:-} service=${3:-}
options=()
[ "${REPLACE:-}" != 1 ] || options+=(--replace)
[ -z "$service" ] || options+=(--service "$service")

broker_of_its_own() { # a new, empty one: what waits in the old one may be newer than the backup
  compose rm -sf rabbitmq
  # shellcheck disable=SC2046  # several words
  docker volume ls -q $(labelled volume=broker) | xargs -r docker volume rm >/dev/null
}

start() { # as many containers of each as there were, and no other than there were
  compose up -d --no-recreate "$@"
}

is_name "$name" || refuse "say which backup: FROM=NAME; there are: $(ls "$backups" 2>/dev/null | tr '\n' ' ')"
[ -f "$backups/$name/manifest.json" ] || refuse "$backups/$name is no whole backup"
stopped=(gateway)
mapfile -t known <<<"$keepers"
if [ -n "$service" ]; then
  [[ " ${known[*]} " == *" $service "* ]] || refuse "$service has no database; these have: ${known[*]}"
  stopped=("$service")
else
  stopped+=("${known[@]}")
fi
# A backup that was brought here belongs to whoever brought it; the container is in the group of the province's folder.
if [ -O "$backups/$name" ]; then
  chgrp -R "$(stat -c %g "$folder")" "$backups/$name"
  chmod -R g+rX "$backups/$name"
fi
deploy/image.sh "$folder"
# shellcheck disable=SC2086  # names, one a word
start --no-deps $servers
# shellcheck disable=SC2086
wait_healthy $servers
operations backup check "/srv/yizhu/backups/$name" "${options[@]}"

scale=()
for each in "${stopped[@]}"; do
  count=$(containers "$each" | wc -l)
  [ "$count" -lt 2 ] || scale+=(--scale "$each=$count")
done
trap 'echo "The restore did not come to its end; stopped: ${stopped[*]}. Repeat it with REPLACE=1" >&2' EXIT
compose stop "${stopped[@]}"
[ -n "$service" ] || broker_of_its_own
start --no-deps rabbitmq
wait_healthy rabbitmq
compose run --rm --no-deps -T declare </dev/null
told=$(operations backup restore "/srv/yizhu/backups/$name" "${options[@]}" | tee >(cat >&2))
trap - EXIT
if [ "${START:-}" != no ]; then
  if [ -n "$service" ]; then start --no-deps "${scale[@]}" "$service"; else start "${scale[@]}"; fi
  wait_healthy "${stopped[@]}"
  echo "runs again: ${stopped[*]}"
fi
command="deploy/compose $province run --rm operations backup"
if grep -q 'messages wait in' <<<"$told"; then
  echo "to do: when these messages are read, stop $service, run $command compare $service --close, and start it again"
fi
if grep -qE '^[a-z_]+: .* closed$' <<<"$told"; then
  echo "to do: $command compare SERVICE lists what is closed; look into each record, and"
  echo "       $command settle SERVICE RECORD --as resumed|abandoned --reason WHY"
fi

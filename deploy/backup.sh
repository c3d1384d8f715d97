#!/bin/bash
# usage: deploy/backup.sh 43 [NAME] — backs a running province up into deploy/43/backups/NAME, by default the time in UTC.
# Whoever owns deploy/43 can read, copy and remove it: it belongs to that folder's group.
set -euo pipefail
# shellcheck source=deploy/backups.sh
. "$(dirname "$0")/backups.sh" "$1"
name=${2:-$(date -u +%Y%m%dT%H%M%SZ)}

is_name "$name" || refuse "$name can't be the name of a backup: letters, digits, and . _ - within"
[ ! -e "$backups/$name" ] || refuse "$backups/$name exists"
for server in $servers; do
  is_healthy "$server" || refuse "$server doesn't run; start it with: deploy/compose $province up -d $server"
done
[ -d "$backups" ] || mkdir -m 0770 "$backups" || refuse "$backups can't be made"
if [ -O "$backups" ]; then
  chgrp "$(stat -c %g "$folder")" "$backups"
  chmod g+rwx "$backups"
fi
operations backup write --for-group "/srv/yizhu/backups/$name"
echo "$backups/$name ($(du -sh "$backups/$name" | cut -f1)). Keys, passwords and settings are not in it: keep a copy of" \
  "$folder apart"

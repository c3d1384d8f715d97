#!/bin/bash
# usage: ensure.sh FOLDER — starts a Docker daemon only where none answers, and notes in FOLDER that it was us.
# A second daemon beside a running one would take its network away.
set -euo pipefail
state=$1
mkdir -p "$state"
exec 9>"$state/lock"
flock 9
docker info >/dev/null 2>&1 && exit 0
# The lock is closed for the daemon, or it would hold it for ever.
setsid -f dockerd --pidfile "$state/docker.pid" \
  </dev/null >"$state/dockerd.log" 2>&1 9>&-
for _ in $(seq 150); do
  if docker info >/dev/null 2>&1; then
    cp "$state/docker.pid" "$state/started-by-us"
    exit 0
  fi
  sleep 0.2
done
echo "dockerd did not start:" >&2
tail -20 "$state/dockerd.log" >&2
exit 1

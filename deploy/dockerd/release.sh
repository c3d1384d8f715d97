#!/bin/bash
# usage: release.sh FOLDER — stops the Docker daemon that ensure.sh started with the same FOLDER, and no other.
set -euo pipefail
state=$1
[ -s "$state/started-by-us" ] || exit 0
pid=$(cat "$state/started-by-us")
if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ]; then
  kill -TERM "$pid"
  for _ in $(seq 150); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.2
  done
  if kill -0 "$pid" 2>/dev/null; then
    echo "dockerd $pid did not stop" >&2
    exit 1
  fi
fi
rm -f "$state/started-by-us"

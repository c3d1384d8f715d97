#!/bin/sh
# Started as root, the server takes its folder over and goes on as its own user; started as that user, it just runs.
set -eu
case "$1" in
  rabbitmq*)
    if [ "$(id -u)" = 0 ]; then
      [ "$1" != rabbitmq-server ] || find /var/lib/rabbitmq ! -user rabbitmq -exec chown rabbitmq: {} +
      exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups "$0" "$@"
    fi ;;
esac
exec "$@"

#!/bin/bash
# Builds local stand-ins for the official python, rabbitmq, postgres, haproxy and prometheus images, from Debian packages
# alone. They honour what the compose files use of the official ones: names of programs, environment, volumes, users.
# Prints the settings that make docker-compose use them.
set -euo pipefail
cd "$(dirname "$0")"
# The classic builder is the one that every Docker has; a client that comes with another may lack its parts.
unset DOCKER_BUILDKIT
# The tag follows the recipe, so a changed recipe is built anew and an unchanged one is not.
base=yizhu-base/debian:$(sha256sum base.sh | cut -c1-12)
./base.sh "$base"
running=()
for image in python rabbitmq postgres haproxy prometheus; do
  docker build -q --build-arg BASE="$base" -t "yizhu-base/$image:local" "$image" >/dev/null &
  running+=($!)
done
for one in "${running[@]}"; do wait "$one"; done
echo PYTHON_IMAGE=yizhu-base/python:local
echo RABBITMQ_IMAGE=yizhu-base/rabbitmq:local
echo POSTGRES_IMAGE=yizhu-base/postgres:local
echo HAPROXY_IMAGE=yizhu-base/haproxy:local
echo PROMETHEUS_IMAGE=yizhu-base/prometheus:local

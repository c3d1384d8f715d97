#!/bin/bash
# usage: deploy/image.sh 43 [IMAGE] — builds the services' image, where the one is missing that a province's compose.env
# names, or IMAGE.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$1
[ -d "$folder" ] || folder=$root/deploy/$folder
set -a
# shellcheck disable=SC1091  # plain settings
. "$folder/compose.env"
set +a
image=${2:-${YIZHU_IMAGE:-yizhu:local}}
docker image inspect "$image" >/dev/null 2>&1 && exit 0
# The classic builder is the one that every Docker has.
unset DOCKER_BUILDKIT
docker build -q --build-arg "PYTHON_IMAGE=${PYTHON_IMAGE:-python:3.11-slim-bookworm}" -t "$image" "$root"

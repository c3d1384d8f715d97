#!/bin/bash
# usage: deploy/offline.sh bundle|load [FILE] — carries a deployment to a machine without a network.
# The file holds the images (services, broker, database, Python to build on; proxy and Prometheus where they are there)
# and the wheels of requirements.lock, from which the closed machine installs the commands themselves. Images are those
# that the environment names, else compose.env of the province P where it is written already.
set -euo pipefail
cd "$(dirname "$0")/.."
file=${2:-yizhu-offline-$(uname -m).tar}
wheels=deploy/wheels

bundle() {
  local settings=deploy/${P:-}/compose.env line name
  if [ -n "${P:-}" ] && [ -f "$settings" ]; then
    while read -r line; do
      name=${line%%=*}
      [ -n "${!name:-}" ] || declare -gx "$line"
    done < <(grep -E '^[A-Z]+_IMAGE=.' "$settings")
  fi
  : "${YIZHU_IMAGE:=yizhu:local}" "${PYTHON_IMAGE:=python:3.11-slim-bookworm}"
  : "${RABBITMQ_IMAGE:=rabbitmq:3.13}" "${POSTGRES_IMAGE:=postgres:15}"
  : "${HAPROXY_IMAGE:=haproxy:2.8}" "${PROMETHEUS_IMAGE:=prom/prometheus:v2.53.0}"
  unset DOCKER_BUILDKIT
  docker image inspect "$YIZHU_IMAGE" >/dev/null 2>&1 ||
    docker build -q --build-arg "PYTHON_IMAGE=$PYTHON_IMAGE" -t "$YIZHU_IMAGE" .
  mkdir -p "$wheels"
  .venv/bin/python -m pip download --quiet --disable-pip-version-check --require-hashes -r requirements.lock -d "$wheels"
  local work
  work=$(mktemp -d)
  # shellcheck disable=SC2064  # the folder of now
  trap "rm -rf '$work'" EXIT
  local images=()
  for name in YIZHU_IMAGE PYTHON_IMAGE RABBITMQ_IMAGE POSTGRES_IMAGE HAPROXY_IMAGE PROMETHEUS_IMAGE; do
    if ! docker image inspect "${!name}" >/dev/null 2>&1; then
      case $name in
        HAPROXY_IMAGE | PROMETHEUS_IMAGE) echo "without $name: ${!name} is not here" >&2; continue ;;
        *) docker pull -q "${!name}" >/dev/null ;;
      esac
    fi
    images+=("${!name}")
    echo "$name=${!name}" >>"$work/images.env"
  done
  docker save -o "$work/images.tar" "${images[@]}"
  tar -cf "$file" -C "$work" images.env images.tar -C "$PWD/deploy" wheels
  echo "$file: $(du -h "$file" | cut -f1). On the closed machine: make offline-load, in this same version of the source"
}

load() {
  tar -xf "$file" -C deploy wheels
  tar -xOf "$file" images.tar | docker load
  # The wheels are those of the lock file, hash by hash, so nothing else can come in this way.
  [ -x .venv/bin/python ] || "${PYTHON:-python3}" -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-index --find-links "$wheels" \
    --require-hashes -r requirements.lock
  touch .venv/.run
  echo "Put these lines into compose.env of the province:"
  tar -xOf "$file" images.env
}

case "${1:-}" in
  bundle) bundle ;;
  load) load ;;
  *) echo "usage: deploy/offline.sh bundle|load [FILE]" >&2; exit 2 ;;
esac

#!/bin/bash
# The health check of the proxy: a request goes through it to a gateway and comes back.
set -eu
exec 3<>/dev/tcp/127.0.0.1/8000
printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3
head -n 1 <&3 | grep -q ' 200 '

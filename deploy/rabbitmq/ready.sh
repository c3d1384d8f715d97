#!/bin/bash
# The health check of the broker: it greets a client as AMQP wants. rabbitmq-diagnostics would start an Erlang machine
# each time, and, asked too early as root, would take the node's cookie from it.
set -eu
exec 3<>/dev/tcp/127.0.0.1/5672
printf 'AMQP\0\0\011\001' >&3
# The first byte of Connection.Start says that a method follows.
[ "$(head -c 1 <&3 | od -An -tx1 | tr -d ' ')" = 01 ]

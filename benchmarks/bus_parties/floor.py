"""The floor: bare py-amqp, direct reply-to, one blocking loop a side; no acknowledgement, deadline or decoding."""

from __future__ import annotations

import sys
import time
from typing import Any

import amqp

from . import TEXT

QUEUE = "bench-floor"
DIRECT = "amq.rabbitmq.reply-to"
BODY = b'{"args": [], "kwargs": {"command": {"text": "%s"}}}' % TEXT.encode()


def connect(uri: str) -> Any:
    host = uri.split("@", 1)[1].rstrip("/")
    connection = amqp.Connection(host, heartbeat=0)
    connection.connect()
    return connection


def serve(uri: str) -> None:
    connection = connect(uri)
    channel = connection.channel()
    channel.queue_declare(QUEUE, auto_delete=True)
    waiting: list[Any] = []
    channel.basic_consume(QUEUE, no_ack=True, callback=waiting.append)
    print("ready", flush=True)
    while True:
        connection.drain_events()
        while waiting:
            request = waiting.pop()
            reply = amqp.Message(request.body, correlation_id=request.properties["correlation_id"], delivery_mode=1)
            channel.basic_publish(reply, exchange="", routing_key=request.properties["reply_to"])


def call(uri: str) -> None:
    connection = connect(uri)
    channel = connection.channel()
    answered: list[Any] = []
    channel.basic_consume(DIRECT, no_ack=True, callback=answered.append)
    print("ready", flush=True)
    for line in sys.stdin:
        callers, seconds = line.split()
        end = time.monotonic() + float(seconds)
        calls = 0

        def request(number: int) -> None:
            message = amqp.Message(BODY, correlation_id=str(number), reply_to=DIRECT, delivery_mode=1)
            channel.basic_publish(message, exchange="", routing_key=QUEUE)

        for number in range(int(callers)):
            request(number)
        under_way = int(callers)
        while under_way:
            connection.drain_events()
            while answered:
                number = int(answered.pop().properties["correlation_id"])
                calls += 1
                if time.monotonic() < end:
                    request(number)
                else:
                    under_way -= 1
        print(calls, flush=True)


if __name__ == "__main__":
    {"serve": serve, "call": call}[sys.argv[1]](sys.argv[2])

"""Calls a service over RabbitMQ with plain kombu, as any program with a broker login could."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kombu import Connection, Exchange, Producer, Queue

from shared.platform.contract import RpcMethod

RPC_EXCHANGE = Exchange("nameko-rpc", type="topic", durable=True)


@dataclass(frozen=True)
class Answer:
    """What came back: the result, or kind, code and facts of the refusal."""

    result: Any
    kind: str | None
    code: str | None
    facts: dict[str, Any] = field(default_factory=dict)


class RpcClient:
    """One connection with a reply queue of its own."""

    def __init__(self, connection: Connection) -> None:
        self._channel = connection.channel()
        self._connection = connection
        self._reply_to = f"reply.test.{uuid.uuid4().hex}"
        queue = Queue(self._reply_to, RPC_EXCHANGE, routing_key=self._reply_to, exclusive=True, auto_delete=True)
        self._queue = queue(self._channel)
        self._queue.declare()
        self._answers: dict[str, Any] = {}
        self._queue.consume(callback=self._on_reply, no_ack=True)

    def call(
        self,
        contract: RpcMethod[Any, Any],
        wire: dict[str, Any],
        *,
        token: str | None = None,
        key: str | None = None,
        within: float = 15.0,
    ) -> Answer:
        """Send a request in wire form and wait for its answer."""
        correlation_id = uuid.uuid4().hex
        headers: dict[str, Any] = {"yz-correlation": correlation_id, "yz-deadline": int((time.time() + within) * 1000)}
        if token:
            headers["yz-identity"] = token
        if key:
            headers["yz-idempotency"] = key
        Producer(self._channel).publish(
            {"args": [], "kwargs": {"command": wire}},
            exchange=RPC_EXCHANGE,
            routing_key=contract.path,
            serializer="json",
            headers=headers,
            correlation_id=correlation_id,
            reply_to=self._reply_to,
            delivery_mode=1,
            mandatory=True,
        )
        end = time.monotonic() + within
        while correlation_id not in self._answers:
            left = end - time.monotonic()
            assert left > 0, f"{contract.path} did not answer within {within} s"
            try:
                self._connection.drain_events(timeout=min(left, 1.0))
            except TimeoutError:
                continue
        body = self._answers.pop(correlation_id)
        error = body.get("error")
        return Answer(
            body.get("result"), error and error["kind"], error and error["code"], (error or {}).get("facts", {})
        )

    def _on_reply(self, message: Any) -> None:
        self._answers[message.properties["correlation_id"]] = json.loads(message.body)


@contextmanager
def rpc_client(amqp_uri: str) -> Iterator[RpcClient]:
    """A client that is gone, with its queue, when the block ends."""
    with Connection(amqp_uri, connect_timeout=5) as connection:
        yield RpcClient(connection)

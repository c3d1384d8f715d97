"""An event message as it leaves the outbox and as it reaches the inbox: bytes and headers, not yet understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message for `BatchPublisher`; `message_id` is unique, `body` JSON."""

    message_id: str
    routing_key: str
    body: bytes
    headers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """One message for the callback of `QueueConsumer`; nothing in it was checked."""

    body: bytes
    headers: Mapping[str, Any]
    message_id: str | None
    routing_key: str
    exchange: str
    queue: str
    redelivered: bool

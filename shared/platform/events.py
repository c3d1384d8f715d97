"""An event as it travels: the envelope around the data, and what a handler is given of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from .tracing import TRACEPARENT


class UnreadableEvent(Exception):
    """The message is no event: not JSON, or its envelope lacks what orders and names it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every event carries, whatever its type."""

    id: UUID
    type: str
    occurred_at: datetime
    origin: str
    province: str
    aggregate: str
    sequence: int
    correlation_id: str
    causation_id: str | None
    actor: str
    data: Any
    traceparent: str | None = None

    @property
    def owner(self) -> str:
        """The service that announced it."""
        return self.type.split(".", 1)[0]

    @property
    def stream(self) -> str:
        """The aggregate among all services' aggregates: the order of events is kept within it."""
        return f"{self.owner}/{self.aggregate}"

    @property
    def aggregate_id(self) -> UUID:
        """The id of the record that the event speaks of."""
        return UUID(self.aggregate.partition(":")[2])

    @classmethod
    def read(cls, body: bytes | str) -> Envelope:
        """The envelope in a message's body, or `UnreadableEvent`."""
        try:
            wire = orjson.loads(body)
            envelope = cls(
                id=UUID(wire["id"]),
                type=_text(wire["type"]),
                occurred_at=_moment(wire["occurred_at"]),
                origin=_text(wire["origin"]),
                province=_text(wire["province"]),
                aggregate=_text(wire["aggregate"]),
                sequence=_positive(wire["sequence"]),
                correlation_id=_text(wire["correlation_id"]),
                causation_id=wire.get("causation_id"),
                actor=_text(wire["actor"]),
                data=wire["data"],
                traceparent=_carried(wire),
            )
            envelope.aggregate_id  # noqa: B018 - raises where it is none
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableEvent(type(error).__name__) from error
        return envelope


@dataclass(frozen=True, slots=True)
class Event:
    """What a handler is given: `data` is loaded with the event type's schema, its sealed fields opened."""

    id: UUID
    type: str
    occurred_at: datetime
    origin: str
    province: str
    aggregate_id: UUID
    sequence: int
    correlation_id: str
    actor: str
    data: Any


def _carried(wire: dict[str, Any]) -> str | None:
    """The span that announced it; an announcer that doesn't trace tells none, and nothing else depends on it."""
    carried = wire.get(TRACEPARENT)
    return carried if isinstance(carried, str) else None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    return value


def _positive(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("no positive number")
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment

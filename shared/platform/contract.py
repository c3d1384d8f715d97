"""What two services agree on: an RPC with its two schemas, an event with its schema and its aggregate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from .schemas import WireSchema

Request = TypeVar("Request", bound=WireSchema)
Answer = TypeVar("Answer", bound=WireSchema)


@dataclass(frozen=True)
class RpcMethod(Generic[Request, Answer]):
    """One call that a service answers.

    `writes` marks a call that changes something: it takes an idempotency key (design D12) and is never retried by the
    caller without one. `many` says that the answer is a list of `answer`. `answer=None` says that nothing comes back.
    `varies` names fields in which a retry may differ and still be the same request: where a file waits, not what it is.
    `deadline` is in seconds and covers the whole call, the wait for the broker included.
    """

    service: str
    name: str
    request: type[Request]
    answer: type[Answer] | None = None
    many: bool = False
    writes: bool = False
    deadline: float = 10.0
    varies: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The routing key of the call, `service.name`."""
        return f"{self.service}.{self.name}"


@dataclass(frozen=True)
class Figure:
    """What an operator counts of one kind of news: `name` without `_total`, and the fields of its data that are labels.

    A label has a handful of values and says nothing of a person; service and province are told of every event.
    """

    name: str
    told: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventType:
    """One kind of news: `<service>.<past_fact>.v<n>`, published to `<service>.events` with its name as routing key.

    `aggregate` names the kind of record it speaks of; the sequence of a record's events is dense over all types of that
    kind, so a consumer follows whole aggregates, never single types. `bulk` sends it through the consumer's second
    queue, so that a mass publication never holds up a decision (design D3).

    `snapshot` says that it tells the whole state of its record as it is, not a change of it (design D13): a consumer
    that handles it starts there, or leaps to it over what it has not applied. One that doesn't takes it as any other
    event without a handler, in its turn.

    `figure` counts it for the operators, once its transaction is committed.
    """

    name: str
    aggregate: str
    data: type[WireSchema]
    bulk: bool = False
    snapshot: bool = False
    figure: Figure | None = None

    @property
    def service(self) -> str:
        """The service that owns the aggregate and announces the event."""
        return self.name.split(".", 1)[0]

"""How one event goes through the inbox: prepared outside a transaction, applied in one, parked if it fails (D3)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from . import inbox_store
from .bus.consumer import Verdict
from .clock import now
from .contract import EventType
from .errors import Unavailable
from .events import Envelope, Event, UnreadableEvent
from .faults import told_of
from .inbox_rules import Action, Kept, Status, after_failure, decide
from .logging import get_logger
from .outbox import schema_of
from .tallies import OTHER, TALLIES
from .tracing import Span, kind_of, span_under
from .unit_of_work import UnitOfWork

_RETRY_BATCH: Final = 100

HANDLED: Final = TALLIES.durations(
    "yizhu_event_duration_seconds",
    "Events dealt with, by what became of each: applied, waiting, parked, dead, known or paused",
    ("service", "type", "outcome"),
)

_log = get_logger(__name__)


class Handler(Protocol):
    """One handling of one event by a service."""

    def prepare(self, event: Event) -> Any:
        """Fetch what is needed from others; no transaction is open."""

    def apply(self, event: Event, uow: Any, prepared: Any) -> None:
        """Write the effect; the transaction is the inbox's to commit."""


@dataclass(frozen=True)
class Handling:
    """How a service handles one type of event; `begin` gives the handler of one event, and clears up after it."""

    event_type: EventType
    prepares: bool
    begin: Callable[[Event], AbstractContextManager[Handler]]

    @property
    def snapshot(self) -> bool:
        """Whether it takes the state of the aggregate, and not a change of it."""
        return self.event_type.snapshot


class _TurnCame(Exception):
    """The event's turn came between looking at it and locking its stream: prepare it after all."""


class _HandlerFailed(Exception):
    """The handler raised: the event's own error."""

    def __init__(self, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.error = error


class OpenUnit(Protocol):
    """How the inbox opens a unit of work."""

    def __call__(self, envelope: Envelope | None, *, read_only: bool) -> UnitOfWork:
        """A unit of work caused by the event, or by none."""


Effect = Callable[[UnitOfWork], None]


@dataclass
class _Taken:
    """One event at hand, and what became of it."""

    envelope: Envelope
    body: str
    retrying_at: datetime | None
    outcome: str = "paused"


class InboxProcess:
    """Takes events, delivered or kept, and sees that each is applied once and in the order of its aggregate."""

    def __init__(self, open_unit: OpenUnit, handlings: Mapping[str, Handling], *, service: str = OTHER) -> None:
        """`handlings` by the name of the event type; `service` is whose inbox it is, for figures and traces."""
        self._open_unit = open_unit
        self._service = service
        self._handlings = handlings
        self._snapshots = {name for name, handling in handlings.items() if handling.snapshot}

    def receive(self, body: bytes) -> Verdict:
        """Deal with a message of the queue; it may leave the queue when it is applied, kept or known."""
        try:
            envelope = Envelope.read(body)
        except UnreadableEvent as error:
            _log.error("event_unreadable", reason=str(error))
            return Verdict.UNREADABLE
        try:
            self._go_through(envelope, body.decode(), None)
        except Unavailable as error:
            _log.warning("inbox_pauses", event_id=envelope.id, type=envelope.type, reason=error.code)
            return Verdict.PAUSE
        return Verdict.ACK

    def retry_due(self) -> int:
        """Come back to the kept events whose turn and time have come; how many there were.

        `Unavailable` means that database or another service is away: nothing was counted, come back later.
        """
        moment = now()
        with self._open_unit(None, read_only=True) as uow:
            bodies = inbox_store.due(uow.session, moment, _RETRY_BATCH, self._snapshots)
        for body in bodies:
            envelope = Envelope.read(body)
            try:
                self._go_through(envelope, body, moment)
            except Unavailable:
                raise
            except Exception:  # noqa: BLE001 - what happens to one event must not keep the others from their turn
                # A fault of the platform, not the handler's: nothing is recorded, the event stays as it is.
                _log.exception("kept_event_not_handled", event_id=envelope.id, type=envelope.type)
        return len(bodies)

    def _go_through(self, envelope: Envelope, body: str, retrying_at: datetime | None) -> None:
        """Take the event, then those of its stream that waited for it."""
        while self._take(envelope, body, retrying_at):
            with self._open_unit(None, read_only=True) as uow:
                following = inbox_store.next_body(uow.session, envelope.stream)
            if following is None:
                return
            envelope, body = Envelope.read(following), following

    def _take(self, envelope: Envelope, body: str, retrying_at: datetime | None) -> bool:
        """Deal with one event; whether its successor is waiting to be taken next."""
        taken, began = _Taken(envelope, body, retrying_at), time.perf_counter()
        known = envelope.type if envelope.type in self._handlings else OTHER
        try:
            correlation_id = envelope.correlation_id
            with span_under(
                envelope.traceparent, self._service, known, "consumer", correlation_id=correlation_id
            ) as span:
                following = self._deal_with(taken, span)
                span.tell("yizhu.outcome", taken.outcome)
                return following
        finally:
            HANDLED.of(self._service, known, taken.outcome).add(time.perf_counter() - began)

    def _deal_with(self, taken: _Taken, span: Span) -> bool:
        envelope = taken.envelope
        handling = self._handlings.get(envelope.type)
        while True:
            try:
                if handling is None:
                    return self._settle(taken, None)
                if not handling.prepares:
                    return self._settle(taken, _effect(handling, envelope))
                if self._look(envelope, taken.retrying_at) is not Action.APPLY:
                    return self._settle(taken, _unprepared)
                return self._prepare_and_settle(handling, taken)
            except _TurnCame:
                continue
            except _HandlerFailed as failed:
                span.failed(kind_of(failed.error))
                self._failed(taken, failed.error)
                return False

    def _prepare_and_settle(self, handling: Handling, taken: _Taken) -> bool:
        with ExitStack() as work:
            try:
                event = event_of(taken.envelope, handling.event_type)
                handler = work.enter_context(handling.begin(event))
                prepared = handler.prepare(event)
            except Unavailable:
                raise
            except Exception as error:
                raise _HandlerFailed(error) from error
            return self._settle(taken, lambda uow: handler.apply(event, uow, prepared))

    def _look(self, envelope: Envelope, retrying_at: datetime | None) -> Action:
        """What would be done with the event now; nothing is locked, so it may change until it is done."""
        with self._open_unit(envelope, read_only=True) as uow:
            standing = inbox_store.look(uow.session, envelope)
        return self._decided(envelope, standing, retrying_at, handled=True)

    def _decided(
        self, envelope: Envelope, standing: inbox_store.Standing, retrying_at: datetime | None, *, handled: bool
    ) -> Action:
        return decide(
            envelope.sequence,
            standing.cursor,
            standing.kept,
            handled=handled,
            snapshot=envelope.type in self._snapshots,
            retrying_at=retrying_at,
        )

    def _settle(self, taken: _Taken, effect: Effect | None) -> bool:
        """In one transaction: decide and do it. Inbox row, cursor, the effect and its own news stand or fall as one."""
        envelope, applying = taken.envelope, False
        try:
            with self._open_unit(envelope, read_only=False) as uow:
                session = uow.session
                standing = inbox_store.lock(session, envelope)
                action = self._decided(envelope, standing, taken.retrying_at, handled=effect is not None)
                if action is Action.SKIP:
                    taken.outcome = "known"
                    return False
                if action is Action.KEEP:
                    inbox_store.keep(session, envelope, taken.body, Kept(Status.WAITING), None, None)
                    uow.commit()
                    taken.outcome = "waiting"
                    return False
                if effect is None:
                    inbox_store.forget(session, envelope)
                    inbox_store.move_cursor(session, envelope.stream, envelope.sequence)
                else:
                    if envelope.sequence > standing.cursor + 1:
                        inbox_store.leap(session, envelope)
                    inbox_store.applied(session, envelope, standing.kept)
                    applying = True
                    with uow.held_by("the inbox"):
                        effect(uow)
                uow.commit()
                taken.outcome = "applied"
                return standing.next_waits
        except (_TurnCame, Unavailable):
            raise
        except Exception as error:
            # Before the handler began, it is a fault of the platform: nothing is recorded of it, the event stays.
            if not applying:
                raise
            raise _HandlerFailed(error) from error

    def _failed(self, taken: _Taken, error: Exception) -> None:
        """Record the event's own error: parked until its next try, or dead after the last one."""
        envelope, told = taken.envelope, told_of(error)
        with self._open_unit(envelope, read_only=False) as uow:
            standing = inbox_store.lock(uow.session, envelope)
            action = self._decided(envelope, standing, taken.retrying_at, handled=True)
            if action is not Action.APPLY:
                taken.outcome = "known"
                return  # another replica was quicker, with whatever result: this attempt is its attempt
            kept = after_failure(0 if standing.kept is None else standing.kept.attempts, now())
            inbox_store.keep(uow.session, envelope, taken.body, kept, told, standing.kept)
            uow.commit()
        taken.outcome = kept.status.value.lower()
        tell = _log.error if kept.status is Status.DEAD else _log.warning
        tell(
            "event_dead" if kept.status is Status.DEAD else "event_parked",
            event_id=envelope.id,
            type=envelope.type,
            aggregate=envelope.aggregate,
            sequence=envelope.sequence,
            attempts=kept.attempts,
            reason=told,
        )


def event_of(envelope: Envelope, event_type: EventType) -> Event:
    """What a handler is given; `InvalidInput` if the data lacks what the type has; a later release may tell more."""
    return Event(
        id=envelope.id,
        type=envelope.type,
        occurred_at=envelope.occurred_at,
        origin=envelope.origin,
        province=envelope.province,
        aggregate_id=envelope.aggregate_id,
        sequence=envelope.sequence,
        correlation_id=envelope.correlation_id,
        actor=envelope.actor,
        data=schema_of(event_type).read(envelope.data),
    )


def _effect(handling: Handling, envelope: Envelope) -> Effect:
    def effect(uow: UnitOfWork) -> None:
        event = event_of(envelope, handling.event_type)
        with handling.begin(event) as handler:
            handler.apply(event, uow, None)

    return effect


def _unprepared(uow: UnitOfWork) -> None:
    raise _TurnCame

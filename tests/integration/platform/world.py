"""A producer, a broker that misbehaves, and a consumer on real databases, with a crash between any two steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from marshmallow import fields
from sqlalchemy import Column, Integer, String, Table, event, insert, select

from shared.platform.bus.consumer import Verdict
from shared.platform.bus.messages import OutgoingMessage
from shared.platform.contract import EventType
from shared.platform.engine import Database
from shared.platform.errors import Unavailable
from shared.platform.events import Envelope, Event
from shared.platform.inbox_process import Handler, Handling, InboxProcess
from shared.platform.platform_tables import PLATFORM
from shared.platform.relay import OutboxBatches, Turn
from shared.platform.rows import new_metadata
from shared.platform.schemas import WireSchema
from shared.platform.unit_of_work import UnitOfWork
from shared.platform.work_context import WorkContext


class ChangedData(WireSchema):
    """What the producer tells: the number of the change."""

    number = fields.Integer(required=True)


class SeenData(WireSchema):
    """What the consumer tells in turn."""

    number = fields.Integer(required=True)


CHANGED = EventType("review.changed.v1", "case", ChangedData)
TOUCHED = EventType("review.touched.v1", "case", ChangedData)  # of the same aggregate, without a handler
SEEN = EventType("accounts.seen.v1", "view", SeenData)

metadata = new_metadata()
changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case", String(36)),
    Column("number", Integer),
    Column("type", String(40)),
)
effects = Table(
    "effects", metadata, Column("id", Integer, primary_key=True), Column("case", String(36)), Column("number", Integer)
)


class Crash(BaseException):
    """The process is killed here."""


@dataclass
class Steps:
    """Counts the steps of the process at work, and kills it at the one that was chosen."""

    crash_at: int | None = None
    taken: int = 0

    def step(self) -> None:
        """One more step begins."""
        self.taken += 1
        if self.crash_at is not None and self.taken == self.crash_at:
            raise Crash

    @contextmanager
    def crashing(self, at: int | None) -> Iterator[None]:
        """Run the block until the chosen step; what was begun is lost, as in a process that is killed."""
        self.crash_at, self.taken = at, 0
        try:
            yield
        except Crash:
            pass
        finally:
            self.crash_at = None


@dataclass
class Broker:
    """A queue whose messages may be doubled, taken in any order, and given again until they are acknowledged."""

    steps: Steps
    queue: list[bytes] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)

    def publish(self, messages: Sequence[OutgoingMessage], timeout: float) -> set[str]:
        """The publisher's side: every message may be the last one that arrives."""
        confirmed = set()
        for message in messages:
            self.steps.step()
            self.queue.append(message.body)
            self.seen.append(message.body)
            confirmed.add(message.message_id)
        self.steps.step()
        return confirmed

    def close(self) -> None:
        """Nothing to close."""


class World:
    """One producer, one consumer, and what stands between them."""

    def __init__(self, producer_url: str, consumer_url: str) -> None:
        self.steps = Steps()
        self.producer = Database("review", producer_url, pool_size=2)
        self.consumer = Database("accounts", consumer_url, pool_size=2)
        self.broker = Broker(self.steps)
        self.cases = [uuid4() for _ in range(3)]
        self.errors: Counter[tuple[str, int]] = Counter()
        self.prepare_away = 0
        for database in (self.producer, self.consumer):
            metadata.create_all(database.engine)
            with database.engine.begin() as connection:
                for table in reversed(metadata.sorted_tables):
                    connection.execute(table.delete())
            event.listen(database.engine, "before_cursor_execute", self._step)
            event.listen(database.engine, "commit", self._step)
        self.turn = Turn(self.producer)
        self.relay = OutboxBatches(self.turn, self.broker)
        handlings = {CHANGED.name: Handling(CHANGED, True, self._handler)}
        self.inbox = InboxProcess(self._open_unit, handlings)

    def close(self) -> None:
        """Close all connections."""
        self.turn.give_up()
        self.producer.close()
        self.consumer.close()

    def produce(self, which: int, event_type: EventType = CHANGED) -> None:
        """The producer changes a case and announces it."""
        case = self.cases[which]
        context = WorkContext.of_service("review", "test")
        with UnitOfWork(self.producer, context) as uow:
            session = uow.session
            number = len(session.scalars(select(changes.c.id).where(changes.c.case == str(case))).all()) + 1
            session.execute(insert(changes).values(case=str(case), number=number, type=event_type.name))
            uow.announce(event_type, aggregate_id=case, data={"number": number}, province="43")
            uow.commit()

    def relay_once(self) -> None:
        """The relay publishes what waits."""
        try:
            while self.turn.is_mine() and not self.relay.relay_next():
                pass
        except Crash:
            self.turn.give_up()
            raise

    def deliver(self, position: int) -> Verdict | None:
        """The consumer is given one message of the queue, wherever it lies, and acknowledges it afterwards."""
        if not self.broker.queue:
            return None
        body = self.broker.queue[position % len(self.broker.queue)]
        verdict = self.inbox.receive(body)
        self.steps.step()
        if verdict is not Verdict.PAUSE:
            self.broker.queue.remove(body)
        return verdict

    def double(self, position: int) -> None:
        """The broker gives a message that it has given before."""
        if self.broker.seen:
            self.broker.queue.append(self.broker.seen[position % len(self.broker.seen)])

    def retry(self) -> None:
        """The consumer's timer fires."""
        try:
            self.inbox.retry_due()
        except Unavailable:
            return

    def announced(self) -> dict[UUID, int]:
        """How many changes of each case were committed."""
        with self.producer.engine.connect() as connection:
            rows = connection.execute(select(changes.c.case)).scalars().all()
        return {case: rows.count(str(case)) for case in self.cases}

    def touched(self) -> set[tuple[UUID, int]]:
        """The changes that the consumer has no handler for."""
        with self.producer.engine.connect() as connection:
            rows = connection.execute(select(changes.c.case, changes.c.number).where(changes.c.type == TOUCHED.name))
            return {(UUID(row.case), row.number) for row in rows}

    def applied(self) -> dict[UUID, list[int]]:
        """The numbers that took effect in each case, in the order in which they did."""
        with self.consumer.engine.connect() as connection:
            rows = connection.execute(select(effects.c.case, effects.c.number).order_by(effects.c.id)).all()
        return {case: [row.number for row in rows if row.case == str(case)] for case in self.cases}

    def own_news(self) -> int:
        """How many events the consumer announced for what it applied."""
        with self.consumer.engine.connect() as connection:
            return len(connection.execute(select(PLATFORM.tables["outbox"].c.id)).all())

    def statuses(self) -> Counter[str]:
        """What the inbox keeps."""
        with self.consumer.engine.connect() as connection:
            return Counter(connection.execute(select(PLATFORM.tables["inbox"].c.status)).scalars())

    def _step(self, *_: Any) -> None:
        self.steps.step()

    def _open_unit(self, envelope: Envelope | None, *, read_only: bool) -> UnitOfWork:
        cause = None if envelope is None else str(envelope.id)
        context = WorkContext.of_service("accounts", "test", causation_id=cause)
        return UnitOfWork(self.consumer, context, read_only=read_only)

    @contextmanager
    def _handler(self, event_: Event) -> Iterator[Handler]:
        yield _Effect(self)


class _Effect:
    """Writes a row and tells of it; fails as often as was agreed."""

    def __init__(self, world: World) -> None:
        self._world = world

    def prepare(self, event_: Event) -> int:
        self._world.steps.step()
        if self._world.prepare_away:
            self._world.prepare_away -= 1
            raise Unavailable("service_unavailable", service="sync")
        return int(event_.data["number"])

    def apply(self, event_: Event, uow: UnitOfWork, prepared: int) -> None:
        uow.session.execute(insert(effects).values(case=str(event_.aggregate_id), number=prepared))
        uow.announce(SEEN, aggregate_id=event_.aggregate_id, data={"number": prepared}, province=event_.province)
        key = str(event_.aggregate_id), event_.sequence
        if self._world.errors[key] > 0:
            self._world.errors[key] -= 1
            raise ValueError("a fault of the handler")

"""The inbox at its edges: what can't be read, has no handler, fails; what a handler may not do (design D3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import insert, select, text, update

from shared.platform import dead_letters, inbox_store
from shared.platform import outbox as outboxes
from shared.platform.bus.consumer import Verdict
from shared.platform.clock import now
from shared.platform.engine import Database
from shared.platform.errors import Unavailable
from shared.platform.events import Envelope, Event
from shared.platform.ids import new_id
from shared.platform.inbox_process import Handler, Handling, InboxProcess
from shared.platform.platform_tables import inbox, inbox_cursor, outbox
from shared.platform.unit_of_work import UnitOfWork
from shared.platform.work_context import WorkContext
from tests.integration.platform.world import CHANGED, SEEN, TOUCHED, effects, metadata

CASE = uuid4()
Apply = Callable[[Event, UnitOfWork], None]


class Consumer:
    """A service with one handler that does what the test says."""

    def __init__(self, database: Database) -> None:
        metadata.create_all(database.engine)
        self.database = database
        self.apply: Apply = self.write
        self.process = InboxProcess(self.open_unit, {CHANGED.name: Handling(CHANGED, False, self.begin)})

    def open_unit(self, envelope: Envelope | None, *, read_only: bool) -> UnitOfWork:
        return UnitOfWork(self.database, WorkContext.of_service("accounts", "test"), read_only=read_only)

    @contextmanager
    def begin(self, event: Event) -> Iterator[Handler]:
        yield _Handler(self)

    def write(self, event: Event, uow: UnitOfWork) -> None:
        uow.session.execute(insert(effects).values(case=str(event.aggregate_id), number=event.data["number"]))

    def receive(self, sequence: int = 1, **changes: Any) -> Verdict:
        return self.process.receive(message(sequence, **changes))

    def effects(self) -> list[int]:
        with self.database.engine.connect() as connection:
            return list(connection.scalars(select(effects.c.number).order_by(effects.c.id)))

    def rows(self) -> dict[int, str]:
        with self.database.engine.connect() as connection:
            rows = connection.execute(select(inbox.c.sequence, inbox.c.status))
            return {row.sequence: row.status for row in rows}

    def cursor(self) -> int | None:
        with self.database.engine.connect() as connection:
            return connection.scalar(select(inbox_cursor.c.sequence))

    def error(self) -> str:
        with self.database.engine.connect() as connection:
            return str(connection.scalar(select(inbox.c.error)))


class _Handler:
    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def prepare(self, event: Event) -> None:
        raise AssertionError("it has no first part")

    def apply(self, event: Event, uow: UnitOfWork, prepared: object) -> None:
        assert prepared is None
        self._consumer.apply(event, uow)


def message(sequence: int = 1, **changes: Any) -> bytes:
    envelope = {
        "id": str(new_id()),
        "type": CHANGED.name,
        "occurred_at": now().isoformat(),
        "origin": "test",
        "province": "43",
        "aggregate": f"case:{CASE}",
        "sequence": sequence,
        "correlation_id": "c-1",
        "causation_id": None,
        "actor": "person:1",
        "data": {"number": sequence},
    }
    return orjson.dumps(envelope | changes)


@pytest.fixture
def consumer(database: Database) -> Consumer:
    return Consumer(database)


def test_a_message_that_is_no_event_is_unreadable(consumer: Consumer) -> None:
    assert consumer.process.receive(b"no event") is Verdict.UNREADABLE
    assert consumer.receive(0) is Verdict.UNREADABLE
    assert consumer.rows() == {}


def test_an_event_whose_data_is_not_of_its_form_is_parked_and_those_behind_it_wait(consumer: Consumer) -> None:
    """Rejecting it would leave a gap that its aggregate never gets over."""
    assert consumer.receive(1, data={"colour": "red"}) is Verdict.ACK
    assert consumer.receive(2) is Verdict.ACK
    assert consumer.rows() == {1: "PARKED", 2: "WAITING"}
    assert consumer.error().startswith("InvalidInput invalid_input (")
    assert consumer.effects() == []


def test_a_type_without_handler_moves_the_cursor_and_leaves_no_row(consumer: Consumer) -> None:
    assert consumer.receive(1, type=TOUCHED.name) is Verdict.ACK
    assert consumer.rows() == {}
    assert consumer.cursor() == 1
    assert consumer.receive(3, type=TOUCHED.name) is Verdict.ACK
    assert consumer.rows() == {3: "WAITING"}
    assert consumer.receive(2) is Verdict.ACK
    assert consumer.rows() == {2: "APPLIED"}
    assert consumer.cursor() == 3


def test_events_that_came_ahead_are_applied_as_soon_as_the_missing_one_is(consumer: Consumer) -> None:
    for sequence in (4, 2, 3, 2):
        consumer.receive(sequence)
    assert consumer.effects() == []
    consumer.receive(1)
    assert consumer.effects() == [1, 2, 3, 4]
    assert set(consumer.rows().values()) == {"APPLIED"}


def test_the_content_of_an_applied_event_is_not_kept(consumer: Consumer) -> None:
    consumer.receive(2)
    consumer.receive(1)
    with consumer.database.engine.connect() as connection:
        assert set(connection.scalars(select(inbox.c.envelope))) == {None}


def test_an_event_of_another_id_at_an_applied_place_has_no_effect(consumer: Consumer) -> None:
    consumer.receive(1)
    consumer.receive(1)
    assert consumer.effects() == [1]


def test_a_handler_never_commits_and_its_own_news_stands_or_falls_with_it(consumer: Consumer) -> None:
    def commits(event: Event, uow: UnitOfWork) -> None:
        consumer.write(event, uow)
        uow.announce(SEEN, aggregate_id=event.aggregate_id, data={"number": 1}, province=event.province)
        uow.commit()

    consumer.apply = commits
    consumer.receive(1)
    assert consumer.rows() == {1: "PARKED"}
    assert consumer.error().startswith("RuntimeError (")
    assert consumer.effects() == []
    with consumer.database.engine.connect() as connection:
        assert connection.execute(select(outbox)).all() == []


def test_a_handler_that_opens_a_second_unit_of_work_is_parked(consumer: Consumer) -> None:
    def nested(event: Event, uow: UnitOfWork) -> None:
        with consumer.open_unit(None, read_only=True):
            pass

    consumer.apply = nested
    consumer.receive(1)
    assert consumer.rows() == {1: "PARKED"}


def test_a_statement_that_fails_in_the_handler_is_its_own_error(consumer: Consumer) -> None:
    def fails(event: Event, uow: UnitOfWork) -> None:
        uow.session.execute(text("SELECT * FROM no_such_table"))

    consumer.apply = fails
    assert consumer.receive(1) is Verdict.ACK
    assert consumer.rows() == {1: "PARKED"}


def test_a_database_that_goes_away_pauses_and_counts_nothing(consumer: Consumer) -> None:
    def away(event: Event, uow: UnitOfWork) -> None:
        raise Unavailable("database_unavailable", service="accounts")

    consumer.apply = away
    assert consumer.receive(1) is Verdict.PAUSE
    assert consumer.rows() == {}
    consumer.apply = consumer.write
    assert consumer.receive(1) is Verdict.ACK
    assert consumer.effects() == [1]


def test_an_id_that_its_owner_gave_out_twice_blocks_nothing(consumer: Consumer) -> None:
    twice = str(new_id())
    for sequence in (3, 1, 2):
        assert consumer.receive(sequence, id=twice) is Verdict.ACK
    assert consumer.effects() == [1, 2, 3]


def test_a_stream_that_waits_for_an_event_that_never_came_is_told_of(consumer: Consumer) -> None:
    consumer.receive(1)
    for sequence in (3, 4):
        consumer.receive(sequence)
    with consumer.database.transaction() as session:
        assert dead_letters.gaps(session) == []
        session.execute(update(inbox).values(received_at=now() - timedelta(hours=1)))
        (gap,) = dead_letters.gaps(session)
        session.commit()
    assert (gap.stream, gap.missing, gap.held_up) == (f"review/case:{CASE}", 2, 2)
    consumer.receive(2)
    with consumer.database.transaction(read_only=True) as session:
        assert dead_letters.gaps(session) == []


def test_what_is_past_its_term_is_forgotten_and_the_cursor_stays(consumer: Consumer) -> None:
    consumer.receive(1)
    consumer.receive(3)
    long_ago = now() - timedelta(days=401)
    with consumer.database.transaction() as session:
        session.execute(update(inbox).where(inbox.c.sequence == 1).values(applied_at=long_ago))
        session.execute(update(inbox).values(received_at=long_ago))
        assert inbox_store.purge(session, 400) == 1
        session.commit()
    assert consumer.rows() == {3: "WAITING"}
    assert consumer.cursor() == 1
    consumer.receive(1)
    assert consumer.effects() == [1]


def test_published_news_is_forgotten_after_its_term_and_what_waits_never(consumer: Consumer) -> None:
    with consumer.open_unit(None, read_only=False) as uow:
        for number in range(3):
            uow.announce(SEEN, aggregate_id=new_id(), data={"number": number}, province="43")
        uow.commit()
    with consumer.database.transaction() as session:
        positions = [row.position for row in outboxes.unpublished(session.connection(), 10)]
        outboxes.mark_published(session.connection(), positions[:2])
        session.execute(
            update(outbox).where(outbox.c.position == positions[0]).values(published_at=now() - timedelta(days=401))
        )
        assert outboxes.purge(session, 400) == 1
        assert [row.position for row in outboxes.unpublished(session.connection(), 10)] == positions[2:]
        assert (outboxes.waiting(session), outboxes.kept(session)) == (1, 1)
        session.commit()

"""Due items one at a time, a poisoned one out of the way; dead letters listed, shown, replayed in order (D3, D18)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Boolean, insert, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.platform import dead_letters
from shared.platform.clock import clock, movable_clock
from shared.platform.config import forget_settings
from shared.platform.engine import Database
from shared.platform.errors import Conflict, NotFound, Unavailable
from shared.platform.ids import new_id
from shared.platform.inbox_rules import BACK_OFF, MAX_ATTEMPTS
from shared.platform.platform_tables import failed_item, inbox
from shared.platform.rows import COLUMN_TYPES, new_metadata
from shared.platform.timers import each_due, take_due
from shared.platform.unit_of_work import UnitOfWork
from shared.platform.work_context import WorkContext
from tests.integration.platform.world import World
from tests.support.postgres import Postgres


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


CONTEXT = WorkContext.of_service("review", "test")
TASK = "review.fire_due_clocks"


class ClockRow(Base):
    __tablename__ = "due_clock"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    fired: Mapped[bool] = mapped_column(Boolean, default=False)


@pytest.fixture
def movable(deployment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CLOCK_URI", f"file://{deployment}/clock")
    forget_settings()
    clock.cache_clear()
    yield
    clock.cache_clear()


class Clocks:
    """Some clocks that are due, and what happens when one fires."""

    def __init__(self, database: Database, count: int) -> None:
        Base.metadata.create_all(database.engine)
        self.database = database
        self.ids = [new_id() for _ in range(count)]
        self.poisoned: set[UUID] = set()
        self.away = False
        with database.engine.begin() as connection:
            connection.execute(insert(ClockRow), [{"id": id_, "fired": False} for id_ in self.ids])

    def open_unit(self, *, read_only: bool = False) -> UnitOfWork:
        return UnitOfWork(self.database, CONTEXT, read_only=read_only)

    def fire(self, uow: UnitOfWork, row: ClockRow) -> None:
        row.fired = True
        uow.session.flush()
        if self.away:
            raise Unavailable("database_unavailable")
        if row.id in self.poisoned:
            raise ValueError("poisoned")

    def run(self) -> int:
        due = select(ClockRow).where(ClockRow.fired.is_(False)).order_by(ClockRow.id)
        return each_due(self.open_unit, TASK, due, key=ClockRow.id, handle=self.fire)

    def fired(self) -> set[UUID]:
        with self.database.engine.connect() as connection:
            return set(connection.scalars(select(ClockRow.id).where(ClockRow.fired)))

    def dead(self) -> list[dead_letters.DeadItem]:
        with self.database.transaction(read_only=True) as session:
            return dead_letters.dead_items(session)


def test_a_poisoned_item_is_dead_in_the_end_and_never_in_the_way(movable: None, database: Database) -> None:
    clocks = Clocks(database, 5)
    clocks.poisoned = {clocks.ids[1]}
    assert clocks.run() == 5
    assert clocks.fired() == set(clocks.ids) - clocks.poisoned
    assert clocks.run() == 0  # held back
    for wait in BACK_OFF:
        assert clocks.dead() == []
        movable_clock().advance(wait + timedelta(seconds=1))
        assert clocks.run() == 1
    (letter,) = clocks.dead()
    assert (letter.task, letter.item, letter.attempts) == (TASK, clocks.ids[1].hex, MAX_ATTEMPTS)
    assert letter.error.startswith("ValueError (")
    assert "poisoned" not in letter.error
    movable_clock().advance(timedelta(days=30))
    assert clocks.run() == 0
    clocks.poisoned = set()
    with database.transaction() as session:
        dead_letters.replay_item(session, TASK, str(clocks.ids[1]))
        session.commit()
    assert clocks.run() == 1
    assert clocks.fired() == set(clocks.ids)
    with database.transaction() as session, pytest.raises(NotFound):
        dead_letters.replay_item(session, TASK, str(clocks.ids[1]))


def test_an_item_that_succeeds_after_a_failure_is_forgotten(movable: None, database: Database) -> None:
    clocks = Clocks(database, 1)
    clocks.poisoned = set(clocks.ids)
    clocks.run()
    clocks.poisoned = set()
    movable_clock().advance(BACK_OFF[0] + timedelta(seconds=1))
    assert clocks.run() == 1
    with database.engine.connect() as connection:
        assert connection.execute(select(failed_item)).all() == []


def test_unavailable_ends_the_run_and_counts_nothing(database: Database) -> None:
    clocks = Clocks(database, 3)
    clocks.away = True
    with pytest.raises(Unavailable):
        clocks.run()
    clocks.away = False
    assert clocks.run() == 3


@pytest.mark.postgres
def test_two_replicas_never_take_the_same_row(postgres_server: Postgres) -> None:
    database = Database("review", postgres_server.create_database(), pool_size=2)
    clocks = Clocks(database, 2)
    due = select(ClockRow).where(ClockRow.fired.is_(False)).order_by(ClockRow.id).limit(1)
    with clocks.open_unit() as uow:
        mine = uow.session.scalars(take_due(uow.session, due)).one()
        with database.engine.begin() as other:
            theirs = other.execute(due.with_for_update(skip_locked=True)).one()
            assert theirs.id != mine.id
    database.close()


class Dead:
    """A world in which the first case's first event is dead and two more wait behind it."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.errors[str(world.cases[0]), 1] = MAX_ATTEMPTS
        for _ in range(3):
            world.produce(0)
        world.produce(1)
        world.relay_once()
        while world.broker.queue:
            world.deliver(0)
        for wait in BACK_OFF:
            movable_clock().advance(wait + timedelta(seconds=1))
            world.retry()

    def letters(self) -> list[dead_letters.DeadEvent]:
        with self.world.consumer.transaction(read_only=True) as session:
            return dead_letters.dead_events(session)


@pytest.fixture
def dead(movable: None, tmp_path: Path) -> Iterator[Dead]:
    world = World(f"sqlite:///{tmp_path}/w/review.db", f"sqlite:///{tmp_path}/w/accounts.db")
    yield Dead(world)
    world.close()


def test_a_dead_event_holds_up_its_own_aggregate_only(dead: Dead) -> None:
    (letter,) = dead.letters()
    assert (letter.sequence, letter.attempts, letter.held_up) == (1, MAX_ATTEMPTS, 2)
    assert letter.error.startswith("ValueError (world.py:")
    applied = dead.world.applied()
    assert applied[dead.world.cases[0]] == []
    assert applied[dead.world.cases[1]] == [1]


def test_a_dead_event_is_shown_as_it_came(dead: Dead) -> None:
    (letter,) = dead.letters()
    with dead.world.consumer.transaction(read_only=True) as session:
        shown = dead_letters.content_of(session, letter.id)
        assert shown["data"] == {"number": 1}
        assert shown["sequence"] == 1
        with pytest.raises(NotFound):
            dead_letters.content_of(session, new_id())


def test_replayed_events_come_through_in_order(dead: Dead) -> None:
    with dead.world.consumer.transaction() as session:
        assert dead_letters.replay_all(session) == 1
        session.commit()
    dead.world.retry()
    assert dead.world.applied()[dead.world.cases[0]] == [1, 2, 3]
    assert dead.letters() == []


def test_a_replay_has_all_its_attempts_again(dead: Dead) -> None:
    dead.world.errors[str(dead.world.cases[0]), 1] = 2
    (letter,) = dead.letters()
    with dead.world.consumer.transaction() as session:
        dead_letters.replay(session, letter.id)
        session.commit()
        with pytest.raises(NotFound):
            dead_letters.replay(session, new_id())
    for _ in range(3):
        dead.world.retry()
        movable_clock().advance(BACK_OFF[1] + timedelta(seconds=1))
    assert dead.world.applied()[dead.world.cases[0]] == [1, 2, 3]


def test_an_event_that_is_given_up_lets_the_others_go_on(dead: Dead) -> None:
    (letter,) = dead.letters()
    with dead.world.consumer.transaction() as session:
        dead_letters.discard(session, letter.id, "the case was removed by hand")
        session.commit()
    dead.world.retry()
    assert dead.world.applied()[dead.world.cases[0]] == [2, 3]
    assert dead.world.statuses()["DISCARDED"] == 1
    with dead.world.consumer.transaction() as session, pytest.raises(NotFound):
        dead_letters.discard(session, letter.id, "again")


def test_an_event_is_given_up_only_where_the_stream_stands(dead: Dead) -> None:
    (letter,) = dead.letters()
    with dead.world.consumer.transaction() as session:
        session.execute(update(inbox).where(inbox.c.sequence == 3).values(status="DEAD", error="by hand"))
        third: Any = session.scalar(select(inbox.c.id).where(inbox.c.sequence == 3))
        with pytest.raises(Conflict):
            dead_letters.discard(session, third, "not its turn")
    assert dead.letters() == [letter]

"""Whatever is lost, doubled, reordered or killed, a consumer that starts from a snapshot comes to the owner's state."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select

from shared.platform.clock import clock, movable_clock
from shared.platform.config import forget_settings
from shared.platform.contract import EventType
from shared.platform.engine import Database
from shared.platform.events import Event
from shared.platform.inbox_process import Handler, Handling, InboxProcess
from shared.platform.inbox_rules import BACK_OFF, MAX_ATTEMPTS
from shared.platform.inbox_store import due
from shared.platform.outbox import News, purge
from shared.platform.platform_tables import inbox, inbox_cursor, outbox
from shared.platform.snapshots import SnapshotSource, announce_snapshots
from shared.platform.unit_of_work import UnitOfWork
from shared.platform.work_context import WorkContext
from tests.integration.platform.world import CHANGED, ChangedData, World, changes, effects
from tests.support.postgres import Postgres

SNAPSHOT = EventType("review.case_snapshot.v1", "case", ChangedData, bulk=True, snapshot=True)
NEVER = timedelta(days=4000)

crash = st.one_of(st.none(), st.integers(1, 25))
action = st.one_of(
    st.tuples(st.just("produce"), st.integers(0, 1), crash),
    st.tuples(st.just("produce"), st.integers(0, 1), st.none()),
    st.tuples(st.just("snapshot"), st.just(0), crash),
    st.tuples(st.just("relay"), st.just(0), crash),
    st.tuples(st.just("deliver"), st.integers(0, 30), crash),
    st.tuples(st.just("deliver"), st.integers(0, 30), st.none()),
    st.tuples(st.just("double"), st.integers(0, 30), st.none()),
    st.tuples(st.just("lose"), st.integers(0, 30), st.none()),
    st.tuples(st.just("retry"), st.just(0), crash),
    st.tuples(st.just("later"), st.integers(0, len(BACK_OFF) - 1), st.none()),
)
#: (case, sequence) -> how often what has this number fails; some for good
faults = st.dictionaries(st.tuples(st.integers(0, 1), st.integers(1, 4)), st.integers(1, MAX_ATTEMPTS), max_size=2)
quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


class LateWorld(World):
    """A producer that can tell the state of its cases, and a consumer that keeps a copy of them.

    The copy of a case is the list of its changes: one that is missing, doubled or out of order is seen.
    """

    def __init__(self, producer_url: str, consumer_url: str) -> None:
        super().__init__(producer_url, consumer_url)
        self.cases = self.cases[:2]
        self.source = SnapshotSource(SNAPSHOT, self._ids, self._state)
        self.restart_consumer()

    def restart_consumer(self, *, handles_snapshots: bool = True) -> None:
        """A consumer's process, of a release that starts from snapshots or of one that doesn't."""
        handlings = {CHANGED.name: Handling(CHANGED, False, self._copying)}
        if handles_snapshots:
            handlings[SNAPSHOT.name] = Handling(SNAPSHOT, False, self._copying)
        self.inbox = InboxProcess(self._open_unit, handlings)

    def snapshot(self) -> None:
        """The owner tells the state of every case that it has."""
        for _ in announce_snapshots(self.open_producer, self.source):
            pass

    def open_producer(self, *, read_only: bool) -> UnitOfWork:
        """A unit of work of the owner."""
        return UnitOfWork(self.producer, WorkContext.of_service("review", "test"), read_only=read_only)

    def lose(self, position: int) -> None:
        """The broker loses a message for good: its queue was not there yet."""
        if self.broker.queue:
            self.broker.queue.pop(position % len(self.broker.queue))

    def forget_published(self) -> None:
        """Housekeeping, after `outbox.keep_days`."""
        with self.producer.transaction() as session:
            purge(session, keep_days=-1)
            session.commit()

    def cursors(self) -> dict[str, int]:
        """How far the consumer is in each stream."""
        with self.consumer.engine.connect() as connection:
            rows = connection.execute(select(inbox_cursor.c.stream, inbox_cursor.c.sequence))
            return {row.stream: row.sequence for row in rows}

    def come_to_rest(self) -> None:
        """Let everything that is under way arrive."""
        for _ in range(MAX_ATTEMPTS + 2):
            self.relay.from_the_start()
            self.relay_once()
            while self.broker.queue:
                self.deliver(len(self.broker.queue) // 2)
            movable_clock().advance(max(BACK_OFF) + timedelta(seconds=1))
            self.retry()

    def _ids(self, uow: UnitOfWork, after: UUID | None, limit: int) -> list[UUID]:
        found = sorted({UUID(case) for case in uow.session.scalars(select(changes.c.case))})
        return [case for case in found if after is None or case > after][:limit]

    def _state(self, uow: UnitOfWork, case: UUID) -> News:
        number = uow.session.scalar(select(func.count()).where(changes.c.case == str(case)))
        return News(case, {"number": number}, "43")

    @contextmanager
    def _copying(self, event: Event) -> Iterator[Handler]:
        yield _Copy(self)


class _Copy:
    """Adds a change to the copy, or starts the copy anew; fails as often as was agreed."""

    def __init__(self, world: LateWorld) -> None:
        self._world = world

    def prepare(self, event: Event) -> None:
        """Nothing to fetch."""

    def apply(self, event: Event, uow: UnitOfWork, prepared: None) -> None:
        case, number = str(event.aggregate_id), int(event.data["number"])
        new = [number]
        if event.type == SNAPSHOT.name:
            uow.session.execute(delete(effects).where(effects.c.case == case))
            new = list(range(1, number + 1))
        for each in new:
            uow.session.execute(insert(effects).values(case=case, number=each))
        key = case, event.sequence
        if self._world.errors[key] > 0:
            self._world.errors[key] -= 1
            raise ValueError("a fault of the handler")


@pytest.fixture
def movable(deployment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock that can be moved past every back-off."""
    monkeypatch.setenv("CLOCK_URI", f"file://{deployment}/clock")
    forget_settings()
    clock.cache_clear()
    yield
    clock.cache_clear()


@pytest.fixture
def world(movable: None, tmp_path: Path) -> Iterator[LateWorld]:
    """Producer and consumer on SQLite."""
    world = LateWorld(f"sqlite:///{tmp_path}/s/review.db", f"sqlite:///{tmp_path}/s/accounts.db")
    yield world
    world.close()


def whole(world: LateWorld) -> dict[UUID, list[int]]:
    """The owner's state, in the form of the copy."""
    return {case: list(range(1, told + 1)) for case, told in world.announced().items()}


def play(world: LateWorld, actions: list[tuple[str, int, int | None]], failing: dict[tuple[int, int], int]) -> None:
    """Play the actions, tell the state once more, let everything come to rest, and compare."""
    for (which, sequence), times in failing.items():
        world.errors[str(world.cases[which]), sequence] = times
    doings = {
        "produce": world.produce,
        "snapshot": lambda _: world.snapshot(),
        "relay": lambda _: world.relay_once(),
        "deliver": world.deliver,
        "double": world.double,
        "lose": world.lose,
        "retry": lambda _: world.retry(),
        "later": lambda which: movable_clock().advance(BACK_OFF[which]),
    }
    reached: dict[str, int] = {}
    for name, argument, crash_at in actions:
        with world.steps.crashing(crash_at):
            doings[name](argument)
        cursors = world.cursors()
        assert all(cursors[stream] >= cursor for stream, cursor in reached.items()), "a cursor went back"
        reached = cursors
        for numbers in world.applied().values():
            assert numbers == list(range(1, len(numbers) + 1))
    world.errors.clear()
    world.snapshot()
    world.come_to_rest()
    assert world.applied() == whole(world)


@settings(max_examples=60, deadline=None, suppress_health_check=quiet)
@given(actions=st.lists(action, min_size=5, max_size=30), failing=faults)
@example(
    actions=[("produce", 0, None)] * 2
    + [("relay", 0, None), ("lose", 0, None), ("deliver", 0, None), ("snapshot", 0, None), ("relay", 0, None)]
    + [("produce", 0, None), ("relay", 0, None), ("deliver", 1, None), ("deliver", 0, 7), ("deliver", 0, None)],
    failing={(0, 3): 2},
)
def test_snapshots_and_events_come_to_the_owners_state_on_sqlite(
    movable: None, tmp_path: Path, actions: list[tuple[str, int, int | None]], failing: dict[tuple[int, int], int]
) -> None:
    folder = tmp_path / "run"
    shutil.rmtree(folder, ignore_errors=True)
    world = LateWorld(f"sqlite:///{folder}/review.db", f"sqlite:///{folder}/accounts.db")
    try:
        play(world, actions, failing)
    finally:
        world.close()


@pytest.fixture(scope="module")
def two_databases(postgres_server: Postgres) -> tuple[str, str]:
    """One for the producer, one for the consumer; emptied by each example."""
    return postgres_server.create_database(), postgres_server.create_database()


@pytest.mark.postgres
@settings(max_examples=15, deadline=None, suppress_health_check=quiet)
@given(actions=st.lists(action, min_size=5, max_size=20), failing=faults)
def test_snapshots_and_events_come_to_the_owners_state_on_postgresql(
    movable: None,
    two_databases: tuple[str, str],
    actions: list[tuple[str, int, int | None]],
    failing: dict[tuple[int, int], int],
) -> None:
    world = LateWorld(*two_databases)
    try:
        play(world, actions, failing)
    finally:
        world.close()


def test_a_consumer_that_comes_after_the_kept_events_starts_from_a_snapshot(world: LateWorld) -> None:
    """Design D13: beyond `outbox.keep_days` nothing else tells it where to begin."""
    for _ in range(3):
        world.produce(0)
    world.relay_once()
    world.broker.queue.clear()  # nobody had declared the consumer's queue yet
    world.forget_published()
    world.produce(0)
    world.relay_once()
    world.deliver(0)
    assert world.applied()[world.cases[0]] == []
    assert world.statuses() == {"WAITING": 1}
    world.snapshot()
    world.produce(0)
    world.relay_once()
    world.deliver(1)
    world.deliver(0)
    assert world.applied()[world.cases[0]] == [1, 2, 3, 4, 5]
    assert world.cursors() == {f"review/case:{world.cases[0]}": 6}
    assert world.statuses() == {"APPLIED": 2, "DISCARDED": 1}


def test_a_snapshot_replaces_what_failed_before_it(world: LateWorld) -> None:
    """A dead event whose effect the snapshot tells holds nobody up any more."""
    world.errors[str(world.cases[0]), 1] = MAX_ATTEMPTS
    world.produce(0)
    world.produce(0)
    world.come_to_rest()
    assert world.statuses() == {"DEAD": 1, "WAITING": 1}
    world.snapshot()
    world.come_to_rest()
    assert world.statuses() == {"DISCARDED": 2, "APPLIED": 1}
    assert world.applied()[world.cases[0]] == [1, 2]


def test_a_snapshot_that_fails_is_tried_again_without_its_predecessors(world: LateWorld) -> None:
    world.produce(0)
    world.relay_once()
    world.broker.queue.clear()
    world.errors[str(world.cases[0]), 2] = 2
    world.snapshot()
    world.relay_once()
    world.deliver(0)
    assert world.statuses() == {"PARKED": 1}
    with world.consumer.transaction(read_only=True) as session:
        assert due(session, movable_clock().now() + NEVER, 10) == []
        assert len(due(session, movable_clock().now() + NEVER, 10, {SNAPSHOT.name})) == 1
    world.come_to_rest()
    assert world.applied()[world.cases[0]] == [1]


def test_who_does_not_handle_snapshots_leaps_over_nothing(world: LateWorld) -> None:
    """A consumer with effects of its own would lose them: it takes a snapshot in its turn, as nothing."""
    world.restart_consumer(handles_snapshots=False)
    world.produce(0)
    world.snapshot()
    world.produce(0)
    world.relay_once()
    world.deliver(1)
    assert world.applied()[world.cases[0]] == []
    world.come_to_rest()
    assert world.applied()[world.cases[0]] == [1, 2]


def test_nobody_changes_a_record_between_its_state_and_its_place_in_the_order(world: LateWorld) -> None:
    """The sequence is counted up before the state is read, so every change told before it is in it."""
    world.produce(0)
    order: list[str] = []

    def state(uow: UnitOfWork, case: UUID) -> News:
        order.append("read")
        latest = uow.session.scalar(select(func.max(outbox.c.sequence)))
        assert latest == 1
        return News(case, {"number": latest}, "43")

    source = SnapshotSource(SNAPSHOT, world.source.ids, state)
    assert list(announce_snapshots(world.open_producer, source)) == [world.cases[0]]
    assert order == ["read"]
    with world.producer.engine.connect() as connection:
        assert connection.scalar(select(func.max(outbox.c.sequence))) == 2


def test_only_the_owner_tells_snapshots_and_only_of_snapshot_types(database: Database) -> None:
    for service, event_type in (("accounts", SNAPSHOT), ("review", CHANGED)):
        with (
            UnitOfWork(database, WorkContext.of_service(service, "test")) as uow,
            pytest.raises(ValueError, match="is no snapshot of"),
        ):
            uow.announce_snapshot(event_type, UUID(int=1), lambda: News(UUID(int=1), {"number": 1}, "43"))


def test_the_row_of_what_was_replaced_is_kept_without_its_content(world: LateWorld) -> None:
    world.produce(0)
    world.produce(0)
    world.relay_once()
    world.deliver(1)
    world.lose(0)
    world.snapshot()
    world.relay_once()
    world.deliver(0)
    with world.consumer.engine.connect() as connection:
        row = connection.execute(select(inbox.c.envelope, inbox.c.error).where(inbox.c.status == "DISCARDED")).one()
    assert row == (None, "replaced by snapshot #3")

"""Whatever is doubled, reordered, given again or killed in between: each event has one effect, in order (design D3)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.platform.clock import clock, movable_clock
from shared.platform.config import forget_settings
from shared.platform.inbox_rules import BACK_OFF, MAX_ATTEMPTS
from tests.integration.platform.world import CHANGED, TOUCHED, World
from tests.support.postgres import Postgres

crash = st.one_of(st.none(), st.integers(1, 25))
action = st.one_of(
    st.tuples(st.just("produce"), st.integers(0, 2), crash),
    st.tuples(st.just("touch"), st.integers(0, 2), crash),
    st.tuples(st.just("relay"), st.just(0), crash),
    st.tuples(st.just("deliver"), st.integers(0, 30), crash),
    st.tuples(st.just("deliver"), st.integers(0, 30), crash),
    st.tuples(st.just("double"), st.integers(0, 30), st.none()),
    st.tuples(st.just("retry"), st.just(0), crash),
    st.tuples(st.just("later"), st.integers(0, len(BACK_OFF) - 1), st.none()),
    st.tuples(st.just("away"), st.integers(1, 2), st.none()),
)
#: (case, sequence) -> how often its handler fails by itself; fewer than the attempts it has
faults = st.dictionaries(st.tuples(st.integers(0, 2), st.integers(1, 4)), st.integers(1, 3), max_size=3)
quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture
def movable(deployment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock that can be moved past every back-off."""
    monkeypatch.setenv("CLOCK_URI", f"file://{deployment}/clock")
    forget_settings()
    clock.cache_clear()
    yield
    clock.cache_clear()


def play(world: World, actions: list[tuple[str, int, int | None]], failing: dict[tuple[int, int], int]) -> None:
    """Play the actions, then let everything come to rest, and compare."""
    for (which, sequence), times in failing.items():
        world.errors[str(world.cases[which]), sequence] = times
    doings: dict[str, Callable[[int], object]] = {
        "produce": lambda which: world.produce(which),
        "touch": lambda which: world.produce(which, TOUCHED),
        "relay": lambda _: world.relay_once(),
        "deliver": world.deliver,
        "double": world.double,
        "retry": lambda _: world.retry(),
        "later": lambda which: movable_clock().advance(BACK_OFF[which]),
        "away": lambda times: setattr(world, "prepare_away", times),
    }
    for name, argument, crash_at in actions:
        with world.steps.crashing(crash_at):
            doings[name](argument)
            _still_in_order(world)
    _come_to_rest(world)
    told, applied = world.announced(), world.applied()
    touched = world.touched()
    for case in world.cases:
        expected = [number for number in range(1, told[case] + 1) if (case, number) not in touched]
        assert applied[case] == expected
    assert world.own_news() == sum(len(numbers) for numbers in applied.values())
    assert set(world.statuses()) <= {"APPLIED"}


def _still_in_order(world: World) -> None:
    for numbers in world.applied().values():
        assert numbers == sorted(set(numbers))


def _come_to_rest(world: World) -> None:
    world.prepare_away = 0
    for _ in range(MAX_ATTEMPTS + 2):
        world.relay.from_the_start()
        world.relay_once()
        while world.broker.queue:
            world.deliver(len(world.broker.queue) // 2)
        movable_clock().advance(max(BACK_OFF) + timedelta(seconds=1))
        world.retry()


@settings(max_examples=60, deadline=None, suppress_health_check=quiet)
@given(actions=st.lists(action, min_size=5, max_size=30), failing=faults)
@example(
    actions=[("produce", 0, None)] * 3 + [("relay", 0, None)] + [("deliver", 1, at) for at in range(1, 20)], failing={}
)
@example(actions=[("produce", 0, None), ("relay", 0, 4), ("deliver", 0, 9), ("relay", 0, 5)], failing={(0, 1): 2})
def test_every_event_has_one_effect_in_order_on_sqlite(
    movable: None, tmp_path: Path, actions: list[tuple[str, int, int | None]], failing: dict[tuple[int, int], int]
) -> None:
    folder = tmp_path / "run"
    shutil.rmtree(folder, ignore_errors=True)
    world = World(f"sqlite:///{folder}/review.db", f"sqlite:///{folder}/accounts.db")
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
def test_every_event_has_one_effect_in_order_on_postgresql(
    movable: None,
    two_databases: tuple[str, str],
    actions: list[tuple[str, int, int | None]],
    failing: dict[tuple[int, int], int],
) -> None:
    world = World(*two_databases)
    try:
        play(world, actions, failing)
    finally:
        world.close()


def test_a_crash_at_each_single_step_of_a_delivery_loses_and_doubles_nothing(movable: None, tmp_path: Path) -> None:
    for crash_at in range(1, 30):
        folder = tmp_path / f"at{crash_at}"
        world = World(f"sqlite:///{folder}/review.db", f"sqlite:///{folder}/accounts.db")
        try:
            play(
                world,
                [("produce", 0, None), ("produce", 0, None), ("relay", 0, None), ("deliver", 1, crash_at)],
                {(0, 1): 1},
            )
        finally:
            world.close()


def test_ten_kills_in_a_row_use_up_no_attempt(movable: None, tmp_path: Path) -> None:
    """Attempts are counted by us alone: a process that dies has not tried (design D3)."""
    world = World(f"sqlite:///{tmp_path}/k/review.db", f"sqlite:///{tmp_path}/k/accounts.db")
    try:
        world.produce(0)
        world.relay_once()
        for crash_at in range(3, 13):
            with world.steps.crashing(crash_at):
                world.deliver(0)
        world.deliver(0)
        assert world.applied()[world.cases[0]] == [1]
        assert world.statuses() == {"APPLIED": 1}
    finally:
        world.close()


def test_another_service_that_is_away_uses_up_no_attempt(movable: None, tmp_path: Path) -> None:
    world = World(f"sqlite:///{tmp_path}/a/review.db", f"sqlite:///{tmp_path}/a/accounts.db")
    try:
        world.produce(0, CHANGED)
        world.relay_once()
        world.prepare_away = MAX_ATTEMPTS + 2
        for _ in range(MAX_ATTEMPTS + 2):
            world.deliver(0)
        assert len(world.broker.queue) == 1
        assert not world.statuses()
        world.deliver(0)
        assert world.statuses() == {"APPLIED": 1}
    finally:
        world.close()

"""Relay and inbox in processes that are killed, with broker and database stopped under them (design D3, D13)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, insert, select

from shared.platform.engine import Database, make_engine
from shared.platform.outbox import News
from shared.platform.platform_tables import PLATFORM, inbox, outbox
from shared.platform.unit_of_work import UnitOfWork
from shared.platform.work_context import WorkContext
from tests.integration.platform.world import CHANGED, TOUCHED, changes, effects, metadata
from tests.support.postgres import Postgres
from tests.support.rabbitmq import Rabbitmq, rabbitmq

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.slow


class Trial:
    """The two services, each in its process, or both in one."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.environment = {**os.environ, **environment, "PYTHONWARNINGS": "ignore"}
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start one process for these services and wait until it says so."""
        log = self._folder / f"{names[0]}.log"
        started = log.read_bytes().count(b"started\n") if log.exists() else 0
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.platform.trial", *names],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log.open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._running[names[0]] = process
        eventually(lambda: log.read_bytes().count(b"started\n") > started, 60, lambda: log.read_text()[-3000:])

    def run_to_its_end(self, name: str) -> None:
        """Run what ends by itself."""
        command = [sys.executable, "-m", "tests.integration.platform.trial", name]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, timeout=60)

    def kill(self, name: str) -> None:
        """-9."""
        process = self._running.pop(name)
        assert process.poll() is None, (self._folder / f"{name}.log").read_text()[-3000:]
        process.kill()
        process.wait()

    def assert_all_alive(self) -> None:
        """No process has ended by itself."""
        for name, process in self._running.items():
            assert process.poll() is None, (self._folder / f"{name}.log").read_text()[-3000:]

    def close(self) -> None:
        """Kill what runs."""
        for name in list(self._running):
            process = self._running.pop(name)
            process.kill()
            process.wait()


def eventually(holds: Callable[[], bool], seconds: float, explain: Callable[[], object] = lambda: "") -> None:
    """Wait until it holds."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            pytest.fail(f"not within {seconds} s: {explain()}")
        time.sleep(0.1)


def arrive(engine: Engine, count: int) -> None:
    """Wait until so many changes took effect; only standing still is a failure, slowness of the machine is not."""
    seen, changed_at = -1, time.monotonic()
    while seen < count:
        if (now := total(engine)) != seen:
            seen, changed_at = now, time.monotonic()
        if time.monotonic() - changed_at > 60:
            pytest.fail(f"stands still at {seen} of {count}")
        time.sleep(0.2)


def announce(database: Database, count: int, cases: list[UUID], *, first: int = 1) -> None:
    """Change each case `count` times and announce it; every seventh by a type that nobody handles."""
    context = WorkContext.of_service("review", "test")
    for number in range(first, first + count):
        kind = TOUCHED if number % 7 == 0 else CHANGED
        with UnitOfWork(database, context) as uow:
            uow.session.execute(
                insert(changes), [{"case": str(case), "number": number, "type": kind.name} for case in cases]
            )
            uow.announce_all(kind, [News(case, {"number": number}, "43") for case in cases])
            uow.commit()


def numbers_of(engine: Engine, cases: list[UUID]) -> dict[UUID, list[int]]:
    """What took effect in each case, in the order in which it did."""
    with engine.connect() as connection:
        rows = connection.execute(select(effects.c.case, effects.c.number).order_by(effects.c.id)).all()
    found: dict[str, list[int]] = {str(case): [] for case in cases}
    for row in rows:
        found[row.case].append(row.number)
    return {case: found[str(case)] for case in cases}


def handled_up_to(count: int) -> list[int]:
    return [number for number in range(1, count + 1) if number % 7]


def total(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(effects)) or 0)


def statuses(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(select(inbox.c.status).distinct()))


def unpublished(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(select(func.count()).where(outbox.c.published_at.is_(None))) or 0)


@pytest.fixture(scope="module")
def broker() -> Iterator[Rabbitmq]:
    """A broker of these tests' own, since one of them stops it."""
    with rabbitmq(private=True) as broker:
        yield broker


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A PostgreSQL of the test's own, since it may stop it."""
    with Postgres(private=True) as server:
        yield server


@pytest.fixture
def databases(server: Postgres) -> Iterator[tuple[Database, Engine]]:
    """The announcer's database and the follower's."""
    announcer = Database("review", server.create_database("yizhu_review"), pool_size=2)
    follower = make_engine(server.create_database("yizhu_accounts"), pool_size=2)
    for engine in (announcer.engine, follower):
        metadata.create_all(engine)
    yield announcer, follower
    announcer.close()
    follower.dispose()


@pytest.fixture
def trial(deployment: Path, broker: Rabbitmq, server: Postgres) -> Iterator[Trial]:
    trial = Trial(
        deployment, {"ENVIRONMENT": "test", "AMQP_URI": broker.uri, "DATABASE_URL": f"{server.server_url}/yizhu"}
    )
    trial.run_to_its_end("declare")
    yield trial
    trial.close()


@pytest.mark.broker
@pytest.mark.postgres
def test_ten_thousand_rows_wait_for_the_broker_and_arrive_in_order(
    trial: Trial, broker: Rabbitmq, databases: tuple[Database, Engine]
) -> None:
    announcer, follower = databases
    cases = [uuid4() for _ in range(100)]
    trial.start("review")
    trial.start("accounts")
    announce(announcer, 3, cases)
    eventually(lambda: total(follower) == 300, 60)
    broker.stop()
    announce(announcer, 97 + 3, cases, first=4)
    assert unpublished(announcer.engine) >= 9_900
    trial.assert_all_alive()
    broker.start()
    expected = handled_up_to(103)
    arrive(follower, len(expected) * len(cases))
    assert all(numbers == expected for numbers in numbers_of(follower, cases).values())
    eventually(lambda: unpublished(announcer.engine) == 0, 60)
    assert statuses(follower) == {"APPLIED"}
    trial.assert_all_alive()


@pytest.mark.broker
@pytest.mark.postgres
def test_ten_kills_in_a_row_dead_letter_nothing(trial: Trial, databases: tuple[Database, Engine]) -> None:
    announcer, follower = databases
    cases = [uuid4() for _ in range(20)]
    trial.start("review")
    announce(announcer, 60, cases)
    for round_ in range(10):
        before = total(follower)
        trial.start("accounts")
        eventually(lambda before=before: total(follower) > before, 60)  # type: ignore[misc]  # bound in the loop
        trial.kill("accounts")
        if round_ % 3 == 0:
            trial.kill("review")
            trial.start("review")
    trial.start("accounts")
    expected = handled_up_to(60)
    arrive(follower, len(expected) * len(cases))
    assert all(numbers == expected for numbers in numbers_of(follower, cases).values())
    assert statuses(follower) == {"APPLIED"}


@pytest.mark.broker
@pytest.mark.postgres
def test_the_database_may_stop_and_no_attempt_is_used_up(
    trial: Trial, server: Postgres, databases: tuple[Database, Engine]
) -> None:
    announcer, follower = databases
    cases = [uuid4() for _ in range(10)]
    trial.start("review")
    trial.start("accounts")
    announce(announcer, 30, cases)
    eventually(lambda: total(follower) > 20, 60)
    announcer.close()
    follower.dispose()
    server.kill()
    # The outage itself: nothing to wait for, the services have to live through it.
    time.sleep(3)
    trial.assert_all_alive()
    server.start()
    announce(announcer, 10, cases, first=31)
    expected = handled_up_to(40)
    arrive(follower, len(expected) * len(cases))
    assert all(numbers == expected for numbers in numbers_of(follower, cases).values())
    assert statuses(follower) == {"APPLIED"}
    trial.assert_all_alive()


def test_embedded_a_killed_process_goes_on_where_it_was(deployment: Path) -> None:
    """Nothing of the in-process bus survives; the outbox does, and the inbox knows what it has seen (design D4)."""
    folder = deployment / "db"
    announcer = Database("review", f"sqlite:///{folder}/review.db")
    follower = make_engine(f"sqlite:///{folder}/accounts.db")
    for engine in (announcer.engine, follower):
        metadata.create_all(engine)
    cases = [uuid4() for _ in range(20)]
    announce(announcer, 60, cases)
    announcer.close()
    trial = Trial(deployment, {"ENVIRONMENT": "test", "AMQP_URI": "inproc://", "DATABASE_URL": f"sqlite:///{folder}"})
    expected = handled_up_to(60)
    try:
        for _ in range(3):
            before = total(follower)
            trial.start("review", "accounts")
            eventually(lambda before=before: total(follower) > before, 60)  # type: ignore[misc]  # bound in the loop
            trial.kill("review")
        trial.start("review", "accounts")
        arrive(follower, len(expected) * len(cases))
        eventually(lambda: unpublished(announcer.engine) == 0, 30)
        trial.assert_all_alive()
    finally:
        trial.close()
    assert all(numbers == expected for numbers in numbers_of(follower, cases).values())
    assert statuses(follower) == {"APPLIED"}
    assert set(PLATFORM.tables) <= set(metadata.tables)
    follower.dispose()
    announcer.close()

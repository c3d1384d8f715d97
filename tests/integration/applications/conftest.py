"""The database of `applications` on both engines, and its real process with peers around it on RabbitMQ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from services.applications.unit_of_work import SERVICE, ApplicationsUnitOfWork
from shared.platform.config import forget_settings
from shared.platform.crypto import forget_keys, initialise_secrets
from shared.platform.database import Database, WorkContext
from shared.platform.migrations import upgrade
from tests.integration.applications.running import Running
from tests.support.postgres import Postgres, postgres
from tests.support.processes import ROOT
from tests.support.rabbitmq import Rabbitmq, rabbitmq

MIGRATIONS = ROOT / "services" / "applications" / "migrations"
UnitOfWorkMaker = Callable[[], ApplicationsUnitOfWork]


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings and keys of a deployment in a folder of its own."""
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("KEYS_DIR", str(tmp_path / "keys"))
    monkeypatch.setenv("PROVINCES", "43,44")
    for name in ("CLOCK_URI", "DATABASE_URL", "APPLICATIONS_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    initialise_secrets(tmp_path / "keys", (SERVICE,))
    forget_settings()
    forget_keys()
    yield tmp_path
    forget_settings()
    forget_keys()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One server for all tests of the session."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def broker() -> Iterator[Rabbitmq]:
    """One broker for all tests of the session."""
    with rabbitmq() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        (tmp_path / "db").mkdir()
        return f"sqlite:///{tmp_path}/db/applications.db"
    server: Postgres = request.getfixturevalue("postgres_server")
    return server.create_database()


@pytest.fixture
def database(deployment: Path, database_url: str) -> Iterator[Database]:
    """The service's database at its newest version."""
    upgrade(MIGRATIONS, database_url)
    opened = Database(SERVICE, database_url, pool_size=10)
    yield opened
    opened.close()


@pytest.fixture
def unit_of_work(database: Database) -> UnitOfWorkMaker:
    """Units of work as an operator at a command line has them."""
    context = WorkContext(SERVICE, "test", "operator:test", str(uuid4()))
    return lambda: ApplicationsUnitOfWork(database, context)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, broker: Rabbitmq
) -> Iterator[Running]:
    """The service in a process of its own, its peers in another."""
    folder = tmp_path_factory.mktemp(f"applications-{request.param}")
    database = f"sqlite:///{folder}/db/applications.db"
    if request.param == "postgresql":
        database = request.getfixturevalue("postgres_server").create_database()
    with Running(folder, broker.uri, database) as started:
        yield started

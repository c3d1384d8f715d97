"""Databases for the platform's tests: each test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from shared.platform.config import forget_settings
from shared.platform.crypto import forget_keys, initialise_secrets
from shared.platform.engine import Database, make_engine
from tests.support.postgres import Postgres

SERVICES = ("review", "accounts")


@pytest.fixture(autouse=True)
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings and keys of a deployment in a folder of its own."""
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("KEYS_DIR", str(tmp_path / "keys"))
    monkeypatch.delenv("CLOCK_URI", raising=False)
    initialise_secrets(tmp_path / "keys", SERVICES)
    forget_settings()
    forget_keys()
    yield tmp_path
    forget_settings()
    forget_keys()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One private server for all tests of the session."""
    with Postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/db/review.db"
    server: Postgres = request.getfixturevalue("postgres_server")
    return server.create_database()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on the empty database."""
    engine = make_engine(database_url, pool_size=5)
    yield engine
    engine.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A service's database with the platform's tables."""
    from shared.platform.platform_tables import PLATFORM

    database = Database("review", database_url, pool_size=5)
    PLATFORM.create_all(database.engine)
    yield database
    database.close()

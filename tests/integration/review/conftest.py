"""A migrated database of `review`, and everything that casework needs, in the pytest process itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.review import unit_of_work
from shared.platform.engine import Database
from shared.platform.migrations import upgrade
from tests.integration.review.desk import Desk
from tests.support.keys import trial_keys
from tests.support.postgres import Postgres

MIGRATIONS = Path(unit_of_work.__file__).parent / "migrations"


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keys of a deployment for the whole session."""
    with trial_keys(tmp_path_factory.mktemp("keys")) as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One server for all tests of the session."""
    with Postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database."""
    if request.param == "sqlite":
        (tmp_path / "db").mkdir()
        url = f"sqlite:///{tmp_path}/db/review.db"
    else:
        server: Postgres = request.getfixturevalue("postgres_server")
        url = server.create_database()
    upgrade(MIGRATIONS, url)
    return url


@pytest.fixture
def desk(database_url: str, keys: Path) -> Iterator[Desk]:
    """Casework on that database."""
    database = Database("review", database_url, pool_size=10)
    yield Desk(database)
    database.close()

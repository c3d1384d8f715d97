"""What the database of a service says on `/readyz`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import insert, text, update

from shared.platform.config import SettingsError, forget_settings, load_settings
from shared.platform.engine import Database
from shared.platform.platform_tables import PLATFORM, outbox
from shared.platform.readiness import OutboxMoves, SchemaAtHead, database_answers


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A service's database with the platform's tables."""
    database = Database("review", f"sqlite:///{tmp_path}/review.db", pool_size=2)
    PLATFORM.create_all(database.engine)
    yield database
    database.close()


def at_version(database: Database, *versions: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("DELETE FROM alembic_version"))
        for version in versions:
            connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})


def announce(database: Database, sequence: int) -> None:
    row = {"id": uuid4(), "type": "review.x.v1", "aggregate": "case:1", "sequence": sequence, "envelope": "{}"}
    with database.engine.begin() as connection:
        connection.execute(insert(outbox), row | {"occurred_at": datetime(2020, 1, 1, tzinfo=UTC)})


def publish(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(update(outbox).values(published_at=datetime(2026, 11, 24, tzinfo=UTC)))


def test_a_database_that_takes_a_statement_answers(database: Database):
    assert database_answers(database)


@pytest.mark.parametrize(
    ("versions", "ready"),
    [
        (["0002"], True),
        (["0001"], False),  # `migrate` was forgotten
        ([], False),
        (["0003"], True),  # a later release has migrated while this one still serves
    ],
)
def test_the_schema_has_to_be_at_least_that_of_the_release(database: Database, versions: list[str], ready: bool):
    at_version(database, *versions)
    assert SchemaAtHead(database, ["0002", "0001"])() is ready


def test_news_that_stands_still_is_told_and_news_that_moves_is_not(database: Database):
    moment = [1000.0]
    moves = OutboxMoves(database, 300, lambda: moment[0])
    assert moves()
    announce(database, 1)  # old from the start, as what is published again
    assert moves()
    moment[0] += 299
    assert moves()
    moment[0] += 2
    assert not moves()
    publish(database)
    assert moves()
    announce(database, 2)
    assert moves()
    moment[0] += 301
    assert not moves()


def test_where_the_figures_are_told_is_a_setting(monkeypatch: pytest.MonkeyPatch):
    """Only the machine itself by default; a container says otherwise."""
    assert load_settings("review").admin_host == "127.0.0.1"
    assert load_settings("review").outbox_lag_limit == 300
    monkeypatch.setenv("ADMIN_HOST", "0.0.0.0")  # named, not listened on
    monkeypatch.setenv("OUTBOX_LAG_LIMIT", "0")
    forget_settings()
    with pytest.raises(SettingsError, match="OUTBOX_LAG_LIMIT"):
        load_settings("review")
    monkeypatch.setenv("OUTBOX_LAG_LIMIT", "60")
    assert load_settings("review").admin_host == "0.0.0.0"

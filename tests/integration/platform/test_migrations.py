"""Migrations: the platform's tables as the code knows them, the same run twice, several at once (both databases)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from shared.platform.engine import make_engine
from shared.platform.migrations import create_database_if_missing, current, differences, heads, upgrade
from shared.platform.rows import new_metadata
from tests.support.postgres import Postgres

ROOT = Path(__file__).resolve().parents[3]
ENV = """
from shared.platform.migrations import run_env
from shared.platform.rows import new_metadata

run_env(new_metadata())
"""
FIRST = """
from alembic import op

from shared.platform.append_only import guard
from shared.platform.migrations import create_closure_tables, create_platform_tables, drop_platform_tables

revision, down_revision = "0001", None


def upgrade() -> None:
    create_platform_tables(op)
    create_closure_tables(op)
    guard(op, "outbox", allow_update=["published_at"])


def downgrade() -> None:
    drop_platform_tables(op)
"""
SECOND = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    op.create_table("note", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("note")
"""
MIGRATE = """
import sys
from pathlib import Path

from shared.platform.migrations import upgrade

upgrade(Path(sys.argv[1]), sys.argv[2])
"""


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """A service's `migrations/` with two versions."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENV)
    (folder / "script.py.mako").write_text("")
    (folder / "versions" / "0001_create.py").write_text(FIRST)
    (folder / "versions" / "0002_add_note.py").write_text(SECOND)
    return folder


def test_a_database_comes_from_empty_to_the_newest_version_and_repeating_it_does_no_harm(
    versions: Path, database_url: str
) -> None:
    assert heads(versions) == ["0002"]
    upgrade(versions, database_url)
    assert current(database_url) == "0002"
    upgrade(versions, database_url)
    engine = make_engine(database_url)
    assert differences(new_metadata(), engine, ignore=["note"]) == []
    engine.dispose()


def test_the_release_before_is_a_version_that_can_be_named(versions: Path, database_url: str) -> None:
    upgrade(versions, database_url, "0001")
    assert current(database_url) == "0001"
    upgrade(versions, database_url)
    assert current(database_url) == "0002"


def test_the_schema_of_a_later_release_stays_as_it_is(versions: Path, database_url: str) -> None:
    """A province goes back to the image of before, whose migrations end earlier."""
    upgrade(versions, database_url)
    (versions / "versions" / "0002_add_note.py").unlink()
    upgrade(versions, database_url)
    assert current(database_url) == "0002"


@pytest.mark.postgres
def test_two_deployments_that_migrate_at_once_come_out_alike(versions: Path, postgres_server: Postgres) -> None:
    url = postgres_server.create_database()
    command = [sys.executable, "-W", "ignore", "-c", MIGRATE, str(versions), url]
    deployments = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)]
    for deployment in deployments:
        _, complaint = deployment.communicate(timeout=60)
        assert deployment.returncode == 0, complaint.decode()
    assert current(url) == "0002"


def test_a_missing_database_is_made_once(database_url: str, tmp_path: Path) -> None:
    address = make_url(database_url)
    if address.get_backend_name() == "sqlite":
        url = f"sqlite:///{tmp_path}/deep/folder/review.db"
    else:
        url = address.set(database=f"{address.database}_new").render_as_string(hide_password=False)
    assert create_database_if_missing(url)
    make_engine(url).connect().close()
    assert not create_database_if_missing(url)

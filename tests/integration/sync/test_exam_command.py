"""The operator's command line does what the service does, on the same database, in the operator's name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.support.processes import System
from tests.support.result_files import a_file


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """An embedded deployment whose services do not run."""
    system = System.embedded(tmp_path_factory.mktemp("exam"), services=("sync",))
    system.command("keys", "init")
    system.command("migrate", "sync")
    yield system
    system.close()


def test_a_cohort_is_made_imported_and_published(system: System, tmp_path: Path):
    made = system.command("cohort", "--n", "400", "--seed", "9", "--out", str(tmp_path / "c.csv"))
    assert "400 rows" in made.stdout
    manifest = json.loads((tmp_path / "c.json").read_text("utf-8"))
    imported = system.command("exam", "import", str(tmp_path / "c.csv"), "--year", "2026", "--round", "1").stdout
    assert "400 of 400 rows read" in imported
    for reason, number in manifest["reasons"].items():
        assert f"{number:>8} × {reason}\n" in imported
    again = system.command("exam", "import", str(tmp_path / "c.csv"), "--year", "2026").stdout
    assert again.splitlines()[-3:] == imported.splitlines()[-3:]
    assert len(system.command("exam", "batches").stdout.splitlines()) == 1
    assert "43: open" in system.command("exam", "gate", "43", "--year", "2026").stdout
    batch_id = system.command("exam", "batches").stdout.split()[0]
    published = system.command("exam", "publish", batch_id).stdout
    assert f"{manifest['passed_by_region']['43']:>8} PUBLISHED" in published
    lines = system.command("exam", "report", batch_id, "--rows").stdout
    assert all(f"line {line}: " in lines for line in manifest["faulty_lines"])
    with create_engine(system.database_url("sync")).connect() as connection:
        actors = connection.execute(text("SELECT DISTINCT actor FROM qualification_history")).scalars().all()
    assert len(actors) == 1
    assert actors[0].startswith("operator:")
    refused = system.command("exam", "undo", batch_id, check=False)
    assert (refused.returncode, refused.stdout.strip()) == (1, "batch_published_already")


def test_a_file_that_is_none_ends_with_status_1_and_its_fault(system: System, tmp_path: Path):
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n", "utf-8")
    ended = system.command("exam", "import", str(tmp_path / "bad.csv"), "--year", "2026", check=False)
    assert ended.returncode == 1
    assert "FAILED result_file_header" in ended.stdout


def test_an_unpublished_batch_is_taken_back(system: System, tmp_path: Path):
    (tmp_path / "one.csv").write_bytes(a_file({"year": "2025", "ticket": "4305251100123"}))
    imported = system.command("exam", "import", str(tmp_path / "one.csv"), "--year", "2025").stdout
    batch_id = imported[imported.index("batch ") :].split()[1]
    assert "UNDONE" in system.command("exam", "undo", batch_id).stdout


def test_an_unknown_region_is_refused(system: System):
    ended = system.command("exam", "gate", "99", "--year", "2026", check=False)
    assert ended.returncode == 1
    assert "invalid_input" in ended.stdout

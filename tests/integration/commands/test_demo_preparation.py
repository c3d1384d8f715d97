"""The demo's preparation may be interrupted at any moment: the next start does what is missing."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from commands.demo_preparation import ROOT, Preparation, PreparationFailed
from tests.support.waiting import eventually


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The demo's settings, with everything below a folder of the test."""
    inherited = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "_URI", "_FILE"))}
    return inherited | {
        "ENVIRONMENT": "demo",
        "AMQP_URI": "inproc://",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db",
        "KEYS_DIR": str(tmp_path / "keys"),
        "FILES_DIR": str(tmp_path / "files"),
        "PROVINCES_DIR": str(ROOT / "provinces"),
        "PROVINCES": "43,44",
        "PYTHONWARNINGS": "ignore",
    }


def staff(folder: Path) -> int:
    """How many can log in as staff."""
    with sqlite3.connect(folder / "db" / "accounts.db") as database:
        return int(database.execute("SELECT count(*) FROM staff").fetchone()[0])


def test_a_preparation_that_was_interrupted_is_done_again(tmp_path, environment):
    """Ended once the databases are there: they were taken for prepared, and nobody could ever log in.

    -9, not Ctrl-C: a run that is itself in the background has SIGINT ignored, and its children inherit that.
    """
    preparation = Preparation(tmp_path)
    program = (
        "import os, sys, pathlib; from commands.demo_preparation import Preparation; "
        "Preparation(pathlib.Path(sys.argv[1])).run(os.environ)"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: (tmp_path / "db").exists() or None, within=60)
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(60)
    assert first.returncode != 0
    assert not preparation.is_done
    preparation.run(environment)
    assert preparation.is_done
    known = staff(tmp_path)
    assert known > 0
    assert preparation.cohort.stat().st_size > 0
    written = preparation.cohort.read_bytes()
    preparation.run(environment)
    assert (staff(tmp_path), preparation.cohort.read_bytes()) == (known, written)


def test_a_step_that_fails_is_told_and_leaves_no_marker(tmp_path, environment):
    preparation = Preparation(tmp_path)
    with pytest.raises(PreparationFailed, match="migrate"):
        preparation.run(environment | {"PROVINCES": "Hunan"})
    assert not preparation.is_done


def test_a_marker_without_databases_or_of_another_version_counts_for_nothing(tmp_path):
    preparation = Preparation(tmp_path)
    marker = tmp_path / "demo-prepared"
    marker.write_text("of another version", "utf-8")
    assert not preparation.is_done
    (tmp_path / "db").mkdir()
    assert not preparation.is_done

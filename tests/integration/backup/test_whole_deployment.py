"""A backup under load is whole: restored elsewhere, every journey that had begun ends there exactly once."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from commands.backups.manifest import Manifest
from commands.backups.places import KEEPERS
from shared.platform.platform_tables import PLATFORM
from shared.platform.postgres_backup import sums
from tests.integration.backup.conftest import cursors, given_out, rows
from tests.integration.backup.journeys import assert_happened_exactly_once, carried_over, finish
from tests.support.waiting import eventually

pytestmark = [pytest.mark.broker, pytest.mark.postgres, pytest.mark.slow]

DOCTORS = 4


def business(tables):
    """The sums of a service's own tables."""
    return {name: table for name, table in tables.items() if name not in PLATFORM.tables}


def test_a_backup_under_load_goes_on_elsewhere_with_nothing_lost_or_doubled(running, second, tmp_path):
    """Journeys run while it is taken; what they had reached then is there, and is finished on another broker."""
    doctors = [running.drafted() for _ in range(DOCTORS)]
    folder, written = tmp_path / "backup", threading.Event()

    def play(doctor):
        finish(running, doctor)
        while not written.is_set():
            running.drafted()  # others go on, however quick this machine is and however slow the backup

    with ThreadPoolExecutor(DOCTORS) as load:
        playing = load.map(play, doctors)
        try:
            told = running.system.command("backup", "write", str(folder)).stdout
        finally:
            written.set()
        list(playing)  # what failed there fails here
    assert "KEYS_DIR is not in it" in told

    second.command("backup", "restore", str(folder))
    assert {service: business(sums(second.database_url(service))) for service in KEEPERS} == {
        service: business(part.tables) for service, part in Manifest.read(folder).services.items()
    }
    own = given_out(second)
    for service in KEEPERS:
        ahead = {stream for stream, sequence in cursors(second, service).items() if sequence > own.get(stream, 0)}
        assert not ahead, f"{service} knows more than the owners of {ahead}"

    again = second.command("backup", "restore", str(folder), check=False)
    assert again.returncode == 1
    assert "is not empty" in again.stderr
    assert_damage_is_found(second, shutil.copytree(folder, tmp_path / "damaged"))

    second.start()
    elsewhere = replace(running, system=second, client=type(doctors[0].api))
    for doctor in [carried_over(elsewhere, each) for each in doctors]:
        finish(elsewhere, doctor)
        assert_happened_exactly_once(elsewhere, doctor)
    eventually(lambda: all(not open_rows(second, service) for service in KEEPERS), within=30)


def assert_damage_is_found(system, folder):
    """Before anything is touched, in the files too; a whole backup passes while the databases hold something."""
    assert "can be restored" in system.command("backup", "check", str(folder), "--replace").stdout
    stored = next(path for path in (folder / "files").rglob("*") if path.is_file())
    stored.write_bytes(b"something else")
    for command in ("check", "restore"):
        refused = system.command("backup", command, str(folder), "--replace", check=False)
        assert refused.returncode == 1
        assert f"{stored.relative_to(folder)} is damaged" in refused.stderr


def open_rows(system, service):
    """What a service has still to publish or to apply."""
    unpublished = rows(system, service, "SELECT type FROM outbox WHERE published_at IS NULL")
    return unpublished + rows(system, service, "SELECT type FROM inbox WHERE status NOT IN ('APPLIED', 'DISCARDED')")

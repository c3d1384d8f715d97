"""`make backup` and `make restore`: a province brought back elsewhere, and one service alone from an older backup."""

from __future__ import annotations

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest

from commands.backups.manifest import Manifest
from commands.journey.api import ApiProblem, wait_for
from shared.platform.platform_tables import PLATFORM
from tests.compose.containers import Province, province, run
from tests.compose.registrations import WITH_DATABASE, assert_nothing_waits, assert_registered_exactly_once
from tests.integration.backup.journeys import assert_registered_once, carried_over, finish
from tests.support.deployment import Deployment

PLAYERS = 3
MESSAGES = "SELECT recipient, template, application_id FROM messages ORDER BY 1, 2, 3"


def case_state(running: Province, doctor: Any) -> str | None:
    """Where the case of a doctor's application is; None before it is open."""
    found = running.rows("review", f"SELECT state FROM cases WHERE application_id = '{doctor.application['id']}'")
    return str(found[0]["state"]) if found else None


def make(target: str, running: Province, *variables: str, check: bool = True) -> Any:
    """`make backup` or `make restore` of a province, as its operator says it."""
    return run("make", "-s", target, f"P={running.folder}", *variables, check=check, within=600)


def operations(running: Province, *arguments: str, check: bool = True, **options: Any) -> Any:
    """A command in the container that reaches all databases."""
    return running.compose("run", "--rm", "-T", "operations", *arguments, check=check, **options)


def business(running: Province, service: str) -> dict[str, tuple[int, str]]:
    """Rows and checksum of each of a service's own tables, read by the server's own user."""
    tables = running.rows(service, "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    names = sorted({table["name"] for table in tables} - set(PLATFORM.tables))
    parts = [
        f"SELECT '{name}' AS name, count(*) AS rows,"
        " coalesce(sum(('x' || left(md5(one::text), 16))::bit(64)::bigint::numeric), 0)::text AS checksum"
        f' FROM "{name}" AS one'
        for name in names
    ]
    found = running.rows(service, " UNION ALL ".join(parts))
    return {table["name"]: (table["rows"], table["checksum"]) for table in found}


def told(manifest: Manifest, service: str) -> dict[str, tuple[int, str]]:
    """The same as the backup's manifest has it."""
    tables = manifest.services[service].tables
    return {name: (table.rows, table.checksum) for name, table in tables.items() if name not in PLATFORM.tables}


@dataclass
class BroughtBack:
    """A second province with what a backup of the first held; the doctors are those of its unfinished journeys."""

    deployment: Deployment
    manifest: Manifest
    restored: dict[str, dict[str, tuple[int, str]]]
    doctors: list[Any]
    finished: int

    @property
    def province(self) -> Province:
        """Where its containers are."""
        return self.deployment.system  # type: ignore[return-value]  # a province stands in for a system of processes


def backed_up_under_load(running: Province, deployment: Deployment, name: str) -> list[Any]:
    """Registrations are played from before a backup begins until after it has ended; whose they were."""
    doctors = [deployment.drafted() for _ in range(PLAYERS)]
    ended = threading.Event()

    def play(doctor: Any) -> None:
        finish(deployment, doctor, lambda _system, one: case_state(running, one))
        while not ended.is_set():
            another = deployment.drafted()
            doctors.append(another)
            finish(deployment, another, lambda _system, one: case_state(running, one))

    with ThreadPoolExecutor(PLAYERS) as load:
        playing = [load.submit(play, doctor) for doctor in doctors[:PLAYERS]]
        try:
            make("backup", running, f"TO={name}")
        finally:
            ended.set()
        for each in playing:
            each.result()
    return doctors


@pytest.fixture(scope="module")
def brought_back(province_with_another_group, deployment, tmp_path_factory):
    """An empty project with the first one's keys and a backup that was taken of it under load, restored and started."""
    running = province_with_another_group
    doctors = backed_up_under_load(running, deployment, "under-load")
    backup = running.folder / "backups" / "under-load"
    manifest = Manifest.read(backup)
    with province("43", tmp_path_factory.mktemp("restored") / "43") as second:
        shutil.rmtree(second.folder / "keys")
        shutil.copytree(running.folder / "keys", second.folder / "keys")
        second.write()
        shutil.copytree(backup, second.folder / "backups" / "under-load")
        make("restore", second, "FROM=under-load", "START=no")
        assert not second.is_healthy("review")
        restored = {service: business(second, service) for service in WITH_DATABASE}
        begun = {row["id"] for row in second.rows("applications", "SELECT id FROM applications")}
        ended = {
            row["application_id"]
            for row in second.rows(
                "applications",
                "SELECT application_id FROM registrations JOIN certificates ON registration_id = registrations.id",
            )
        }
        second.up()
        elsewhere = replace(deployment, system=second)
        mine = {doctor.application["id"]: doctor for doctor in doctors}
        carried = [carried_over(elsewhere, doctor) for name, doctor in mine.items() if name in begun - ended]
        yield BroughtBack(elsewhere, manifest, restored, carried, len(ended & mine.keys()))


@pytest.fixture(scope="module")
def province_with_another_group(province):
    """The shared one; its folder belongs to a group that nobody in a container is in by itself."""
    if os.geteuid() == 0:
        os.chown(province.folder, -1, 12345)
    return province


def test_only_the_folders_group_can_read_a_backup(province_with_another_group, brought_back):
    """Its operator copies and removes it without being root; the container's user has another number here."""
    backups = province_with_another_group.folder / "backups"
    group = province_with_another_group.folder.stat().st_gid
    found = [backups, *backups.rglob("*")]
    assert {path.stat().st_gid for path in found} == {group}
    assert {path.stat().st_mode & 0o777 for path in found if path.is_dir()} == {0o770}
    assert {path.stat().st_mode & 0o777 for path in found if path.is_file()} == {0o640}
    assert {path.name for path in (backups / "under-load").iterdir()} >= {"manifest.json", "files.sha256", "files"}


def test_a_restored_province_has_what_the_first_had_when_it_was_backed_up(brought_back):
    """Every business table of every service by its checksum, before anything was started there."""
    assert brought_back.restored == {service: told(brought_back.manifest, service) for service in WITH_DATABASE}
    assert brought_back.restored["applications"]["applications"][0] >= len(brought_back.doctors) > 0


def test_every_journey_that_had_begun_ends_there_exactly_once(brought_back):
    """Whatever the moment of the backup left of a registration: one case, one certificate, each message once."""
    assert brought_back.doctors, "no registration was under way when the backup was taken"
    for doctor in brought_back.doctors:
        finish(brought_back.deployment, doctor, case_state)
        assert_registered_exactly_once(brought_back.province, doctor)
    assert_nothing_waits(brought_back.province)


def test_a_restore_that_is_refused_changes_nothing(brought_back):
    """One line, and everything runs on as it did: the same containers, the same broker."""
    second = brought_back.province
    before = {service: second.container(service) for service in ("rabbitmq", "review", "gateway")}
    refused = {
        "which backup": [],
        "no whole backup": ["FROM=another"],
        "say which backup": ["FROM=../../43"],
        "gateway has no database": ["FROM=under-load", "SERVICE=gateway"],
        "is not empty": ["FROM=under-load"],
        "review's database is not empty": ["FROM=under-load", "SERVICE=review"],
    }
    for complaint, variables in refused.items():
        done = make("restore", second, *variables, check=False)
        assert done.returncode != 0
        assert complaint in done.stderr + done.stdout
    assert "exists" in make("backup", second, "TO=under-load", check=False).stderr
    assert {service: second.container(service) for service in before} == before
    assert all(second.is_healthy(service) for service in before)


def test_the_operators_container_needs_no_keys_in_production(brought_back):
    """It is shown none, and a trial's leniency is not what lets it work."""
    strict = ("ENVIRONMENT=production", "CLOCK_URI=", "SMS_PROVIDER=https://sms.invalid")
    settings = [part for setting in strict for part in ("-e", setting)]
    command = ("run", "--rm", "-T", *settings, "operations", "backup", "compare", "notices")
    assert "0 wait to be settled" in brought_back.province.compose(*command).stdout


@dataclass
class Older:
    """A backup from which one case has gone on since, and another has not."""

    moved: Any
    untouched: Any
    number: str
    messages: list[dict[str, Any]]


@pytest.fixture(scope="module")
def older(brought_back):
    """The second province, backed up anew; then an institution confirms one of two applications."""
    elsewhere, second = brought_back.deployment, brought_back.province
    moved, untouched = elsewhere.submitted(), elsewhere.submitted()
    for doctor in (moved, untouched):
        wait_for("the case", lambda doctor=doctor: case_state(second, doctor) == "ORG_REVIEW" or None, within=60)
    assert_nothing_waits(second)
    make("backup", second, "TO=older")
    number = moved.reload()["number"]
    elsewhere.clerk().decide(number, "confirm", step="confirm")
    moved.wait_until("ORG_CONFIRMED", "RELEASE", within=60)
    assert_nothing_waits(second)
    return Older(moved, untouched, number, second.rows("notices", MESSAGES))


def test_a_consumer_from_an_older_backup_is_caught_up(brought_back, older):
    """Notices hears again what its owners keep, and has every message, each once; nobody else is stopped."""
    second = brought_back.province
    manifest = Manifest.read(second.folder / "backups" / "older")
    assert manifest.services["notices"].tables["messages"].rows < len(older.messages)
    others = {service: second.inspect(service)["State"]["StartedAt"] for service in ("review", "rabbitmq", "gateway")}
    make("restore", second, "FROM=older", "SERVICE=notices", "REPLACE=1")
    assert second.is_healthy("notices")
    assert {service: second.inspect(service)["State"]["StartedAt"] for service in others} == others
    wait_for("notices to be caught up", lambda: second.rows("notices", MESSAGES) == older.messages or None, within=60)
    assert_nothing_waits(second)

    again = ("outbox", "publish-again", "review", "--everything", "--consumer", "notices")
    refused = second.compose("run", "--rm", "--no-deps", "-T", "review", *again, check=False)
    assert refused.returncode == 2
    assert "may not write" in refused.stderr
    assert "delivered again to notices" in operations(second, *again).stdout
    assert_nothing_waits(second)
    assert second.rows("notices", MESSAGES) == older.messages


def test_an_owner_from_an_older_backup_is_closed_where_others_know_more(brought_back, older):
    """Review, from before one of two cases went on: that one is refused until it is settled, the other is decided."""
    elsewhere, second = brought_back.deployment, brought_back.province
    restored = make("restore", second, "FROM=older", "SERVICE=review", "REPLACE=1")
    [case] = second.rows("review", f"SELECT id FROM cases WHERE application_id = '{older.moved.application['id']}'")
    record = f"case:{case['id']}"
    assert "backup settle" in restored.stdout, "the operator is told what to do next"
    assert second.rows("review", "SELECT aggregate FROM closed_aggregate WHERE closed") == [{"aggregate": record}]
    assert f"{record}  own #" in operations(second, "backup", "compare", "review").stdout

    with pytest.raises(ApiProblem) as refusal:
        elsewhere.clerk().decide(older.number, "confirm", step="confirm")
    assert (refusal.value.status, refusal.value.code) == (409, "aggregate_closed")
    finish(elsewhere, older.untouched, case_state)
    assert_registered_exactly_once(second, older.untouched)

    settle = ("backup", "settle", "review", record, "--as", "resumed", "--reason", "材料已与医疗机构核对")
    operations(second, *settle, env={"OPERATOR": "wang"})
    assert second.rows("review", "SELECT settled_as, settled_by, reason FROM closed_aggregate") == [
        {"settled_as": "resumed", "settled_by": "operator:wang", "reason": "材料已与医疗机构核对"}
    ]
    assert "0 wait to be settled" in operations(second, "backup", "compare", "review").stdout
    finish(elsewhere, older.moved, case_state)
    assert_registered_once(
        older.moved
    )  # the step that was lost and repeated has been told twice, as it was taken twice


def test_a_whole_restore_in_place_gives_up_what_is_newer(brought_back, older):
    """Databases, and what waits in the broker: news of what is no more must reach nobody. Nothing is started."""
    second = brought_back.province
    second.compose("stop", "notices", within=180)
    operations(second, "outbox", "publish-again", "review", "--everything", "--consumer", "notices")
    assert "messages wait in notices.inbox" in operations(second, "backup", "compare", "review").stdout
    done = make("restore", second, "FROM=older", "REPLACE=1", "START=no")
    assert "messages wait" not in done.stdout + done.stderr
    manifest = Manifest.read(second.folder / "backups" / "older")
    assert {service: business(second, service) for service in WITH_DATABASE} == {
        service: told(manifest, service) for service in WITH_DATABASE
    }

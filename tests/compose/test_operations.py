"""The recipes of docs/operations.md, followed on a province of their own while people use it."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from commands.journey.api import Api, ApiProblem
from commands.journey.people import Doctor
from commands.services import SERVICES
from shared.platform.working_days import SHANGHAI, WorkingDays, load_year, published_years
from tests.compose.containers import Province, run
from tests.compose.containers import province as new_province
from tests.compose.people import own_lines, populated
from tests.compose.prometheus import prometheus_of
from tests.compose.registrations import WITH_DATABASE, assert_nothing_waits, assert_registered_exactly_once
from tests.support.deployment import EXAMPLES, Deployment
from tests.support.registration_acts import acts
from tests.support.waiting import eventually

#: Where the disks of the province are, for the container that fills them.
DISKS = {"database": "/database", "files": "/files"}


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory) -> Iterator[Province]:
    """A province with small disks that soon says when its outbox stands still."""
    with new_province("43", tmp_path_factory.mktemp("rehearsal") / "43") as running:
        compose, settings = running.folder / "compose.env", running.folder / "settings.env"
        compose.write_text(re.sub(r"(?m)^(COMPOSE_FILE=.*)$", r"\1:tests/compose/small-disks.yml", compose.read_text()))
        settings.write_text(f"{settings.read_text()}OUTBOX_LAG_LIMIT=10\n")
        running.up()
        yield running


@pytest.fixture(scope="module")
def people(rehearsal, tmp_path_factory) -> Deployment:
    """The same with organisations, staff and a published cohort, for as many as register while a recipe is followed."""
    return populated(rehearsal, tmp_path_factory.mktemp("rehearsed"), seed=11)


@pytest.fixture(scope="module")
def disks(rehearsal) -> Iterator[Disks]:
    """Somebody who can fill the province's disks, and keeps them from vanishing with the containers."""
    mounts = [word for name, place in DISKS.items() for word in ("-v", f"{rehearsal.project}_{name}:{place}")]
    image = rehearsal.images.get("YIZHU_IMAGE", "yizhu:local")
    sleeper = ("--user", "0", "--entrypoint", "sleep", image, "infinity")
    container = run("docker", "run", "-d", "--network", "none", *mounts, *sleeper).stdout.strip()
    try:
        yield Disks(container)
    finally:
        run("docker", "rm", "-f", container)


class Disks:
    """The disks of the province, as its operator sees them."""

    def __init__(self, container: str) -> None:
        self.container = container

    @contextmanager
    def full(self, name: str) -> Iterator[None]:
        """No byte is left on a disk for the block."""
        ballast = f"{DISKS[name]}/ballast"
        for piece in ("1M", "4k"):
            self._run(f"dd if=/dev/zero bs={piece} >>{ballast}.{piece} 2>/dev/null || true")
        try:
            yield
        finally:
            self._run(f"rm {ballast}.*")

    def uploads(self) -> set[str]:
        """What waits to be adopted."""
        return set(self._run("ls -A /files/incoming").split())

    def _run(self, command: str) -> str:
        return run("docker", "exec", self.container, "sh", "-c", command).stdout


@contextmanager
def registering(people: Deployment) -> Iterator[list[Doctor]]:
    """Registrations one after another while the block runs; those that were begun are completed after it."""
    ended = threading.Event()
    begun: list[Doctor] = []

    def play() -> None:
        while not ended.is_set() or not begun:
            doctor = people.doctor()
            begun.append(doctor)
            for act in acts(people, doctor):
                act()

    with ThreadPoolExecutor(1) as player:
        playing = player.submit(play)
        try:
            yield begun
        finally:
            ended.set()
        playing.result(timeout=300)


def impatient(people: Deployment, doctor: Doctor) -> Api:
    """The same person with a client that shows each refusal instead of trying again."""
    client = Api(people.url)
    client.token = doctor.api.token
    return client


def refused(act: Callable[[], object]) -> tuple[int, str]:
    """Status and code of the refusal."""
    with pytest.raises(ApiProblem) as refusal:
        act()
    assert refusal.value.detail
    return refusal.value.status, refusal.value.code


def psql(province: Province, service: str, statement: str, *, check: bool = True) -> str:
    """A statement to a service's database, as the server's own user."""
    to = ("exec", "-T", "postgres", "psql", "-qAt", "-U", "postgres", "-d", f"yizhu_{service}", "-c", statement)
    return province.compose(*to, check=check).stdout


def on_container(province: Province, service: str, path: str) -> Any:
    """`/readyz` or `/metrics` of a service, asked from within."""
    program = (
        "import urllib.request, urllib.error\n"
        f"try: print(urllib.request.urlopen('http://127.0.0.1:8100{path}', timeout=20).read().decode())\n"
        "except urllib.error.HTTPError as refusal: print(refusal.read().decode())"
    )
    return province.compose("exec", "-T", service, "python", "-c", program).stdout


# -- key rotation


def test_keys_are_rotated_while_people_register(rehearsal, people):
    """Both steps, each shown to the containers, and every service restarted by itself: no registration fails."""
    before = people.drafted()
    old = {name: _writing_key(rehearsal, name) for name in ("transport.json", "storage/accounts.json")}
    _rotate(rehearsal, "add")
    with registering(people) as doctors:
        _rotate(rehearsal, "activate")
        for service in SERVICES:
            rehearsal.compose("restart", service, within=180)
            rehearsal.wait_healthy(service)
    for act in acts(people, before)[7:]:
        act()
    for doctor in (before, *doctors):
        assert_registered_exactly_once(rehearsal, doctor)
    assert_nothing_waits(rehearsal)
    after = people.doctor()
    new = {name: _writing_key(rehearsal, name) for name in old}
    assert not set(old.values()) & set(new.values())
    sealed = rehearsal.rows("accounts", "SELECT phone FROM accounts ORDER BY opened_at")
    assert sealed[0]["phone"][1:].startswith(f"{old['storage/accounts.json']}.")
    assert sealed[-1]["phone"][1:].startswith(f"{new['storage/accounts.json']}.")
    assert after.api.get("/me")
    assert before.api.get("/me")


def _rotate(province: Province, step: str) -> None:
    """A step for every kind of key, in the folder of the province; then the containers are shown it."""
    keys = ("--folder", str(province.folder / "keys"))
    for kind, *whose in (("transport",), ("storage", "all"), ("identity", "all")):
        run(sys.executable, "-W", "ignore", "-m", "commands", "keys", step, kind, *whose, *keys)
    written = ("province", "write", province.code, "--into", str(province.folder))
    run(sys.executable, "-W", "ignore", "-m", "commands", *written)


def _writing_key(province: Province, name: str) -> str:
    return str(json.loads((province.folder / "keys" / name).read_text())["current"])


# -- dead letters


def test_what_a_consumer_refuses_is_listed_replayed_and_happens_once(rehearsal, people):
    """notices can't write messages: events are retried, given up at last, and follow in order when it can again."""
    psql(rehearsal, "notices", REFUSE)
    try:
        doctor = people.submitted()
        eventually(lambda: _hurried_to_death(rehearsal), within=90, every=1.0)
        listed = rehearsal.compose(
            "exec", "-T", "notices", "python", "-m", "commands", "dead-letters", "list", "notices"
        )
        assert "applications.application_submitted.v1" in listed.stdout
        assert re.search(r"[1-9]\d* events, ", listed.stdout)
        assert doctor.candidate.name not in listed.stdout
        figures = on_container(rehearsal, "notices", "/metrics")
        assert re.search(r'yizhu_inbox_unfinished\{service="notices",status="dead"\} [1-9]', figures)
    finally:
        psql(rehearsal, "notices", "DROP TRIGGER refuse ON messages; DROP FUNCTION refuse")
    replayed = ("run", "--rm", "--no-deps", "-T", "notices", "dead-letters", "replay", "notices", "--all")
    assert "to be tried again" in rehearsal.compose(*replayed).stdout
    for act in acts(people, doctor)[8:]:
        act()
    assert_registered_exactly_once(rehearsal, doctor)
    assert_nothing_waits(rehearsal)


REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse();
"""


def _hurried_to_death(province: Province) -> bool:
    """Leave a failed event its last attempt, now: the waits between all eight would take hours."""
    hurried = "UPDATE inbox SET attempts = 7, next_try_at = now() WHERE status = 'PARKED'"
    psql(province, "notices", hurried)
    return bool(province.rows("notices", "SELECT id FROM inbox WHERE status = 'DEAD'"))


# -- full outbox, broker lost


def test_events_pile_up_without_a_broker_and_all_leave_when_it_is_back(rehearsal, people, tmp_path):
    """Readiness, figures and the alert tell; afterwards each consumer has each event, once."""
    with prometheus_of(rehearsal, impatient=("YizhuOutboxLag",)) as prometheus:
        rehearsal.compose("stop", "rabbitmq", within=120)
        try:
            _renumber_staff(rehearsal, tmp_path)
            waiting = _waiting(rehearsal)
            assert len(waiting) > 1
            told = 'max(yizhu_outbox_waiting{service="accounts"})'
            eventually(lambda: prometheus.value(told) == len(waiting), within=60, every=0.5)
            alarm = {"alertname": "YizhuOutboxLag", "service": "accounts", "severity": "page"}
            eventually(lambda: alarm in prometheus.alerts(), within=60, every=0.5)
            eventually(lambda: _checks(rehearsal, "accounts")["accounts.outbox"] is False, within=60, every=1.0)
            assert _checks(rehearsal, "accounts")["accounts.database"] is True
        finally:
            rehearsal.compose("start", "rabbitmq", within=120)
        rehearsal.wait_healthy()
        assert_nothing_waits(rehearsal)
        eventually(lambda: _applied(rehearsal, "notices", waiting) == waiting, within=60, every=0.5)
        eventually(lambda: alarm not in prometheus.alerts(), within=60, every=0.5)


def test_a_broker_that_lost_everything_is_made_anew(rehearsal, people):
    """Its volume is gone with messages in it: queues are declared, and kept events are published again."""
    doctor = people.drafted()
    since = datetime.now(UTC) - timedelta(minutes=1)
    rehearsal.compose("stop", "notices", within=120)
    doctor.submit()
    eventually(lambda: not any(_waiting(rehearsal, service) for service in WITH_DATABASE), within=60, every=0.5)
    rehearsal.compose("rm", "-sf", "rabbitmq", within=120)
    run("docker", "volume", "rm", f"{rehearsal.project}_broker")
    rehearsal.compose("up", "-d", "--no-deps", "rabbitmq", within=180)
    eventually(lambda: rehearsal.is_healthy("rabbitmq"), within=120, every=0.5)
    rehearsal.compose("run", "--rm", "--no-deps", "-T", "declare")
    rehearsal.compose("start", "notices", within=120)
    rehearsal.wait_healthy()
    for service in WITH_DATABASE:
        again = ("outbox", "publish-again", service, "--since", f"{since:%Y-%m-%dT%H:%M:%S}")
        rehearsal.compose("run", "--rm", "--no-deps", "-T", service, *again)
    for act in acts(people, doctor)[8:]:
        act()
    assert_registered_exactly_once(rehearsal, doctor)
    assert_nothing_waits(rehearsal)


def _renumber_staff(province: Province, folder: Path) -> None:
    """The file of staff again, each under another phone; loading needs the database alone."""
    staff = folder / "staff.csv"
    own_lines(EXAMPLES / "staff.csv", staff, province.code)
    staff.write_text(staff.read_text("utf-8").replace(",1390000", ",1380000"), "utf-8")
    province.command(folder, "accounts", "staff", "load", "/given/staff.csv")


def _waiting(province: Province, service: str = "accounts") -> set[str]:
    return {row["id"] for row in province.rows(service, "SELECT id FROM outbox WHERE published_at IS NULL")}


def _applied(province: Province, consumer: str, events: set[str]) -> set[str]:
    ids = ",".join(f"'{event}'" for event in events)
    applied = f"SELECT id FROM inbox WHERE status = 'APPLIED' AND id IN ({ids})"
    return {row["id"] for row in province.rows(consumer, applied)}


def _checks(province: Province, service: str) -> dict[str, bool]:
    checks: dict[str, bool] = json.loads(on_container(province, service, "/readyz"))["checks"]
    return checks


# -- disk full


def test_a_full_disk_of_files_refuses_uploads_until_there_is_room(rehearsal, people, disks):
    """503 `files_full` in words, nothing half of it stays, and the same application goes on."""
    doctor = people.activated_doctor()
    doctor.start()
    doctor.fill_in(people.institution_id(), ["C01"], people.today())
    waiting = disks.uploads()
    patient, doctor.api = doctor.api, impatient(people, doctor)
    with disks.full("files"):
        assert refused(doctor.upload) == (503, "files_full")
        assert disks.uploads() == waiting
        assert rehearsal.is_healthy("gateway")
    doctor.api = patient
    for act in acts(people, doctor)[6:]:
        act()
    assert_registered_exactly_once(rehearsal, doctor)


def test_a_full_disk_of_the_database_refuses_work_until_there_is_room(rehearsal, people, disks):
    """First single writes fail, at last the server goes down at its log; it comes back by itself, with everything."""
    doctor = people.drafted()
    patient, doctor.api = doctor.api, impatient(people, doctor)
    with disks.full("database"):
        eventually(lambda: not _takes_log(rehearsal), within=60, every=0.1)
        status, code = refused(doctor.submit)
        assert status == 503
        assert code in ("database_unavailable", "service_unavailable")
        eventually(lambda: _checks(rehearsal, "applications")["applications.database"] is False, within=60, every=0.5)
    doctor.api = patient
    rehearsal.wait_healthy()
    for act in acts(people, doctor)[7:]:
        act()
    assert_registered_exactly_once(rehearsal, doctor)
    assert_nothing_waits(rehearsal)


def test_a_full_disk_of_the_broker_holds_everything_up_until_there_is_room(rehearsal, people):
    """Below its limit RabbitMQ takes no messages: people are told to come again, and nothing happens twice."""
    doctor = people.drafted()
    patient, doctor.api = doctor.api, impatient(people, doctor)
    _limit_disk(rehearsal, "900000GB")
    try:
        assert refused(doctor.submit) == (503, "service_unavailable")
    finally:
        _limit_disk(rehearsal, "1GB")
    doctor.api = patient
    rehearsal.wait_healthy()
    for act in acts(people, doctor)[7:]:
        act()
    assert_registered_exactly_once(rehearsal, doctor)
    assert_nothing_waits(rehearsal)


def _limit_disk(province: Province, free: str) -> None:
    province.compose("exec", "-T", "rabbitmq", "rabbitmqctl", "set_disk_free_limit", free)


def _takes_log(province: Province) -> bool:
    """Have the server begin another file of its write-ahead log; whether it did."""
    statement = "SELECT pg_logical_emit_message(false, 'full', 'full'); SELECT pg_switch_wal()"
    done = province.compose(
        "exec", "-T", "postgres", "psql", "-qAt", "-U", "postgres", "-c", statement, check=False
    )  # fmt: skip
    return done.returncode == 0


# -- statutory working days


def test_a_loaded_calendar_is_known_to_both_services_without_a_restart(rehearsal, people, tmp_path):
    """A provisional deadline is counted again by review; the reminder of notices keeps the same days."""
    today = people.today()
    coming = max(max(published_years()) + 1, today.year)
    for year in range(today.year, coming):
        # Nobody works until the coming year, so that a period ends in it whatever the day of the test is.
        _load(rehearsal, tmp_path, year, lambda day: day < today)
    doctor = people.submitted()
    before = eventually(lambda: _clock(rehearsal, doctor), within=30)
    assert before["provisional"]
    # Three days a month are worked: no other calendar gives these dates.
    _load(rehearsal, tmp_path, coming, lambda day: day.day in (10, 20, 28) and day > today)
    known = WorkingDays(published_years() | dict(load_year(path) for path in sorted(tmp_path.glob("*.toml"))))
    due = known.add(today, 10).date
    assert due.day in (10, 20, 28)
    eventually(lambda: _clock(rehearsal, doctor) == {"due_on": str(due), "provisional": False}, within=30, every=0.5)
    shown = rehearsal.compose("exec", "-T", "notices", "python", "-m", "commands", "calendar", "show").stdout
    assert f"to {coming};" in shown
    people.advance_days((due - today).days + 1)
    reminded = eventually(lambda: _reminder(rehearsal, doctor), within=60, every=0.5)
    assert reminded == known.add(people.today(), 5).date


def _load(province: Province, folder: Path, year: int, is_worked: Callable[[date], bool]) -> None:
    days = [day for number in range(366) if (day := date(year, 1, 1) + timedelta(days=number)).year == year]
    lines = {
        "holidays": [day for day in days if not is_worked(day)],
        "workdays": [day for day in days if is_worked(day)],
    }
    table = "".join(f"{name} = [{', '.join(map(str, found))}]\n" for name, found in lines.items())
    (folder / f"{year}.toml").write_text(f"year = {year}\n{table}", "utf-8")
    assert f"{year}: " in province.command(folder, "review", "calendar", "load", f"/given/{year}.toml").stdout


def _clock(province: Province, doctor: Doctor) -> dict[str, Any] | None:
    """The running period of the case, as review keeps it."""
    asked = f"SELECT clocks FROM cases WHERE application_id = '{doctor.application['id']}'"
    clocks = [clock for row in province.rows("review", asked) for clock in row["clocks"]]
    return {name: clocks[-1][name] for name in ("due_on", "provisional")} if clocks else None


def _reminder(province: Province, doctor: Doctor) -> date | None:
    asked = f"SELECT next_at FROM reminders WHERE application_id = '{doctor.application['id']}'"
    found = [datetime.fromisoformat(row["next_at"]) for row in province.rows("notices", asked)]
    return found[0].astimezone(SHANGHAI).date() if found else None

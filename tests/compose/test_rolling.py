"""A province behind a proxy: the release before is replaced while people register, and every service may be three."""

from __future__ import annotations

import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from commands.deploying.rolling import Containers, UpgradeFailed, order
from commands.services import SERVICES
from tests.compose.containers import broken_for, identity, images, run
from tests.compose.containers import province as new_province
from tests.compose.people import populated
from tests.compose.registrations import WITH_DATABASE, assert_nothing_waits, assert_registered_exactly_once
from tests.compose.watching import watched
from tests.support.registration_acts import acts

MIGRATIONS = "services/*/migrations/versions/*.py"
PLAYERS = 2
#: Seconds without an answer that nobody takes for an outage; a service that is away until its successor is ready takes
#: ten and more.
UNNOTICED = 3.0


@pytest.fixture(scope="module")
def commit_before():
    """The release before: the newest tag, or the commit before the newest migration."""
    tag = run("git", "tag", "--list", "v*", "--sort=-version:refname", "--no-contains", "HEAD").stdout.split()
    present = run("git", "ls-files", "--", MIGRATIONS).stdout.split()  # not those that were taken back
    newest = run("git", "log", "-1", "--diff-filter=A", "--format=%H", "--", *present).stdout.strip()
    return run("git", "rev-parse", tag[0] if tag else f"{newest}^").stdout.strip()


@pytest.fixture(scope="module")
def image_before(commit_before):
    """The services' image of the release before."""
    image = f"yizhu:before-{commit_before[:12]}"
    if run("docker", "image", "inspect", image, check=False).returncode != 0:
        base = images().get("PYTHON_IMAGE", "python:3.11-slim")
        build = f"git archive {commit_before} | docker build -q --build-arg PYTHON_IMAGE={base} -t {image} -"
        run("bash", "-o", "pipefail", "-c", build, within=900)
    return image


@pytest.fixture(scope="module")
def before(image_before, tmp_path_factory):
    """Province 43 on the release before, behind a proxy."""
    folder = tmp_path_factory.mktemp("rolling") / "43"
    with new_province("43", folder, gateways="proxied", YIZHU_IMAGE=image_before) as running:
        running.set(CALLER_CHECK="off")  # the services of before do not sign what they ask
        running.up()
        yield running


@pytest.fixture(scope="module")
def people(before, tmp_path_factory):
    """The same with organisations, staff and a published cohort."""
    return populated(before, tmp_path_factory.mktemp("cohort"))


def registered(deployment):
    """A whole registration."""
    doctor = deployment.doctor()
    for act in acts(deployment, doctor):
        act()
    return doctor


def test_the_release_before_works_on_the_new_schema(before, people, image, commit_before):
    """Migrations run while the containers of before go on: they lose nothing that they need."""
    versions = {service: version_of(before, service) for service in WITH_DATABASE}
    for step in ("declare", *(f"migrate-{service}" for service in WITH_DATABASE)):
        before.compose("run", "--rm", "--no-deps", "-T", step, env={"YIZHU_IMAGE": image})
    is_newer = bool(run("git", "diff", "--name-only", commit_before, "HEAD", "--", MIGRATIONS).stdout.strip())
    assert ({service: version_of(before, service) for service in WITH_DATABASE} != versions) is is_newer
    assert_registered_exactly_once(before, registered(people))
    before.wait_healthy()
    assert_nothing_waits(before)


def test_a_new_image_replaces_the_old_one_while_people_register(before, people, image, figures, monkeypatch):
    """Every registration begun has ended once, and nobody was without service."""
    ended, turn = threading.Event(), threading.Lock()
    log_in = people.staff

    def one_after_the_other(login):
        with turn:
            return log_in(login)

    # Before 2fa6c33, a login could end with a 500 when the same account logged in at the same moment.
    monkeypatch.setattr(people, "staff", one_after_the_other)

    def play(_number):
        doctors = []
        while not ended.is_set():
            doctors.append(registered(people))
        return doctors

    with watched(people, figures, "rolling upgrade") as outages, ThreadPoolExecutor(PLAYERS) as players:
        playing = [players.submit(play, number) for number in range(PLAYERS)]
        try:
            told = upgrade(before, image)
        finally:
            ended.set()
        doctors = [doctor for player in playing for doctor in player.result()]
    assert told.returncode == 0, told.stderr
    assert max(outages.longest.values()) < UNNOTICED, outages
    assert len(doctors) >= PLAYERS
    for doctor in doctors:
        assert_registered_exactly_once(before, doctor)
    assert_nothing_waits(before)
    assert images_of(before) == {identity(image)}
    assert f"YIZHU_IMAGE={image}" in (before.folder / "compose.env").read_text().splitlines()


def test_a_service_that_does_not_start_ends_the_upgrade_and_the_image_of_before_comes_back(before, people, image):
    """What was replaced before it stays, its own old container goes on; people register meanwhile, and the way back."""
    broken = broken_for("sync", image)
    running = {service: before.containers(service) for service in SERVICES}
    told = upgrade(before, broken)
    assert told.returncode == 1
    assert "sync did not get healthy" in told.stderr
    replaced = order()[: order().index("sync")]
    assert {service for service in SERVICES if before.containers(service) != running[service]} == set(replaced) > set()
    assert before.is_healthy("sync")
    assert broken not in (before.folder / "compose.env").read_text()
    assert_registered_exactly_once(before, registered(people))

    back = upgrade(before, image)
    assert back.returncode == 0, back.stderr
    assert images_of(before) == {identity(image)}
    assert_registered_exactly_once(before, registered(people))
    assert_nothing_waits(before)


def test_a_gateway_that_had_to_stop_for_one_that_does_not_start_is_made_again(province, deployment, image):
    """Where one address is published two can't stand side by side, so there is no old container to go on."""
    with pytest.raises(UpgradeFailed, match=f"it runs {image} again"):
        Containers(province.folder, broken_for("gateway", image)).replace("gateway", beside=False)
    assert province.is_healthy("gateway")
    assert province.inspect("gateway")["Image"] == identity(image)
    assert deployment.institution_id()


def test_three_of_each_service_do_everything_once(before, people):
    """Timers, relays and consumers of all replicas run: each message, decision and certificate once, whoever did it."""
    before.compose("up", "-d", "--no-recreate", *(f"--scale={service}=3" for service in SERVICES), within=600)
    before.wait_healthy()
    assert {len(before.containers(service)) for service in SERVICES} == {3}
    with ThreadPoolExecutor(3) as players:
        doctors = list(players.map(lambda _: registered(people), range(6)))
    for doctor in doctors:
        assert_registered_exactly_once(before, doctor)
    assert_nothing_waits(before)
    assert events_heard_twice(before) == 0
    assert counted(before, "applications", "yizhu_certificates_issued_total") >= len(doctors)
    asked = [sum_of("yizhu_http_requests_total", text) for text in before.figures("gateway")]
    assert all(asked), f"a gateway was never asked: {asked}"


def upgrade(province, image):
    """`province upgrade`, as `make province-upgrade` runs it."""
    command = [sys.executable, "-m", "commands", "province", "upgrade", province.code, "--into", str(province.folder)]
    return run(*command, "--image", image, check=False, within=900, env={"PYTHONWARNINGS": "ignore"})


def images_of(province):
    """What the services' containers run."""
    return {province.inspect(service)["Image"] for service in SERVICES}


def version_of(province, service):
    """The version of a service's schema."""
    return province.rows(service, "SELECT version_num FROM alembic_version")


def sum_of(name, text, having=""):
    """The sum of a figure over its labels, of those lines that contain `having`."""
    found = re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", text, re.MULTILINE)
    return sum(float(value) for labels, value in found if having in labels)


def counted(province, service, name):
    """The sum of a counter over a service's containers."""
    return sum(sum_of(name, text) for text in province.figures(service))


def events_heard_twice(province):
    """How many deliveries the inboxes of all replicas knew already: an event that two relays sent would be one."""
    texts = [text for service in WITH_DATABASE for text in province.figures(service)]
    return sum(sum_of("yizhu_event_duration_seconds_count", text, 'outcome="known"') for text in texts)

"""The journey survives the death of every part of the system: one registration, one certificate, one message each."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests

from commands.journey.api import wait_for
from tests.e2e.faults.patience import DEADLINE, PatientApi
from tests.support.processes import SERVICES
from tests.support.registration_acts import acts

pytestmark = [pytest.mark.broker, pytest.mark.postgres, pytest.mark.slow]


def query(deployment, service, statement, *arguments):
    """Rows from a service's database."""
    address = deployment.system.database_url(service).replace("postgresql+psycopg", "postgresql", 1)
    with psycopg.connect(address) as connection:
        return connection.execute(statement, arguments).fetchall()


def assert_happened_exactly_once(deployment, doctor):
    """One registration, one certificate, and each message once for each recipient."""
    application_id = doctor.application["id"]
    assert len(doctor.api.get("/me/career")["items"]) == 1
    assert len(doctor.api.get("/me/certificates")["items"]) == 1
    wait_for(
        "the message of the registration",
        lambda: next((True for item in doctor.messages() if item["template"] == "approved"), None),
        within=60,
    )
    messages = query(
        deployment,
        "notices",
        "SELECT recipient, template FROM messages WHERE application_id = %s",
        application_id,
    )
    assert messages
    doubled = {key: times for key, times in Counter(messages).items() if times > 1}
    assert not doubled
    for service in SERVICES:
        if service != "gateway":
            dead = query(deployment, service, "SELECT type FROM inbox WHERE status = 'DEAD'")
            assert not dead, f"{service} gave up on {dead}"


def opened(deployment):
    """A doctor with an account."""
    doctor = deployment.doctor()
    doctor.api.token = None
    return doctor


@pytest.mark.parametrize("victim", SERVICES)
def test_a_service_is_killed_between_every_two_steps(fragile, victim):
    """kill -9 and restart; whoever asks meanwhile gets a clear 503 within the deadline and tries again."""
    doctor = opened(fragile)
    PatientApi.longest = 0.0
    for act in acts(fragile, doctor):
        act()
        fragile.system.kill(victim)
        fragile.system.start_without_waiting(victim)
    fragile.system.wait_ready(victim)
    assert_happened_exactly_once(fragile, doctor)
    assert PatientApi.longest <= DEADLINE


def calls_meanwhile(deployment, doctor):
    """What several callers ask at once; each is answered within the deadline, with what was asked or a clear 503."""

    def ask(path):
        began = time.monotonic()
        answer = requests.get(
            f"{deployment.url}/api/v1{path}",
            headers={"Authorization": f"Bearer {doctor.api.token}"},
            timeout=2 * DEADLINE,
        )
        return path, answer, time.monotonic() - began

    paths = ["/me", "/me/messages", "/me/career", f"/applications/{doctor.application['id']}", "/public/calendar"]
    with ThreadPoolExecutor(len(paths)) as callers:
        answers = list(callers.map(ask, paths))
    for path, answer, seconds in answers:
        assert answer.status_code in (requests.codes.ok, requests.codes.unavailable), (path, answer.status_code)
        if answer.status_code == requests.codes.unavailable:
            assert answer.json()["code"] in ("service_unavailable", "database_unavailable"), path
        assert seconds <= DEADLINE, (path, seconds)
    assert any(answer.status_code == requests.codes.unavailable for _, answer, _ in answers)


def test_the_broker_is_stopped_and_started_between_two_steps(fragile, servers):
    """Half the journey before, half after; who calls while it is away is told so within the deadline."""
    broker, _ = servers
    doctor = opened(fragile)
    steps = acts(fragile, doctor)
    for act in steps[:7]:
        act()
    broker.stop()
    try:
        calls_meanwhile(fragile, doctor)
    finally:
        broker.start()
    for act in steps[7:]:
        act()
    assert_happened_exactly_once(fragile, doctor)


def test_the_database_server_is_stopped_and_started_between_two_steps(fragile, servers):
    """No event is given up while its consumer's database is away: attempts are not counted then.

    Who calls meanwhile is told so within the deadline.
    """
    _, database = servers
    doctor = opened(fragile)
    steps = acts(fragile, doctor)
    for act in steps[:8]:
        act()
    database.stop()
    try:
        calls_meanwhile(fragile, doctor)
    finally:
        database.start()
    for act in steps[8:]:
        act()
    assert_happened_exactly_once(fragile, doctor)

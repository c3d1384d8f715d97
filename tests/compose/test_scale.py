"""More than one container of a service: no work twice, and each may go while the others carry on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.compose.registrations import assert_nothing_waits, assert_registered_exactly_once
from tests.support.registration_acts import acts

SCALED = ("accounts", "sync", "applications", "review", "notices")


@pytest.fixture
def scaled(province):
    """Three of each service behind the same queues; one of each afterwards."""
    province.compose("up", "-d", "--no-recreate", *(f"--scale={service}=3" for service in SCALED), within=600)
    province.wait_healthy()
    yield province
    province.compose("up", "-d", "--no-recreate", *(f"--scale={service}=1" for service in SCALED), within=600)
    province.wait_healthy()


def test_timers_and_relays_of_three_replicas_do_everything_once(scaled, deployment):
    """Registrations side by side: each message, decision and certificate once, whichever replica did it."""
    assert {len(scaled.containers(service)) for service in SCALED} == {3}

    def registered(_number):
        doctor = deployment.doctor()
        for act in acts(deployment, doctor):
            act()
        return doctor

    with ThreadPoolExecutor(3) as players:
        doctors = list(players.map(registered, range(6)))
    for doctor in doctors:
        assert_registered_exactly_once(scaled, doctor)
    assert_nothing_waits(scaled)

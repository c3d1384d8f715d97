"""Faults of a running province: every registration begun has ended once, and the time without service is told."""

from __future__ import annotations

import time

import pytest

from commands.services import SERVICES
from tests.compose.registrations import assert_nothing_waits, assert_registered_exactly_once
from tests.compose.watching import watched
from tests.support.registration_acts import acts

#: A registration is broken after each third act: while it is filled in, decided, and made.
BROKEN_AFTER = (2, 5, 8, 11)


def register_through(province, deployment, fault) -> None:
    """A whole registration with the fault at several places of it."""
    doctor = deployment.doctor()
    for number, act in enumerate(acts(deployment, doctor)):
        act()
        if number in BROKEN_AFTER:
            fault()
    assert_registered_exactly_once(province, doctor)


@pytest.mark.parametrize("victim", SERVICES)
def test_a_service_is_killed(province, deployment, figures, victim):
    """kill -9: the container's policy starts it again, and nobody's work is lost or done twice."""
    with watched(deployment, figures, f"{victim} killed"):
        register_through(province, deployment, lambda: province.crash(victim))
        province.wait_healthy(victim)
    assert_nothing_waits(province)


@pytest.mark.parametrize("victim", ["rabbitmq", "postgres"])
def test_a_server_is_killed(province, deployment, figures, victim):
    """The broker's queues and the databases' transactions survive a crash; everything connects again by itself."""
    with watched(deployment, figures, f"{victim} killed"):
        doctor = deployment.doctor()
        for number, act in enumerate(acts(deployment, doctor)):
            act()
            if number in (4, 10):
                province.crash(victim)
        assert_registered_exactly_once(province, doctor)
        province.wait_healthy()
    assert_nothing_waits(province)


@pytest.mark.parametrize("victim", ["rabbitmq", "postgres", "review"])
def test_a_container_is_restarted(province, deployment, figures, victim):
    with watched(deployment, figures, f"{victim} restarted"):
        doctor = deployment.doctor()
        for number, act in enumerate(acts(deployment, doctor)):
            act()
            if number == 8:
                province.compose("restart", victim, within=180)
        assert_registered_exactly_once(province, doctor)
        province.wait_healthy()
    assert_nothing_waits(province)


@pytest.mark.parametrize("victim", ["applications", "postgres"])
def test_a_container_hangs(province, deployment, figures, victim):
    """A paused container keeps its connections and answers nothing: callers are told so, and try again."""
    with watched(deployment, figures, f"{victim} paused for 8 s"):
        doctor = deployment.doctor()
        for number, act in enumerate(acts(deployment, doctor)):
            act()
            if number == 7:
                with province.paused(victim):
                    time.sleep(8)  # the fault's own length
        assert_registered_exactly_once(province, doctor)
        province.wait_healthy()
    assert_nothing_waits(province)


def test_a_service_is_cut_off_from_the_broker(province, deployment, figures):
    """The network of one container goes away and comes back; it finds broker and database again by itself."""
    with watched(deployment, figures, "review cut off for 8 s"):
        doctor = deployment.doctor()
        for number, act in enumerate(acts(deployment, doctor)):
            act()
            if number == 7:
                with province.cut_off("review"):
                    time.sleep(8)  # the fault's own length
        assert_registered_exactly_once(province, doctor)
        province.wait_healthy()
    assert_nothing_waits(province)


def test_containers_are_replaced_under_new_addresses(province, deployment):
    """Broker and database are made anew with other addresses; whoever kept the old ones would never come back."""
    province.compose("stop", "rabbitmq", "postgres", within=180)
    province.compose("rm", "-f", "rabbitmq", "postgres")
    province.compose("up", "-d", "--no-deps", "rabbitmq", "postgres", within=180)
    province.wait_healthy()
    doctor = deployment.doctor()
    for act in acts(deployment, doctor):
        act()
    assert_registered_exactly_once(province, doctor)
    assert_nothing_waits(province)

"""The look-up of a server's name, apart from any server."""

from __future__ import annotations

import threading

import psycopg
import pytest

from shared.platform.name_lookup import Lookup, addresses_of
from shared.platform.psycopg_green import complete


class Resolver:
    """Answers with these addresses, or with nothing; notes who asked and in which thread."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str) -> list[str]:
        self.asked.append((host, threading.get_native_id()))
        if not self.addresses:
            raise OSError("Temporary failure in name resolution")
        return self.addresses


def test_a_name_is_looked_up_in_another_thread():
    resolver = Resolver("10.0.0.1", "10.0.0.2")
    parameters = {"host": "postgres", "port": 5432}
    complete(parameters, Lookup(resolver))
    assert parameters == {"host": "postgres,postgres", "hostaddr": "10.0.0.1,10.0.0.2", "port": 5432}
    ((host, thread),) = resolver.asked
    assert host == "postgres"
    assert thread != threading.get_native_id()


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"host": "/run/postgresql"},
        {"host": "one,two"},
        {"host": "a", "hostaddr": "10.0.0.1"},
    ],
)
def test_what_needs_no_look_up_is_left_alone(parameters):
    resolver, before = Resolver("10.0.0.9"), dict(parameters)
    complete(parameters, Lookup(resolver))
    assert parameters == before
    assert resolver.asked == []


@pytest.mark.parametrize("host", ["10.0.0.1", "::1"])
def test_an_address_is_not_looked_up(host):
    resolver = Resolver("10.0.0.9")
    assert Lookup(resolver).addresses(host) == [host]
    assert resolver.asked == []


def test_who_queued_behind_a_failed_look_up_learns_its_outcome_at_once():
    resolver = Resolver()
    lookup = Lookup(resolver)
    for _ in range(20):
        with pytest.raises(psycopg.OperationalError):
            complete({"host": "postgres"}, lookup)
    assert len(resolver.asked) == 1


def test_the_systems_resolver_knows_this_machine():
    assert set(addresses_of("localhost")) <= {"127.0.0.1", "::1"}

"""Deployments for the journeys: the same tests run embedded, and with a process a service on real servers."""

from __future__ import annotations

import pytest

from tests.support.deployment import deployed
from tests.support.postgres import postgres
from tests.support.processes import System
from tests.support.rabbitmq import rabbitmq

EVERYWHERE = ["embedded", pytest.param("distributed", marks=[pytest.mark.broker, pytest.mark.postgres])]


@pytest.fixture(scope="session")
def broker():
    """A RabbitMQ for the session."""
    with rabbitmq() as server:
        yield server


@pytest.fixture(scope="session")
def database_server():
    """A PostgreSQL for the session."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session", params=EVERYWHERE)
def deployment(request, tmp_path_factory):
    """One deployment a kind for all journeys; tests take candidates of their own."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "embedded":
        system = System.embedded(folder / "system")
    else:
        server, database = request.getfixturevalue("broker"), request.getfixturevalue("database_server")
        system = System.distributed(server.uri, database.server_url, folder / "system")
    with deployed(system, folder) as running:
        yield running
    faults = running.system.faults()
    assert not faults, f"{len(faults)} faults were logged, the first: {faults[0]}"

"""A deployment that is broken on purpose: its broker and its database server belong to it alone."""

from __future__ import annotations

import pytest

from tests.e2e.faults.patience import PatientApi
from tests.support.deployment import deployed
from tests.support.postgres import postgres
from tests.support.processes import System
from tests.support.rabbitmq import rabbitmq


@pytest.fixture(scope="module")
def servers():
    """A broker and a database server that a test may stop."""
    with rabbitmq(private=True) as broker, postgres(private=True) as database:
        yield broker, database


@pytest.fixture(scope="module")
def fragile(servers, tmp_path_factory):
    """A deployment with a process a service; its clients try again, with the same key, while something is away."""
    broker, database = servers
    folder = tmp_path_factory.mktemp("faults")
    system = System.distributed(broker.uri, database.server_url, folder / "system")
    with deployed(system, folder, size=300) as deployment:
        deployment.client = PatientApi
        yield deployment

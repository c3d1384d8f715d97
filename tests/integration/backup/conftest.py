"""A deployment to take backups of, and what the tests read of its databases."""

from __future__ import annotations

import shutil

import psycopg
import pytest

from commands.backups.places import KEEPERS
from tests.support.deployment import deployed
from tests.support.postgres import postgres
from tests.support.processes import System
from tests.support.rabbitmq import rabbitmq


@pytest.fixture(scope="session")
def broker():
    """The first deployment's broker."""
    with rabbitmq(private=True) as server:
        yield server


@pytest.fixture(scope="session")
def database_server():
    """One server for the databases of all deployments; each has its own."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def running(broker, database_server, tmp_path_factory):
    """A deployment with a process a service, and people in it."""
    folder = tmp_path_factory.mktemp("backed-up")
    system = System.distributed(broker.uri, database_server.server_url, folder / "system")
    with deployed(system, folder, size=120) as deployment:
        yield deployment


@pytest.fixture
def second(running, database_server, tmp_path):
    """A deployment with nothing but the first one's keys: its own broker, no databases, not started."""
    with rabbitmq(private=True) as server:
        system = System.distributed(server.uri, database_server.server_url, tmp_path / "second")
        try:
            shutil.copytree(running.system.keys_dir, system.keys_dir)
            system.command("declare")
            yield system
        finally:
            system.close()


def rows(system, service, statement, *arguments):
    """Rows of a service's database."""
    address = system.database_url(service).replace("postgresql+psycopg", "postgresql", 1)
    with psycopg.connect(address) as connection:
        return connection.execute(statement, arguments).fetchall()


def given_out(system):
    """The last number of every record's news, by stream."""
    return {
        f"{service}/{aggregate}": sequence
        for service in KEEPERS
        for aggregate, sequence in rows(system, service, "SELECT aggregate, sequence FROM outbox_sequence")
    }


def cursors(system, service):
    """How far a service has applied each stream."""
    return dict(rows(system, service, "SELECT stream, sequence FROM inbox_cursor"))

"""A bus of either kind for each test, and services on it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import eventlet
import pytest
from nameko import config
from nameko.containers import ServiceContainer

from shared.platform.bus import BusClient, CallContext
from shared.platform.bus.connection import is_in_process, open_connection
from shared.platform.bus.headers import next_message_id
from shared.platform.bus.server import RpcServer
from shared.platform.bus.topology import bulk_inbox_name, declare_rpc, inbox_name, unreadable_name
from tests.integration.bus.services import Front, Worker
from tests.support.rabbitmq import Rabbitmq, is_available, rabbitmq


@pytest.fixture(scope="session")
def broker() -> Iterator[Rabbitmq]:
    if not is_available():
        complaint = "the bus was NOT tested on RabbitMQ: set AMQP_URI or install rabbitmq-server"
        if os.environ.get("CI") == "true":
            pytest.fail(complaint)
        pytest.skip(complaint)
    with rabbitmq() as server:
        yield server


@pytest.fixture(params=["inproc", pytest.param("rabbitmq", marks=pytest.mark.broker)])
def uri(request: pytest.FixtureRequest) -> str:
    """Both transports: each test that asks for it runs twice."""
    return "inproc://" if request.param == "inproc" else request.getfixturevalue("broker").uri


class Services:
    """Starts services on one bus, and stops them after the test."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.running: list[ServiceContainer] = []

    def start(self, *classes: type, workers: int = 20) -> ServiceContainer:
        config.setup({"AMQP_URI": self.uri, "max_workers": workers})
        containers = [ServiceContainer(service) for service in classes]
        answering = [
            container.service_name
            for container in containers
            if any(isinstance(extension, RpcServer) for extension in container.extensions)
        ]
        if answering or is_in_process(self.uri):
            declare_rpc(self.uri, answering)
        for container in containers:
            container.start()
            self.running.append(container)
            for extension in container.extensions:
                if isinstance(extension, RpcServer):
                    assert extension.wait_until_answering(10)
        return self.running[-1]

    def front(self, **context: Any) -> Any:
        """A bus as the gateway has it."""
        return client_of(self.start(Front)).bus_for(CallContext(**context))

    def stop(self, container: ServiceContainer) -> None:
        self.running.remove(container)
        container.stop()

    def stop_all(self) -> None:
        while self.running:
            self.running.pop().stop()


def client_of(container: ServiceContainer) -> BusClient:
    return next(provider for provider in container.dependencies if isinstance(provider, BusClient))


@pytest.fixture
def services(uri: str) -> Iterator[Services]:
    started = Services(uri)
    Worker.most_at_work = Worker.at_work = 0
    Worker.waited.clear()
    yield started
    started.stop_all()


@pytest.fixture
def inbox(uri: str) -> Iterator[str]:
    """A consuming service's name, whose queues are deleted after the test."""
    service = f"reader-{next_message_id()}"
    yield service
    connection = open_connection(uri)
    channel = connection.channel()
    for name in (inbox_name(service), bulk_inbox_name(service), unreadable_name(service)):
        channel.queue_delete(name)
    channel.exchange_delete(unreadable_name(service))
    connection.release()


def eventually(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait until something is so, and say what; fail when it is not so in time."""
    end = time.monotonic() + seconds
    while not (outcome := condition()):
        assert time.monotonic() < end, "it did not come about in time"
        eventlet.sleep(0.01)
    return outcome

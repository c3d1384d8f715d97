"""The `notices` service in a process of its own, on RabbitMQ, with SQLite and with PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from kombu import Connection, Exchange, Producer

from shared.platform.clock import OffsetClock
from shared.platform.config import forget_settings
from shared.platform.contract import EventType, RpcMethod
from shared.platform.crypto import forget_keys
from shared.platform.identity import Actor, service_actor
from shared.platform.ids import new_id
from tests.support.postgres import Postgres
from tests.support.processes import System
from tests.support.rabbitmq import Rabbitmq, rabbitmq
from tests.support.rpc_client import RpcClient, rpc_client


@dataclass
class World:
    """The running service, and everybody else as far as it knows of them."""

    system: System
    client: RpcClient
    connection: Connection
    sequences: dict[tuple[str, UUID], int] = field(default_factory=dict)

    def move_to(self, moment: datetime) -> None:
        """Move the clock of the service forward to a moment that lies ahead."""
        self.system.advance_clock(moment - self.now())

    def now(self) -> datetime:
        """The present moment of the service."""
        return OffsetClock(Path(self.system.environment["CLOCK_URI"].removeprefix("file://"))).now()

    def announce(self, event_type: EventType, aggregate_id: UUID, data: dict[str, Any], **given: Any) -> bytes:
        """Publish news of another service as its relay would; the body, so that it can be sent again."""
        key = f"{event_type.service}/{event_type.aggregate}", aggregate_id
        self.sequences[key] = self.sequences.get(key, 0) + 1
        body = {
            "id": str(new_id()),
            "type": event_type.name,
            "occurred_at": datetime.now(UTC).isoformat(),
            "origin": "test",
            "province": "43",
            "aggregate": f"{event_type.aggregate}:{aggregate_id}",
            "sequence": self.sequences[key],
            "correlation_id": "test-1",
            "causation_id": None,
            "actor": f"service:{event_type.service}",
            "data": event_type.data().dump(data),
        } | given
        self.publish(event_type, body)
        return body  # type: ignore[return-value]  # opaque to the caller

    def publish(self, event_type: EventType, body: Any) -> None:
        """Send one body to the owner's exchange."""
        exchange = Exchange(f"{event_type.service}.events", type="topic", durable=True)
        Producer(self.connection.default_channel).publish(
            body, exchange=exchange, routing_key=event_type.name, serializer="json", delivery_mode=2
        )

    def ask(self, contract: RpcMethod[Any, Any], actor: Actor, **fields: Any) -> Any:
        """Call as `actor`; the loaded answer, or `kind:code` of the refusal."""
        signed_by = actor.id.partition(":")[2] if actor.kind == "service" else "accounts"
        answer = self.client.call(contract, contract.request().dump(fields), token=self.system.token(actor, signed_by))
        if answer.kind is not None:
            return f"{answer.kind}:{answer.code}"
        return None if contract.answer is None else contract.answer().load(answer.result, many=contract.many)


@pytest.fixture(scope="module")
def broker() -> Iterator[Rabbitmq]:
    """One broker for the module."""
    with rabbitmq() as found:
        yield found


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest, broker: Rabbitmq) -> Iterator[World]:
    """The service running on each database."""
    if request.param == "sqlite":
        yield from running(broker, None)
    else:
        with Postgres() as server:
            yield from running(broker, server.server_url)


def running(broker: Rabbitmq, database_url: str | None, **settings: str) -> Iterator[World]:
    """The service with these settings; it has to end without a fault in its log."""
    with System.distributed(broker.uri, database_url, services=("notices",), **settings) as system:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ENVIRONMENT", "test")
            patch.setenv("KEYS_DIR", str(system.keys_dir))
            forget_settings()
            forget_keys()
            with rpc_client(broker.uri) as client, Connection(broker.uri) as connection:
                yield World(system, client, connection)
        forget_settings()
        forget_keys()
        assert system.faults() == []


@pytest.fixture(scope="session")
def accounts() -> Actor:
    """The service that may have codes sent."""
    return service_actor("accounts")

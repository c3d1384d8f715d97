"""On whose behalf a unit of work runs: what its news and its stored answer are labelled with."""

from __future__ import annotations

from dataclasses import dataclass

from .bus.headers import next_message_id
from .bus.interception import RpcCall


@dataclass(frozen=True, slots=True)
class WorkContext:
    """Who acts, in which conversation, caused by what; with the RPC at work, if there is one."""

    service: str
    origin: str
    actor: str
    correlation_id: str
    causation_id: str | None = None
    idempotency_key: str | None = None
    call: RpcCall | None = None

    @classmethod
    def of_service(
        cls, service: str, origin: str, *, correlation_id: str | None = None, causation_id: str | None = None
    ) -> WorkContext:
        """A service's own act: an event handler, a timer, a command line."""
        return cls(service, origin, f"service:{service}", correlation_id or next_message_id(), causation_id)

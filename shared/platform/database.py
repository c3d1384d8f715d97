"""What a service needs of the database: units of work for its workers, and the base class of its rows.

A unit of work is one transaction, and it never waits for anything but the database (design D5). Leaving it without
`commit` undoes everything:

    with self.unit_of_work() as uow:
        saved = uow.cases.save(decided)
        uow.announce(CASE_DECIDED, aggregate_id=saved.id, data={...}, province="43")
        uow.commit(saved)

What only reads says so, `self.unit_of_work(read_only=True)`: then it sees one consistent state, can't write, and on
SQLite doesn't queue behind the writers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from nameko.extensions import DependencyProvider

from . import idempotency
from .authorisation import actor_of
from .bus.headers import CAUSATION, CORRELATION, IDEMPOTENCY, next_message_id
from .bus.interception import RpcCall
from .config import settings_of
from .database_extension import DatabaseExtension
from .engine import Database, database_away, make_engine
from .housekeeping import Housekeeping
from .outbox import News
from .relay import Relay
from .rows import COLUMN_TYPES, Json, Utc, new_metadata, save_versioned
from .unit_of_work import UNANSWERED, UnitOfWork
from .work_context import WorkContext

__all__ = [
    "COLUMN_TYPES",
    "UNANSWERED",
    "Database",
    "DatabaseExtension",
    "Json",
    "News",
    "UnitOfWork",
    "UnitOfWorkFactory",
    "UnitOfWorkProvider",
    "Utc",
    "WorkContext",
    "database_away",
    "make_engine",
    "new_metadata",
    "save_versioned",
]

Unit = TypeVar("Unit", bound=UnitOfWork)
UnitOut = TypeVar("UnitOut", bound=UnitOfWork, covariant=True)


class UnitOfWorkFactory(Protocol[UnitOut]):
    """What a worker has as `self.unit_of_work`."""

    def __call__(self, *, read_only: bool = False) -> UnitOut:
        """A new unit of work in the worker's context, for one `with` block."""


class UnitOfWorkProvider(DependencyProvider, Generic[Unit]):
    """Gives a worker `self.unit_of_work()`, and answers a repeated command from what is stored (design D12)."""

    order = 50  # inside authorisation: only the verified caller gets a stored answer
    storage = DatabaseExtension()
    relay = Relay()
    housekeeping = Housekeeping()

    def __init__(self, unit: type[Unit]) -> None:
        """`unit` is the service's own unit of work, with its repositories."""
        self.unit = unit

    def get_dependency(self, worker_ctx: Any) -> UnitOfWorkFactory[Unit]:
        """A factory bound to what the worker was started for."""

        def unit_of_work(*, read_only: bool = False) -> Unit:
            return self.unit_in(self.context_of(worker_ctx), read_only=read_only)

        return unit_of_work

    def unit_in(self, context: WorkContext, *, read_only: bool = False) -> Unit:
        """A unit of work in a context that no worker stands for: an event being applied."""
        return self.unit(self.storage.database, context, read_only=read_only)

    def context_of(self, worker_ctx: Any) -> WorkContext:
        """Actor, conversation, cause and idempotency key of a worker; the actor is the one its RPC has verified."""
        settings = settings_of(self.container)
        headers = worker_ctx.data
        call = getattr(worker_ctx, "rpc_call", None)
        return WorkContext(
            service=settings.service,
            origin=settings.origin,
            actor=actor_of(worker_ctx).id,
            correlation_id=headers.get(CORRELATION) or next_message_id(),
            causation_id=headers.get(CAUSATION) if call is None else call.message_id,
            idempotency_key=headers.get(IDEMPOTENCY),
            call=call,
        )

    def around_rpc(self, call: RpcCall, proceed: Callable[[], object]) -> object:
        """Stands around each RPC of the service: see `idempotency.answer_once`."""
        if not idempotency.applies_to(call):
            return proceed()
        return idempotency.answer_once(self.storage.database, self.context_of(call.worker_ctx), call, proceed)

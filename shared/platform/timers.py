"""Work that becomes due: timers on every replica, items taken one at a time, none in another's way (design D18).

@every(seconds=5)
def fire_due_clocks(self) -> None:
    due = select(ClockRow).where(ClockRow.due_at <= self.clock.now(), ClockRow.fired_at.is_(None))
    each_due(self.unit_of_work, "review.fire_due_clocks", due, key=ClockRow.id, handle=self._fire)

def _fire(self, uow: ReviewUnitOfWork, row: ClockRow) -> None:
    ...  # one item in one transaction: writes and announces, doesn't commit
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

import eventlet
from eventlet.event import Event as Signal
from nameko.extensions import Entrypoint
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from . import failed_items
from .errors import DomainError, Unavailable
from .unit_of_work import UnitOfWork

ITEMS_A_RUN: Final = 200

Function = TypeVar("Function", bound=Callable[..., Any])
Unit = TypeVar("Unit", bound=UnitOfWork)
UnitOut = TypeVar("UnitOut", bound=UnitOfWork, covariant=True)


class Timer(Entrypoint):
    """Runs a method of every replica again and again, never twice at once in one process."""

    def __init__(self, seconds: float, **kwargs: Any) -> None:
        self.seconds = seconds
        super().__init__(expected_exceptions=(DomainError,), **kwargs)

    def setup(self) -> None:
        """Nothing runs before `start`."""
        self._stopping = Signal()
        self._thread: Any = None

    def start(self) -> None:
        """Begin counting; the first run comes after one interval."""
        self._thread = self.container.spawn_managed_thread(self._run, identifier=f"every:{self.method_name}")

    def stop(self) -> None:
        """Let the run at work come to its end."""
        if not self._stopping.ready():
            self._stopping.send(None)
        if self._thread is not None:
            self._thread.wait()

    def kill(self) -> None:
        """End at once."""
        if self._thread is not None:
            self._thread.kill()

    def _run(self) -> None:
        while True:
            with eventlet.Timeout(self.seconds, False):
                self._stopping.wait()
            if self._stopping.ready():
                return
            finished = Signal()
            self.container.spawn_worker(self, (), {}, handle_result=_telling(finished))
            finished.wait()


def every(*, seconds: float) -> Callable[[Function], Function]:
    """Run the method each `seconds`, on every replica; an error is logged and the timer goes on."""
    decorate: Callable[[Function], Function] = Timer.decorator(seconds)
    return decorate


def take_due(session: Session, statement: Select[Any], of: Any = None) -> Select[Any]:
    """`statement` so that no two replicas take the same row: what another one holds is passed over.

    `of` names the table to lock where the statement joins several.
    """
    if session.get_bind().dialect.name == "postgresql":
        return statement.with_for_update(skip_locked=True, of=of)
    return statement


class OpenUnit(Protocol[UnitOut]):
    """A worker's `self.unit_of_work`."""

    def __call__(self, *, read_only: bool = False) -> UnitOut:
        """A new unit of work."""


def each_due(
    open_unit: OpenUnit[Unit],
    task: str,
    due: Select[Any],
    *,
    key: InstrumentedAttribute[Any],
    handle: Callable[[Unit, Any], None],
    limit: int = ITEMS_A_RUN,
) -> int:
    """Take the rows of `due` one after another, each in a transaction of its own; how many were handled.

    `due` selects one kind of row, `key` is its primary key. An item that `handle` fails on is tried again with
    back-off and is a dead letter after the last attempt; the others go on. `Unavailable` ends the run and counts
    nothing.
    """
    done: list[Any] = []
    for _ in range(limit):
        item: Any = None
        try:
            with open_unit() as uow:
                waiting = due.where(failed_items.not_held_back(task, key), key.not_in(done)).limit(1)
                row = uow.session.scalars(take_due(uow.session, waiting, of=key.class_)).first()
                if row is None:
                    return len(done)
                item = getattr(row, key.key)
                with uow.held_by("the timer"):
                    handle(uow, row)
                failed_items.forget(uow.session, task, item)
                uow.commit()
        except Unavailable:
            raise
        except Exception as error:
            if item is None:
                raise
            with open_unit() as uow:
                failed_items.record(uow.session, task, item, error)
                uow.commit()
        done.append(item)
    return len(done)


def _telling(finished: Any) -> Callable[..., Any]:
    def handle_result(worker_ctx: Any, result: Any, error: Any) -> Any:
        finished.send(None)
        return result, error

    return handle_result

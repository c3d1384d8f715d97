"""Work that becomes due: timers on every replica, items taken one at a time, none in another's way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import eventlet
from eventlet.event import Event as Signal
from nameko.extensions import Entrypoint
from sqlalchemy import Select
from sqlalchemy.orm import Session

Function = TypeVar("Function", bound=Callable[..., Any])


class Timer(Entrypoint):
    """Runs a method of every replica again and again, never twice at once in one process."""

    def __init__(self, seconds: float, **kwargs: Any) -> None:
        self.seconds = seconds
        super().__init__(**kwargs)

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


def _telling(finished: Any) -> Callable[..., Any]:
    def handle_result(worker_ctx: Any, result: Any, error: Any) -> Any:
        finished.send(None)
        return result, error

    return handle_result


def every(*, seconds: float) -> Callable[[Function], Function]:
    """Run the method each `seconds`, on every replica; an error is logged and the timer goes on."""
    decorate: Callable[[Function], Function] = Timer.decorator(seconds)
    return decorate


def take_due(session: Session, statement: Select[Any]) -> Select[Any]:
    """`statement` so that no two replicas take the same row: what another one holds is passed over (design D18)."""
    if session.get_bind().dialect.name == "postgresql":
        return statement.with_for_update(skip_locked=True)
    return statement

"""A unit of work never waits for another service: who opens one forbids waiting in its greenlet until it is closed."""

from __future__ import annotations

from contextvars import ContextVar, Token
from types import TracebackType

# greenlet gives every greenlet a context of its own, so a context variable is greenlet-local, and thread-local in a
# process without green threads.
_forbidden: ContextVar[bool] = ContextVar("bus_waiting_forbidden", default=False)


class forbid_waiting:  # noqa: N801 - reads as a statement: `with forbid_waiting():`
    """While the block runs, a call over the bus from this greenlet raises `RuntimeError`; blocks may be nested."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token: Token[bool] = _forbidden.set(True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _forbidden.reset(self._token)


def require_waiting_allowed(what: str) -> None:
    """Raise `RuntimeError` if a unit of work is open in this greenlet (design D5)."""
    if _forbidden.get():
        raise RuntimeError(f"{what} inside a unit of work: fetch what the command needs before opening it")

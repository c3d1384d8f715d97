"""Work that holds the processor for more than 50 ms, done in a real thread while the green ones go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from eventlet import tpool
from eventlet.semaphore import Semaphore

from .errors import TooManyAttempts

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_COME_BACK_AFTER: Final = 5
_THREADS: Final = 5
"""As many as all lanes together use. Each thread keeps the memory that argon2 gave back to it (20 MB a thread): with
eventlet's own twenty a process rests at 530 MB after a few logins."""
tpool.set_num_threads(_THREADS)


class Lane:
    """Real threads for one kind of work: what piles up in one lane holds up no other."""

    def __init__(self, width: int, *, waiting: int | None = None) -> None:
        """`width` at a time; who finds more than `waiting` in the queue is told to come back (None: all may wait)."""
        self._at_work = Semaphore(width)
        self._waiting = 0
        self._most_waiting = waiting

    def run(
        self, function: Callable[Arguments, Result], /, *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Result:
        """`function`'s result, or its exception. Only what releases the lock gains (argon2, ciphers, Pillow).

        `function` must not touch the bus, the database or anything else of a green thread. Raises `TooManyAttempts`
        where the queue is full: work that nobody waits for any more is never begun.
        """
        if self._most_waiting is not None and self._at_work.locked() and self._waiting >= self._most_waiting:
            raise TooManyAttempts("too_many_attempts", retry_after=_COME_BACK_AFTER)
        self._waiting += 1
        try:
            self._at_work.acquire()
        finally:
            self._waiting -= 1
        try:
            result: Result = tpool.execute(function, *arguments, **named)
            return result
        finally:
            self._at_work.release()


# More than two at a time would take the processor from the hub, which shares the interpreter's lock with them.
in_thread = Lane(2).run

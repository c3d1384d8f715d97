"""Work that holds the processor for more than 50 ms, done in a real thread while the green ones go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from eventlet import tpool
from eventlet.semaphore import Semaphore

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# More than two at a time would take the processor from the hub, which shares the interpreter's lock with them.
_at_work = Semaphore(2)


def in_thread(
    function: Callable[Arguments, Result], /, *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result:
    """`function`'s result, or its exception. Only what releases the lock gains (argon2, ciphers, Pillow).

    `function` must not touch the bus, the database or anything else of a green thread.
    """
    with _at_work:
        result: Result = tpool.execute(function, *arguments, **named)
        return result

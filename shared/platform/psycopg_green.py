"""psycopg 3 under eventlet: while PostgreSQL works on one query, the hub runs the other green threads (design D5)."""

from __future__ import annotations

import os
from collections.abc import Generator
from time import monotonic
from typing import Any, Final, TypeVar

import psycopg
import psycopg.waiting
from eventlet import hubs, patcher
from psycopg.waiting import READY_NONE, READY_R, READY_W, WAIT_R, WAIT_W

from .name_lookup import Lookup

Result = TypeVar("Result")

# eventlet takes `poll` out of the patched module; asking without waiting needs the operating system's own.
_select: Final = patcher.original("select")
_READABLE: Final = _select.POLLIN | _select.POLLPRI | _select.POLLERR | _select.POLLHUP
_WRITABLE: Final = _select.POLLOUT
_LOOK_AGAIN_SECONDS: Final = 0.02


def install_if_green() -> bool:
    """Make psycopg wait on the hub if this process is monkey-patched; elsewhere psycopg waits as it always does."""
    if not patcher.is_monkey_patched("socket"):
        return False
    psycopg.waiting.wait = wait_on_hub
    return True


def complete(parameters: dict[str, Any], lookup: Lookup) -> None:
    """Add `hostaddr` to libpq's parameters, whose own look-up would hold up the whole process.

    A name that nobody knows raises `OperationalError`.
    """
    host = parameters.get("host")
    if not host or "hostaddr" in parameters or host.startswith("/") or "," in host:
        return
    try:
        addresses = lookup.addresses(host)
    except OSError as error:
        raise psycopg.OperationalError("the server's name is not known") from error
    parameters["host"] = ",".join([host] * len(addresses))
    parameters["hostaddr"] = ",".join(addresses)


def wait_on_hub(
    gen: Generator[Any, Any, Result], fileno: int, interval: float = 0.0, timeout: float | None = None
) -> Result:
    """Drive psycopg's generator to its end, giving the hub to others whenever the socket isn't ready.

    The same promises as `psycopg.waiting.wait`: a lost socket raises `OperationalError`, a missed `timeout`
    `_WaitTimeout`. `interval` (how often psycopg looks for Ctrl-C) is of no use here: the hub delivers signals.
    """
    deadline = None if timeout is None else monotonic() + timeout
    try:
        state = next(gen)
        while True:
            ready = _ready_at_once(fileno, state) if state & WAIT_W else READY_NONE
            if ready == READY_NONE:
                ready = _ready_later(fileno, state, deadline)
            state = gen.send(ready)
            if deadline is not None and monotonic() >= deadline:
                raise psycopg.errors._WaitTimeout("wait timeout expired")
    except OSError as error:
        raise psycopg.OperationalError("connection socket closed") from error
    except StopIteration as end:
        result: Result = end.value
        return result


def _ready_at_once(fileno: int, state: int) -> int:
    """What the socket is ready for now. Sending nearly always goes at once, and asking is cheaper than the hub."""
    os.fstat(fileno)  # a closed descriptor raises here, and not by poll's answer that looks like readiness
    poller = _select.poll()
    poller.register(fileno, _interest(state))
    ready = int(READY_NONE)
    for _, event in poller.poll(0):
        if event & _READABLE:
            ready |= READY_R
        if event & _WRITABLE:
            ready |= READY_W
    return ready


def _ready_later(fileno: int, state: int, deadline: float | None) -> int:
    """Give the hub to others until the socket is ready; nothing ready when the deadline comes first."""
    for_writing = bool(state & WAIT_W)
    left = None if deadline is None else max(0.0, deadline - monotonic())
    if for_writing and state & WAIT_R:
        # The hub waits for one direction only. If the server sends before it reads on, the next look finds that.
        left = _LOOK_AGAIN_SECONDS if left is None else min(left, _LOOK_AGAIN_SECONDS)
    try:
        hubs.trampoline(fileno, read=not for_writing, write=for_writing, timeout=left, timeout_exc=TimeoutError)
    except TimeoutError:
        return int(READY_NONE)
    return int(READY_W if for_writing else READY_R)


def _interest(state: int) -> int:
    mask = 0
    if state & WAIT_R:
        mask |= _select.POLLIN
    if state & WAIT_W:
        mask |= _select.POLLOUT
    return mask

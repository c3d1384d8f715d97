"""Callers as green threads, for the parties that run on eventlet."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import eventlet
from eventlet.greenio import GreenPipe


def drive(call_once: Callable[[], object]) -> None:
    """Obey the lines on standard input; the hub goes on meanwhile."""
    print("ready", flush=True)
    for line in GreenPipe(sys.stdin.fileno(), "r"):
        callers, seconds = line.split()
        end = time.monotonic() + float(seconds)

        def one_caller(end: float = end) -> int:
            calls = 0
            while time.monotonic() < end:
                call_once()
                calls += 1
            return calls

        threads = [eventlet.spawn(one_caller) for _ in range(int(callers))]
        print(sum(thread.wait() for thread in threads), flush=True)

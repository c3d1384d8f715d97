"""Free ports, and waiting with a deadline for what is expected to happen."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any


class NotReady(RuntimeError):
    """A process ended, or did not get ready in time; the text ends with what it logged."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether somebody takes connections on a port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def get_status(url: str, within: float = 5.0) -> int:
    """The status of a GET, 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=within) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def wait_until(
    condition: Callable[[], bool], within: float, complaint: str | Callable[[], str], every: float = 0.05
) -> None:
    """Poll `condition` until it holds; `NotReady` with `complaint` when it does not in time."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise NotReady(complaint if isinstance(complaint, str) else complaint())
        time.sleep(every)


def eventually(probe: Callable[[], Any], within: float = 20.0, every: float = 0.05) -> Any:
    """The first truthy answer of `probe`; for what a test expects to happen soon. Fails with the last answer."""
    end = time.monotonic() + within
    while not (answer := probe()):
        assert time.monotonic() < end, f"it did not happen within {within} s; last answer: {answer!r}"
        time.sleep(every)
    return answer

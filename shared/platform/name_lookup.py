"""A server's name looked up in a real thread: the system's resolver would hold up all green threads meanwhile.

A container that is stopped has no name any more, and each try to connect to it would stop the process for as long as
the resolver takes.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address
from time import monotonic
from typing import Final

from eventlet import patcher

from .threads import Lane

_ASK_AGAIN_SECONDS: Final = 1.0


def addresses_of(host: str) -> list[str]:
    """What the system's resolver says; it may take seconds where nobody knows the name."""
    found = patcher.original("socket").getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Lookup:
    """Finds the addresses of one server; one look-up at a time."""

    def __init__(self, ask: Callable[[str], list[str]] = addresses_of) -> None:
        self._ask = ask
        self._in_thread = Lane(1).run
        self._failed_at = float("-inf")

    def addresses(self, host: str) -> list[str]:
        """The addresses behind a name, or the address that it is already; `OSError` if nobody knows it."""
        return [host] if _is_address(host) else self._in_thread(self._asked, host)

    def _asked(self, host: str) -> list[str]:
        # Those who queued behind a failed look-up learn its outcome instead of waiting for as long again.
        if monotonic() - self._failed_at < _ASK_AGAIN_SECONDS:
            raise OSError("the server's name is not known")
        try:
            return self._ask(host)
        except OSError:
            self._failed_at = monotonic()
            raise


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True

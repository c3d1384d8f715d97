"""The headers that every message carries, and the context of a call that they are made from."""

from __future__ import annotations

import os
from binascii import hexlify
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

IDENTITY = "yz-identity"  # signed caller context, a JWT
CORRELATION = "yz-correlation"  # one id for everything that one request of a person sets off
CAUSATION = "yz-causation"  # the id of the message that caused this one
IDEMPOTENCY = "yz-idempotency"  # key under which the owner keeps its answer
DEADLINE = "yz-deadline"  # milliseconds since 1970: nobody waits for the answer after it

#: Stock nameko prefixes the context of a worker so; a stock client may call us.
NAMEKO_PREFIX = "nameko."

# An id is a random part a process and a counter: unique like a UUID, thirty times cheaper (runtime.md, lever 3).
_process = hexlify(os.urandom(10)).decode("ascii")
_numbers = count(1)


def next_message_id() -> str:
    """An id that no other message of this deployment has."""
    return f"{_process}-{next(_numbers)}"


def _renew_process_part() -> None:
    global _process
    _process = hexlify(os.urandom(10)).decode("ascii")


os.register_at_fork(after_in_child=_renew_process_part)


@dataclass(frozen=True, slots=True)
class CallContext:
    """On whose behalf and in what connection a call is made; the gateway makes one for each HTTP request.

    `identity` is the caller's signed token and is passed on as it is. Without it a call carries no identity and the
    callee refuses it, unless it is made `as_service`. `deadline` is in seconds since 1970; a call never outlives it.
    """

    identity: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    idempotency_key: str | None = None
    deadline: float | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, Any]) -> CallContext:
        """The context that a message arrived in."""
        deadline = headers.get(DEADLINE)
        return cls(
            headers.get(IDENTITY),
            headers.get(CORRELATION),
            headers.get(CAUSATION),
            headers.get(IDEMPOTENCY),
            deadline / 1000 if isinstance(deadline, int) else None,
        )


def context_data(headers: Mapping[str, Any]) -> dict[str, Any]:
    """What nameko calls the data of a worker's context: our headers by name, stock ones without their prefix."""
    return {
        name.removeprefix(NAMEKO_PREFIX): value
        for name, value in headers.items()
        if name.startswith((NAMEKO_PREFIX, "yz-"))
    }

"""Errors over the wire: a refusal keeps its kind, code and facts, anything else crosses as a fault without its text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import DomainError, Unavailable, from_wire

#: The kind under which every fault travels; it is none of the closed set, so nobody can branch on it.
INTERNAL = "internal"


class RemoteFault(Exception):
    """The callee failed in a way that only its log explains; `correlation_id` finds the line.

    It never carries the text of the callee's exception, which may hold personal data.
    """

    def __init__(self, path: str, correlation_id: str | None) -> None:
        super().__init__(path, correlation_id)
        self.path = path
        self.correlation_id = correlation_id

    def __str__(self) -> str:
        return f"{self.path} failed (correlation id {self.correlation_id})"


class PublishFailed(Exception):
    """The broker did not take a message, or the connection was lost before it said so; publish again."""


def service_unavailable(service: str) -> Unavailable:
    """The one answer to a deadline, a lost connection and a service that nobody runs."""
    return Unavailable("service_unavailable", service=service)


def error_to_wire(error: BaseException, correlation_id: str | None) -> dict[str, Any]:
    """The error part of an answer; a fault shows its correlation id and nothing else."""
    if isinstance(error, DomainError):
        return {"kind": error.kind, "code": error.code, "facts": error.facts}
    return {"kind": INTERNAL, "code": "internal_error", "facts": {"correlation_id": correlation_id}}


def error_from_wire(wire: Mapping[str, Any], path: str, correlation_id: str | None) -> Exception:
    """The exception to raise in the caller: the same `DomainError`, or a `RemoteFault`."""
    kind, code, facts = wire.get("kind"), wire.get("code"), wire.get("facts")
    if isinstance(kind, str) and isinstance(code, str) and isinstance(facts, dict):
        known = from_wire(kind, code, facts)
        if known is not None:
            return known
    return RemoteFault(path, correlation_id)

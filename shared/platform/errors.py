"""The closed set of error kinds; every refusal in the system is one of them, with a stable code and plain facts."""

from __future__ import annotations

from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal that the caller can understand and branch on.

    `code` is stable and snake_case; callers and translations key on it, never on a sentence. `facts` are plain JSON
    values that the sentence for people needs; they travel over RPC, so they never hold personal data.
    """

    kind: ClassVar[str] = "domain_error"

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return self.code


class InvalidInput(DomainError):
    """The payload is not of the agreed form. `facts["fields"]` maps a field's path to its error codes."""

    kind = "invalid_input"


class Unauthenticated(DomainError):
    """Nobody is signed in, or no longer."""

    kind = "unauthenticated"


class PermissionDenied(DomainError):
    """This actor may not do this to this record."""

    kind = "permission_denied"


class NotFound(DomainError):
    """No such record, or none that this actor may see."""

    kind = "not_found"


class Conflict(DomainError):
    """The record is not in the state the caller saw."""

    kind = "conflict"


class RuleViolated(DomainError):
    """Well-formed, but a rule of registration forbids it."""

    kind = "rule_violated"


class PreconditionRequired(DomainError):
    """A change came without the version that its caller saw."""

    kind = "precondition_required"


class TooManyAttempts(DomainError):
    """A limit of attempts is reached; `facts["retry_after"]` is in seconds."""

    kind = "too_many_attempts"


class Unavailable(DomainError):
    """A dependency did not answer; the same request may succeed later."""

    kind = "unavailable"


KINDS: dict[str, type[DomainError]] = {
    kind.kind: kind
    for kind in (
        InvalidInput,
        Unauthenticated,
        PermissionDenied,
        NotFound,
        Conflict,
        RuleViolated,
        PreconditionRequired,
        TooManyAttempts,
        Unavailable,
    )
}


def from_wire(kind: str, code: str, facts: dict[str, Any]) -> DomainError | None:
    """Rebuild an error that crossed a process border; None where the kind is not one of the closed set."""
    error = KINDS.get(kind)
    return None if error is None else error(code, **facts)

"""A practice certificate 医师执业证书: its facts, its opaque check code, and what the public may know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.platform.errors import InvalidInput
from shared.trade.text import compact

from .register import Registration

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No character that is mistaken for another when read aloud or typed."""
_GROUPS, _GROUP = 3, 4


class CertificateStatus(StrEnum):
    """Whether a certificate may still be shown."""

    VALID = "valid"
    VOID = "void"


class DocumentState(StrEnum):
    """How far its PDF is; BLOCKED waits for a person, since a character has no shape in our fonts."""

    PENDING = "pending"
    READY = "ready"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class CertificateFacts:
    """What is printed: a record of its own, since a certificate says what was so when it was issued."""

    name: str
    sex: str
    birth_date: str
    id_number: str
    qualification_code: str
    level: str
    category: str
    scopes: tuple[str, ...]
    practice_place: str
    institution_name: str
    authority_name: str
    photo_address: str = ""


@dataclass(frozen=True)
class Certificate:
    """A certificate of one registration."""

    id: UUID
    version: int
    registration_id: UUID
    person_id: UUID
    province: str
    practice_code: str
    check_code: str
    issued_on: date
    facts: CertificateFacts
    status: CertificateStatus = CertificateStatus.VALID
    document: DocumentState = DocumentState.PENDING
    document_address: str = ""
    document_size: int = 0
    problem: dict[str, list[str]] = field(default_factory=dict)

    def with_document(self, rendered: Mapping[str, Any]) -> Certificate:
        """The certificate after its rendering: the document is there, or a person has to help with missing shapes."""
        if missing := rendered.get("missing"):
            return replace(self, document=DocumentState.BLOCKED, problem={"missing_glyphs": list(missing)})
        return replace(
            self,
            document=DocumentState.READY,
            document_address=rendered["address"],
            document_size=rendered["size"],
            problem={},
        )


class Verdict(StrEnum):
    """The answer to who checks a certificate."""

    VALID = "valid"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


def new_check_code(below: Callable[[int], int]) -> str:
    """A random check code, `XXXX-XXXX-XXXX` (58 bits), opaque. `below(n)` chooses securely from n."""
    letters = [_ALPHABET[below(len(_ALPHABET))] for _ in range(_GROUPS * _GROUP)]
    return _grouped("".join(letters))


def read_check_code(text: str) -> str:
    """A check code as typed, with or without its hyphens; `InvalidInput("check_code_format")`."""
    value = compact(text).replace("-", "")
    if len(value) != _GROUPS * _GROUP or any(letter not in _ALPHABET for letter in value):
        raise InvalidInput("check_code_format")
    return _grouped(value)


def verdict(certificate: Certificate, registration: Registration) -> Verdict:
    """Whether the certificate may be relied on today, without the reason where it may not (`domain.md` §3.14)."""
    if not registration.standing.status.is_registered:
        return Verdict.CANCELLED
    if certificate.status is CertificateStatus.VOID:
        return Verdict.CHANGED
    return Verdict.VALID


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))

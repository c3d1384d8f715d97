"""A practice certificate 医师执业证书: its facts, its opaque check code, and what the public may know of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.platform.errors import InvalidInput
from shared.trade.text import compact

from .documented import Documented
from .register import Registration

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No character that is mistaken for another when read aloud or typed."""
_GROUPS, _GROUP = 3, 4


class CertificateStatus(StrEnum):
    """Whether a certificate may still be shown."""

    VALID = "valid"
    VOID = "void"


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
class Certificate(Documented):
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
    """Whether the certificate may be relied on today, without the reason where it may not (`domain.md` §3.14).

    CHANGED is one that was replaced, and one on which something stands that is no longer so: what the register says
    now is shown beside it.
    """
    if not registration.standing.status.is_registered:
        return Verdict.CANCELLED
    if certificate.status is CertificateStatus.VOID or not _says_what_is(certificate, registration):
        return Verdict.CHANGED
    return Verdict.VALID


def _says_what_is(certificate: Certificate, registration: Registration) -> bool:
    printed, standing = certificate.facts, registration.standing
    return (
        certificate.practice_code == registration.practice_code
        and printed.level == registration.level
        and printed.category == standing.category
        and set(printed.scopes) == set(standing.scopes)
        and printed.practice_place == standing.practice_place
        and printed.institution_name == standing.institution_name
        and printed.authority_name == standing.authority_name
    )


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))

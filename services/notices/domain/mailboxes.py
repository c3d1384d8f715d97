"""Where messages lie: one mailbox a person, one a desk of an organisation, and those that many read."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

# The words for groups whose members all read one mailbox, by the kind of organisation.
_GROUPS = {"institution": "institutions", "authority": "authorities"}
# Those who look after the security of accounts, and who stands in for them where a province has named nobody.
SECURITY_DESK = {"security": "security", "administrator": "administrators"}


def of_person(person_id: UUID) -> str:
    """A person's own mailbox."""
    return f"person:{person_id}"


def of_desk(organisation_id: UUID, role: str) -> str:
    """The mailbox that everyone in one role of an organisation reads."""
    return f"desk:{organisation_id}:{role}"


def of_group(organisation_kind: str, province: str) -> str:
    """The mailbox of all institutions or all authorities of a province, for what concerns them all."""
    return f"{_GROUPS[organisation_kind]}:{province}"


def of_exam(region: str, year: int) -> str:
    """The mailbox of everybody with an account who passed in an exam region and year, wherever they come from."""
    return f"passed:{region}:{year}"


def of_security_desk(province: str, *, is_staffed: bool) -> str:
    """Who is told when an account seems to be attacked: the province's 安全管理员, its administrators without any."""
    return f"{SECURITY_DESK['security' if is_staffed else 'administrator']}:{province}"


def desk_in(mailbox: str) -> tuple[UUID, str] | None:
    """Organisation and role of a desk's mailbox; None for any other."""
    kind, _, rest = mailbox.partition(":")
    organisation, _, role = rest.partition(":")
    return (UUID(organisation), role) if kind == "desk" else None


def owner_of(mailbox: str) -> str | None:
    """Whose own mailbox it is, a person's or a staff member's; None for one that many read."""
    return mailbox if mailbox.startswith(("person:", "staff:")) else None


def read_by(
    *,
    subject: str,
    role: str,
    organisation_id: UUID | None,
    organisation_kind: str | None,
    province: str,
    exams: Iterable[tuple[str, int]] = (),
) -> tuple[str, ...]:
    """All mailboxes that a person (`person:…`) or a member of staff (`staff:…`) reads.

    `exams` are region and year of a person's recognised qualifications: they say which gates concern them, where the
    province of their ID number says nothing.
    """
    boxes = [subject, *(of_exam(region, year) for region, year in exams)]
    if organisation_id is not None:
        boxes.append(of_desk(organisation_id, role))
    if province and organisation_kind in _GROUPS:
        boxes.append(of_group(organisation_kind, province))
    if province and organisation_kind == "authority" and role in SECURITY_DESK:
        boxes.append(f"{SECURITY_DESK[role]}:{province}")
    return tuple(boxes)

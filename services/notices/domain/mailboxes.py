"""Where messages lie: one mailbox a person, one a desk of an organisation, and those that many read."""

from __future__ import annotations

from uuid import UUID

SECURITY_DESK = "administrators"
# The words for groups whose members all read one mailbox, by the kind of organisation; people read "physicians".
_GROUPS = {"institution": "institutions", "authority": "authorities", None: "physicians"}


def of_person(person_id: UUID) -> str:
    """A person's own mailbox."""
    return f"person:{person_id}"


def of_desk(organisation_id: UUID, role: str) -> str:
    """The mailbox that everyone in one role of an organisation reads."""
    return f"desk:{organisation_id}:{role}"


def of_group(organisation_kind: str | None, province: str) -> str:
    """The mailbox of all institutions, all authorities or all people of a province, for what concerns them all."""
    return f"{_GROUPS[organisation_kind]}:{province}"


def desk_in(mailbox: str) -> tuple[UUID, str] | None:
    """Organisation and role of a desk's mailbox; None for any other."""
    kind, _, rest = mailbox.partition(":")
    organisation, _, role = rest.partition(":")
    return (UUID(organisation), role) if kind == "desk" else None


def read_by(
    *, subject: str, role: str, organisation_id: UUID | None, organisation_kind: str | None, province: str
) -> tuple[str, ...]:
    """All mailboxes that a person (`person:…`) or a member of staff (`staff:…`) reads."""
    boxes = [subject]
    if organisation_id is not None:
        boxes.append(of_desk(organisation_id, role))
    if province and organisation_kind in _GROUPS:
        boxes.append(of_group(organisation_kind, province))
    if role == "administrator":
        boxes.append(SECURITY_DESK)
    return tuple(boxes)

"""Who may do what in `notices`: everybody reads their own mailboxes, `accounts` has codes sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.platform.authorisation import AuthorityTable, Row
from shared.platform.identity import Actor

from .domain import mailboxes
from .domain.notice import Message

READERS = ("physician", "clerk", "window", "officer", "head", "examiner", "administrator", "security")
EVERYBODY = ("visitor", *READERS, "service", "operator")


@dataclass(frozen=True)
class InBoxes:
    """A message, and the mailboxes that whoever asks for it reads."""

    message: Message
    boxes: tuple[str, ...]


def mailboxes_of(actor: Actor, exams: Iterable[tuple[str, int]] = ()) -> tuple[str, ...]:
    """The mailboxes that a caller reads; `exams` are those that a person passed."""
    return mailboxes.read_by(
        subject=actor.id,
        role=actor.role,
        organisation_id=actor.organisation_id,
        organisation_kind=actor.organisation_kind,
        province=actor.province or actor.division.replace("/", "")[:2],
        exams=exams,
    )


def is_recipient(actor: Actor, message: InBoxes) -> bool:
    """Whether the message lies in one of the caller's mailboxes."""
    return message.message.recipient in message.boxes


def is_accounts(actor: Actor, record: Any) -> bool:
    """Whether `accounts` asks, which makes and checks all codes."""
    return actor.id == "service:accounts"


AUTHORITY = AuthorityTable(
    "notices",
    [
        *(Row("inbox.read", role) for role in READERS),
        *(Row("inbox.mark", role, "is_recipient") for role in READERS),
        *(Row("inbox.mark_all", role) for role in READERS),
        Row("code.send", "service", "is_accounts"),
        Row("code.show", "service", "is_accounts"),
        # Only where ENVIRONMENT is demo or test; elsewhere there is nothing to read.
        *(Row("outbox.read", role) for role in EVERYBODY),
    ],
    {"is_recipient": is_recipient, "is_accounts": is_accounts},
)

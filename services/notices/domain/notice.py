"""A notice: what one recipient is told about one event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

# Beside the message in the mailbox, these are told by SMS: something has to be done, or something was decided.
BY_SMS = frozenset(
    {
        "qualification_recognised",
        "activation_failed",
        "new_device",
        "qualification_corrected",
        "qualification_annulled",
        "org_returned",
        "org_rejected",
        "org_confirmed",
        "supplement",
        "accepted",
        "accepted_by_silence",
        "not_accepted",
        "refused",
        "approved",
        "terminated",
        "registration_ended",
        "deadline_today",
        "deadline_passed",
        "overdue_reminder",
    }
)
# Said because of a day that comes or has gone: true only as long as nobody has acted, and no reason to wake anybody.
OF_DEADLINES = frozenset({"deadline_near", "deadline_today", "deadline_passed", "overdue_reminder"})


@dataclass(frozen=True)
class Occasion:
    """What something is told of: told again of the same occasion, it is told to nobody twice."""

    id: UUID
    province: str


@dataclass(frozen=True)
class Notice:
    """`template` names the words, `facts` fill them; identifiers and dates only, no personal data."""

    template: str
    recipient: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    application_id: UUID | None = None

    @property
    def is_sent_by_sms(self) -> bool:
        """Whether those whose phone is verified get a text message too."""
        return self.template in BY_SMS


@dataclass(frozen=True)
class Message:
    """A notice in its mailbox, in the words in which it was told."""

    id: UUID
    template: str
    recipient: str
    title: str
    body: str
    at: datetime
    application_id: UUID | None = None
    read_at: datetime | None = None

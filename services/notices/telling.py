"""Lays notices into their mailboxes and sets their deliveries going, in the transaction of the event."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from shared.platform.ids import new_id
from shared.platform.working_days import SHANGHAI

from .domain.deliveries import leaves_at
from .domain.notice import Message, Notice, Occasion
from .rendering import render
from .unit_of_work import NoticesUnitOfWork

SMS = "sms"


def tell(
    uow: NoticesUnitOfWork, occasion: Occasion, notices: Iterable[Notice], now: datetime, channels: Collection[str]
) -> None:
    """One message a recipient, whatever comes twice; a text message to each verified phone behind it.

    The mailbox always has it, being the record that somebody was told; `channels` (policy key `notice.channels`) says
    whether it goes out by SMS as well.
    """
    for notice in notices:
        words = render(notice)
        message = Message(
            new_id(), notice.template, notice.recipient, words.title, words.body, now, notice.application_id
        )
        if not uow.messages.add(message, event_id=occasion.id, province=occasion.province) or not words.sms:
            continue
        if SMS not in channels:
            continue
        for subject in uow.contacts.subjects_behind(notice.recipient):
            uow.deliveries.add(
                message.id,
                channel=SMS,
                subject=subject,
                text=words.sms,
                province=occasion.province,
                now=now,
                leaves_at=leaves_at(notice.template, now.astimezone(SHANGHAI)).astimezone(UTC),
            )

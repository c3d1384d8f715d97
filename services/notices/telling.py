"""Lays notices into their mailboxes and sets their deliveries going, in the transaction of the event."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from shared.platform.events import Event
from shared.platform.ids import new_id

from .domain.notice import Message, Notice
from .rendering import render
from .unit_of_work import NoticesUnitOfWork

SMS = "sms"


def tell(
    uow: NoticesUnitOfWork, event: Event, notices: Iterable[Notice], now: datetime, channels: Collection[str]
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
        if not uow.messages.add(message, event_id=event.id, province=event.province) or not words.sms:
            continue
        if SMS not in channels:
            continue
        for subject in uow.contacts.subjects_behind(notice.recipient):
            uow.deliveries.add(
                message.id, channel=SMS, subject=subject, text=words.sms, province=event.province, now=now
            )

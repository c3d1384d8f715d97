"""Messages in their mailboxes, and who has read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing
from shared.platform.errors import NotFound

from ..domain.notice import Message
from ..models import MessageRow, ReadRow

_BODY = "message"


class Messages:
    """What was told to whom."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def add(self, message: Message, *, event_id: UUID, province: str) -> bool:
        """Lay a message into its mailbox; False if this event has told this recipient so before."""
        dialect = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        laid = self._session.execute(
            dialect.insert(MessageRow)
            .values(
                id=message.id,
                event_id=event_id,
                template=message.template,
                recipient=message.recipient,
                province=province,
                title=message.title,
                body=self._ring.seal(message.body, purpose=_BODY),
                application_id=message.application_id,
                created_at=message.at,
            )
            .on_conflict_do_nothing()
            .returning(MessageRow.id)
        )
        return laid.scalar() is not None

    def get(self, message_id: UUID, reader: str) -> Message:
        """A message as `reader` sees it, or `NotFound`."""
        found = self._session.execute(_seen_by(reader).where(MessageRow.id == message_id)).one_or_none()
        if found is None:
            raise NotFound("message_not_found")
        return self._message(*found)

    def page(self, mailboxes: Sequence[str], reader: str, *, after: UUID | None, limit: int) -> list[Message]:
        """At most `limit` messages of these mailboxes, newest first, from the one after `after` on."""
        query = _seen_by(reader).where(MessageRow.recipient.in_(mailboxes)).order_by(MessageRow.id.desc()).limit(limit)
        if after is not None:
            query = query.where(MessageRow.id < after)
        return [self._message(*found) for found in self._session.execute(query)]

    def unread(self, mailboxes: Sequence[str], reader: str, *, at_most: int) -> int:
        """How many of these mailboxes' messages `reader` has not read, counted up to `at_most`."""
        some = _unread(mailboxes, reader).limit(at_most).subquery()
        return self._session.scalar(select(func.count()).select_from(some)) or 0

    def mark_read(self, message_id: UUID, reader: str, now: datetime) -> None:
        """Note that `reader` has read it; the first time counts."""
        if self._session.get(ReadRow, (message_id, reader)) is None:
            self._session.add(ReadRow(message_id=message_id, reader=reader, read_at=now))
            self._session.flush()

    def mark_all_read(self, mailboxes: Sequence[str], reader: str, now: datetime) -> None:
        """Note the same for every message of these mailboxes."""
        unread = _unread(mailboxes, reader).add_columns(literal(reader), literal(now, ReadRow.read_at.type))
        self._session.execute(insert(ReadRow).from_select(["message_id", "reader", "read_at"], unread))

    def _message(self, row: MessageRow, read_at: datetime | None) -> Message:
        return Message(
            id=row.id,
            template=row.template,
            recipient=row.recipient,
            title=row.title,
            body=self._ring.open(row.body, purpose=_BODY),
            at=row.created_at,
            application_id=row.application_id,
            read_at=read_at,
        )


def _seen_by(reader: str) -> Select[MessageRow, datetime]:
    return select(MessageRow, ReadRow.read_at).outerjoin(
        ReadRow, (ReadRow.message_id == MessageRow.id) & (ReadRow.reader == reader)
    )


def _unread(mailboxes: Sequence[str], reader: str) -> Select[UUID]:
    read = select(ReadRow.message_id).where(ReadRow.reader == reader, ReadRow.message_id == MessageRow.id).exists()
    return select(MessageRow.id).where(MessageRow.recipient.in_(mailboxes), ~read)

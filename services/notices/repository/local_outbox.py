"""The local outbox of demo and test: what would have left the system."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing
from shared.platform.ids import new_id

from ..models import LocalOutboxRow

_TO, _TEXT = "outbox_recipient", "outbox_text"


class LocalOutbox:
    """Entries that a page shows, sealed at rest like everything that names a phone."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def add(
        self, *, channel: str, to: str, text: str, now: datetime, reference: str = "", entry_id: UUID | None = None
    ) -> None:
        """Show one more; the same `entry_id` twice is one entry, as a provider's own id would see to."""
        if entry_id is not None and self._session.get(LocalOutboxRow, entry_id) is not None:
            return
        self._session.add(
            LocalOutboxRow(
                id=entry_id or new_id(),
                at=now,
                channel=channel,
                reference=reference,
                recipient=self._ring.seal(to, purpose=_TO),
                text=self._ring.seal(text, purpose=_TEXT),
            )
        )
        self._session.flush()

    def page(self, *, limit: int, channel: str | None, reference: str | None) -> list[dict[str, Any]]:
        """The newest entries, those of one channel or reference if asked."""
        query = select(LocalOutboxRow).order_by(LocalOutboxRow.at.desc(), LocalOutboxRow.id.desc()).limit(limit)
        if channel is not None:
            query = query.where(LocalOutboxRow.channel == channel)
        if reference is not None:
            query = query.where(LocalOutboxRow.reference == reference)
        return [
            {
                "id": row.id,
                "at": row.at,
                "channel": row.channel,
                "reference": row.reference,
                "to": self._ring.open(row.recipient, purpose=_TO),
                "text": self._ring.open(row.text, purpose=_TEXT),
            }
            for row in self._session.scalars(query)
        ]

    def forget_before(self, moment: datetime) -> None:
        """Remove what is older."""
        self._session.execute(delete(LocalOutboxRow).where(LocalOutboxRow.at < moment))

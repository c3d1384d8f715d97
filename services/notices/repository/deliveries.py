"""Deliveries: waiting, under way, done, given up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing
from shared.platform.errors import NotFound
from shared.platform.ids import new_id
from shared.platform.timers import take_due

from ..domain.deliveries import LEASE, Delivery
from ..models import DeliveryRow, MessageRow

_TEXT = "delivery"


class Deliveries:
    """What is to leave the system, each recipient for itself."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def add(
        self,
        message_id: UUID,
        *,
        channel: str,
        subject: str,
        text: str,
        province: str,
        now: datetime,
        leaves_at: datetime,
    ) -> None:
        """Have a text delivered, not before `leaves_at`."""
        self._session.add(
            DeliveryRow(
                id=new_id(),
                message_id=message_id,
                channel=channel,
                subject=subject,
                text=self._ring.seal(text, purpose=_TEXT),
                province=province,
                status="PENDING",
                attempts=0,
                reason="",
                created_at=now,
                next_try_at=leaves_at,
            )
        )

    def cancel_about(self, application_id: UUID, templates: Collection[str], now: datetime, *, reason: str) -> None:
        """Don't deliver what waits of these messages about an application: it is no longer true."""
        about = select(MessageRow.id).where(
            MessageRow.application_id == application_id, MessageRow.template.in_(templates)
        )
        self._session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.status == "PENDING", DeliveryRow.message_id.in_(about))
            .values(status="CANCELLED", reason=reason, finished_at=now)
        )

    def are_due(self, now: datetime) -> bool:
        """Whether there is anything to deliver."""
        return self._session.scalar(_due(now).with_only_columns(DeliveryRow.id).limit(1)) is not None

    def take(self, now: datetime) -> Delivery | None:
        """The delivery that has waited longest, leased for a while; None if there is none that nobody else has."""
        query = _due(now).order_by(DeliveryRow.next_try_at).limit(1)
        row = self._session.scalars(take_due(self._session, query)).first()
        if row is None:
            return None
        row.attempts += 1
        row.next_try_at = now + LEASE
        self._session.flush()
        text = self._ring.open(row.text, purpose=_TEXT)
        return Delivery(row.id, row.message_id, row.channel, row.subject, text, row.attempts, row.province)

    def finish(self, delivery_id: UUID, status: str, now: datetime, *, reason: str = "") -> None:
        """It was sent, cancelled or given up."""
        self._change(delivery_id, status=status, reason=reason, finished_at=now)

    def try_again(self, delivery_id: UUID, at: datetime, *, reason: str) -> None:
        """It failed this time."""
        self._change(delivery_id, next_try_at=at, reason=reason)

    def failed(self, limit: int) -> list[tuple[UUID, str, str, int, str, datetime | None]]:
        """The work list of what was given up: id, channel, subject, attempts, reason, when; oldest first."""
        rows = self._session.scalars(
            select(DeliveryRow).where(DeliveryRow.status == "FAILED").order_by(DeliveryRow.finished_at).limit(limit)
        )
        return [(row.id, row.channel, row.subject, row.attempts, row.reason, row.finished_at) for row in rows]

    def retry(self, delivery_id: UUID, now: datetime) -> None:
        """Try one again that was given up; `NotFound` if it was not."""
        again = self._session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.id == delivery_id, DeliveryRow.status == "FAILED")
            .values(status="PENDING", attempts=0, next_try_at=now, finished_at=None)
            .returning(DeliveryRow.id)
        )
        if again.scalar() is None:
            raise NotFound("failed_delivery_not_found")

    def _change(self, delivery_id: UUID, **values: object) -> None:
        self._session.execute(
            update(DeliveryRow).where(DeliveryRow.id == delivery_id, DeliveryRow.status == "PENDING").values(**values)
        )


def _due(now: datetime) -> Select[DeliveryRow]:
    return select(DeliveryRow).where(DeliveryRow.status == "PENDING", DeliveryRow.next_try_at <= now)

"""The tables of `notices`: messages and who read them, deliveries, and copies of what `accounts` announces."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.platform.database import COLUMN_TYPES, new_metadata


class Base(DeclarativeBase):
    """Tables of the service, and the platform's beside them."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class MessageRow(Base):
    """One message in one mailbox. The words stay as they were told; the body is sealed."""

    __tablename__ = "messages"
    __table_args__ = (
        # A replayed event tells nobody twice.
        UniqueConstraint("event_id", "template", "recipient"),
        Index("ix_messages_recipient_id", "recipient", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    template: Mapped[str] = mapped_column(String(60))
    recipient: Mapped[str] = mapped_column(String(100))
    province: Mapped[str] = mapped_column(String(2))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    application_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


class ReadRow(Base):
    """Who read a message, and when; each member of a desk for themselves."""

    __tablename__ = "reads"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    reader: Mapped[str] = mapped_column(String(80), primary_key=True)
    read_at: Mapped[datetime]


class DeliveryRow(Base):
    """One message on its way out of the system, each recipient for itself: one bad number blocks nobody else."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("message_id", "channel", "subject"),
        CheckConstraint("status IN ('PENDING', 'SENT', 'FAILED', 'CANCELLED')", name="status"),
        Index("ix_deliveries_status_next_try_at", "status", "next_try_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id"))
    channel: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    province: Mapped[str] = mapped_column(String(2))
    status: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int]
    reason: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ContactRow(Base):
    """Read model of `accounts.contact_changed`: how somebody is reached, sealed; no name, since none is needed."""

    __tablename__ = "contacts"

    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    account_id: Mapped[UUID]
    phone: Mapped[str | None] = mapped_column(Text)
    phone_verified: Mapped[bool]
    email: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime]


class StaffRow(Base):
    """Read model of `accounts.staff_changed`: who acts for an organisation, in which role."""

    __tablename__ = "staff"
    __table_args__ = (Index("ix_staff_organisation_id_role", "organisation_id", "role"),)

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    organisation_id: Mapped[UUID]
    organisation_kind: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(20))
    active: Mapped[bool]
    province: Mapped[str] = mapped_column(String(2), server_default="")


class RecognisedRow(Base):
    """Read model of `accounts.qualification_recognised`: who holds a qualification, from which exam region and year."""

    __tablename__ = "recognised"
    __table_args__ = (Index("ix_recognised_person_id", "person_id"),)

    qualification_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    region: Mapped[str] = mapped_column(String(2))
    year: Mapped[int]


class QualificationUseRow(Base):
    """Read model of applications and registrations: what rests on a qualification, at whom, until when.

    The end may be told before the beginning, in news of another service; the row then holds nothing but the end.
    """

    __tablename__ = "qualification_uses"
    __table_args__ = (
        CheckConstraint("kind IN ('application', 'registration')", name="kind"),
        Index("ix_qualification_uses_qualification_id", "qualification_id"),
    )

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    qualification_id: Mapped[UUID | None]
    number: Mapped[str] = mapped_column(String(40), server_default="")
    institution_id: Mapped[UUID | None]
    authority_id: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]


class ReminderRow(Base):
    """A case that waits on an institution beyond its period; gone as soon as the institution has acted."""

    __tablename__ = "reminders"
    __table_args__ = (Index("ix_reminders_next_at", "next_at"),)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    passed_event: Mapped[UUID]
    application_id: Mapped[UUID]
    organisation_id: Mapped[UUID]
    number: Mapped[str] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(20))
    clock: Mapped[str] = mapped_column(String(40))
    due_on: Mapped[date]
    province: Mapped[str] = mapped_column(String(2))
    next_at: Mapped[datetime]
    told: Mapped[int]


class LocalOutboxRow(Base):
    """What the `outbox:` provider has sent, and captcha answers, for the outbox page; never in production."""

    __tablename__ = "local_outbox"
    __table_args__ = (
        Index("ix_local_outbox_channel_id", "channel", "id"),
        Index("ix_local_outbox_reference", "reference"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(80))
    recipient: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)

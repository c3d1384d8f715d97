"""The rows of `applications`. Identity, form, facts and certificates are sealed; names are searched by blind index."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.platform.daily_marks import DailyMark
from shared.platform.database import COLUMN_TYPES, new_metadata

BLIND_INDEX = String(64)
REGISTERED = "status IN ('ACTIVE', 'SUSPENDED')"
CLOSED_IN_VAIN = text("state IN ('WITHDRAWN', 'ORG_REJECTED', 'TERMINATED')")


class Base(DeclarativeBase):
    """The declarative base of this service."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class ApplicationRow(Base):
    """An application; `exclusive_key` is set while it is open, so that there is one for what it opens or changes."""

    __tablename__ = "applications"
    __table_args__ = (
        Index("ix_applications_person", "person_id", "id"),
        Index("ix_applications_keeps_until", "keeps_until"),
        Index("ix_applications_closed", "updated_at", postgresql_where=CLOSED_IN_VAIN, sqlite_where=CLOSED_IN_VAIN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    province: Mapped[str] = mapped_column(String(2))
    type: Mapped[str] = mapped_column(String(12))
    sub_kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(16))
    submission: Mapped[int]
    person_id: Mapped[UUID]
    qualification_id: Mapped[UUID]
    exclusive_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    identity: Mapped[str] = mapped_column(Text)
    qualification: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(Text)
    institution_id: Mapped[UUID | None]
    institution_name: Mapped[str] = mapped_column(String(120))
    institution: Mapped[dict[str, Any] | None]
    authority_path: Mapped[str] = mapped_column(String(24))
    outcomes: Mapped[list[Any]]
    policy: Mapped[dict[str, Any] | None]
    reasons: Mapped[list[Any]]
    acts_next: Mapped[str] = mapped_column(String(16))
    act_until: Mapped[date | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    keeps_until: Mapped[date | None]
    registration_id: Mapped[UUID | None]
    notice: Mapped[int] = mapped_column(server_default="0")
    answered_notice: Mapped[int | None]


class MaterialRow(Base):
    """A material that was taken over; one of a kind is current, those before it stay once they were submitted."""

    __tablename__ = "materials"
    __table_args__ = (
        Index(
            "uq_materials_current",
            "application_id",
            "kind",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
            sqlite_where=text("replaced_at IS NULL"),
        ),
        Index("ix_materials_address", "address"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(64))
    filename: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    pages: Mapped[int]
    at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class AssessmentRow(Base):
    """A run of all rules: facts sealed, outcomes plain; rows are only added, so that a decision can be re-run."""

    __tablename__ = "assessments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(index=True)
    submission: Mapped[int]
    occasion: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    policy: Mapped[dict[str, Any]]
    facts: Mapped[str] = mapped_column(Text)
    outcomes: Mapped[list[Any]]


class RegistrationRow(Base):
    """A registration as it stands now; the history behind it can rebuild the row at any time."""

    __tablename__ = "registrations"
    __table_args__ = (
        CheckConstraint("length(practice_code) = 15", name="practice_code"),
        Index(
            "uq_registrations_registered",
            "person_id",
            "qualification_id",
            "practice_place",
            unique=True,
            postgresql_where=text(REGISTERED),
            sqlite_where=text(REGISTERED),
        ),
        Index("ix_registrations_lookup", "province", "name_index"),
        Index("ix_registrations_person", "person_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    person_id: Mapped[UUID]
    qualification_id: Mapped[UUID]
    practice_code: Mapped[str] = mapped_column(String(15), unique=True)
    level: Mapped[str] = mapped_column(String(2))
    province: Mapped[str] = mapped_column(String(2))
    name_index: Mapped[str] = mapped_column(BLIND_INDEX)
    holder: Mapped[str] = mapped_column(Text)
    started_on: Mapped[date]
    standing_since: Mapped[date]
    status: Mapped[str] = mapped_column(String(16))
    practice_place: Mapped[str] = mapped_column(String(6))
    category: Mapped[str] = mapped_column(String(2))
    scopes: Mapped[list[str]]
    institution_id: Mapped[UUID]
    institution_name: Mapped[str] = mapped_column(String(120))
    authority_id: Mapped[UUID]
    authority_name: Mapped[str] = mapped_column(String(120))
    authority_path: Mapped[str] = mapped_column(String(24))
    decision_number: Mapped[str] = mapped_column(String(60))
    application_id: Mapped[UUID | None]
    ground: Mapped[str | None] = mapped_column(String(4))


class EntryRow(Base):
    """One row of a registration's history in two times; nothing but the end of its knowledge is ever written again."""

    __tablename__ = "registration_history"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registrations.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    known_from: Mapped[datetime]
    known_to: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(String(16))
    practice_place: Mapped[str] = mapped_column(String(6))
    category: Mapped[str] = mapped_column(String(2))
    scopes: Mapped[list[str]]
    institution_id: Mapped[UUID]
    institution_name: Mapped[str] = mapped_column(String(120))
    authority_id: Mapped[UUID]
    authority_name: Mapped[str] = mapped_column(String(120))
    authority_path: Mapped[str] = mapped_column(String(24))
    decision_number: Mapped[str] = mapped_column(String(60))
    application_id: Mapped[UUID | None]
    ground: Mapped[str | None] = mapped_column(String(4))
    digest: Mapped[str] = mapped_column(String(64))


class CertificateRow(Base):
    """A practice certificate, and how far its document is; a registration has one that is valid."""

    __tablename__ = "certificates"
    __table_args__ = (
        CheckConstraint("status IN ('valid', 'void')", name="status"),
        CheckConstraint("document IN ('pending', 'ready', 'blocked')", name="document"),
        Index(
            "uq_certificates_valid",
            "registration_id",
            unique=True,
            postgresql_where=text("status = 'valid'"),
            sqlite_where=text("status = 'valid'"),
        ),
        Index(
            "ix_certificates_pending",
            "id",
            postgresql_where=text("document = 'pending'"),
            sqlite_where=text("document = 'pending'"),
        ),
        Index("ix_certificates_person", "person_id", "id"),
        Index("ix_certificates_document_address", "document_address"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registrations.id"))
    person_id: Mapped[UUID]
    province: Mapped[str] = mapped_column(String(2))
    practice_code: Mapped[str] = mapped_column(String(15))
    check_code: Mapped[str] = mapped_column(String(20), unique=True)
    issued_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(8))
    facts: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(String(8))
    document_address: Mapped[str] = mapped_column(String(64))
    document_size: Mapped[int] = mapped_column(BigInteger)
    problem: Mapped[dict[str, Any]]
    attempts: Mapped[int]
    next_try_at: Mapped[datetime | None]


class BarRow(Base):
    """A recorded ground for refusal or ban on applications; rows are only added."""

    __tablename__ = "bars"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    ground: Mapped[str] = mapped_column(String(4))
    decided_on: Mapped[date]
    until: Mapped[date | None]
    decision_number: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime]


class FileCheckRow(Base):
    """A stored file that may have lost its last reference: from `due_at` on it is looked at, and goes if it has."""

    __tablename__ = "file_checks"

    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(index=True)


class RecordViewRow(DailyMark, Base):
    """A member of staff looked at a record on a day (Asia/Shanghai); the first look of the day is news (E71)."""

    __tablename__ = "record_views"


class CounterRow(Base):
    """The last number given out in a series: application numbers of a day, serials of practice codes."""

    __tablename__ = "counters"

    series: Mapped[str] = mapped_column(String(60), primary_key=True)
    last: Mapped[int]


class CaptchaUseRow(Base):
    """A captcha that was used for a look-up: each serves once (E07)."""

    __tablename__ = "captcha_uses"

    captcha: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime]

"""The rows of `sync`. An ID is sealed once a person; exam details are sealed once a record; both are found by index."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.platform.database import COLUMN_TYPES, new_metadata

INDEX = String(64)
"""The width of a blind index."""
_LIVE = text("state NOT IN ('UNDONE', 'FAILED')")
_HELD = text("state = 'QUARANTINED'")


class Base(DeclarativeBase):
    """The declarative base of this service."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class BatchRow(Base):
    """One delivered file. `states` and `reasons` are counters, kept under the row's lock."""

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint(
            "state IN ('RECEIVED', 'VALIDATED', 'UPDATED', 'PUBLISHING', 'PUBLISHED', 'UNDONE', 'FAILED')",
            name="state",
        ),
        CheckConstraint("done >= 0", name="done"),
        Index(
            "uq_batches_live_file",
            "year",
            "round",
            "digest",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
        Index("ix_batches_state", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    year: Mapped[int]
    round: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(INDEX)
    digest: Mapped[str] = mapped_column(INDEX)
    filename: Mapped[str] = mapped_column(String(200))
    received_at: Mapped[datetime]
    received_by: Mapped[str] = mapped_column(String(120))
    rows: Mapped[int]
    done: Mapped[int]
    states: Mapped[dict[str, Any]]
    reasons: Mapped[dict[str, Any]]
    published_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(String(60))
    attempts: Mapped[int]
    leased_until: Mapped[datetime | None]


class BatchMarkRow(Base):
    """What only the whole file shows: tickets that occur twice (`ticket`), IDs with two names (`person`)."""

    __tablename__ = "batch_marks"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    index: Mapped[str] = mapped_column(INDEX, primary_key=True)


class RefusedRowRow(Base):
    """A row that can't be used: its line and why. What it said stays in the sealed file alone."""

    __tablename__ = "refused_rows"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    reasons: Mapped[list[str]]


class PersonRow(Base):
    """A candidate as a person: the ID sealed, its blind index unique."""

    __tablename__ = "persons"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    id_index: Mapped[str] = mapped_column(INDEX, unique=True)
    id_number: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]


class CandidateRow(Base):
    """One edition of one candidate record; (year, round, ticket) is its key."""

    __tablename__ = "candidates"
    __table_args__ = (
        CheckConstraint(
            "state IN ('QUARANTINED', 'NOT_PASSED', 'SHEET_CLOSED', 'UPDATED', 'PUBLISHED', 'SUPERSEDED', 'UNDONE', "
            "'DISMISSED')",
            name="state",
        ),
        CheckConstraint("state <> 'PUBLISHED' OR person_id IS NOT NULL", name="published_person"),
        UniqueConstraint("ticket_index", "year", "round", "edition"),
        Index("ix_candidates_batch_id_state_region_id", "batch_id", "state", "region", "id"),
        Index("ix_candidates_batch_id_line", "batch_id", "line"),
        Index("ix_candidates_quarantined", "id", postgresql_where=_HELD, sqlite_where=_HELD),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id"))
    line: Mapped[int]
    year: Mapped[int]
    round: Mapped[int]
    ticket_index: Mapped[str] = mapped_column(INDEX)
    edition: Mapped[int]
    content_index: Mapped[str] = mapped_column(INDEX)
    state: Mapped[str] = mapped_column(String(12))
    reasons: Mapped[list[str]]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    level: Mapped[str] = mapped_column(String(2))
    category: Mapped[str] = mapped_column(String(2))
    area: Mapped[str] = mapped_column(String(40))
    passed: Mapped[bool]
    sheet_open: Mapped[bool]
    education: Mapped[str] = mapped_column(String(20))
    school: Mapped[str] = mapped_column(String(100))
    major: Mapped[str] = mapped_column(String(100))
    details: Mapped[str] = mapped_column(Text)
    supersedes: Mapped[UUID | None] = mapped_column(ForeignKey("candidates.id"))
    recorded_at: Mapped[datetime]


class QualificationRow(Base):
    """A qualification as it stands; its code is computed, only the code's index is stored."""

    __tablename__ = "qualifications"
    __table_args__ = (CheckConstraint("status IN ('published', 'frozen', 'annulled')", name="status"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("candidates.id"), unique=True)
    code_index: Mapped[str] = mapped_column(INDEX, unique=True)
    year: Mapped[int]
    round: Mapped[int]
    region: Mapped[str] = mapped_column(String(2))
    level: Mapped[str] = mapped_column(String(2))
    category: Mapped[str] = mapped_column(String(2))
    area: Mapped[str] = mapped_column(String(40))
    published_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(10))
    education: Mapped[str] = mapped_column(String(20))
    school: Mapped[str] = mapped_column(String(100))
    major: Mapped[str] = mapped_column(String(100))


class QualificationHistoryRow(Base):
    """What happened to a qualification, one row an act; the database lets rows only be added (design D20)."""

    __tablename__ = "qualification_history"
    __table_args__ = (UniqueConstraint("qualification_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    qualification_id: Mapped[UUID] = mapped_column(ForeignKey("qualifications.id"))
    version: Mapped[int]
    change: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(10))
    facts: Mapped[dict[str, Any]]
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    decision: Mapped[str] = mapped_column(String(200))


class GateRow(Base):
    """The publication gate of one exam region."""

    __tablename__ = "gates"
    __table_args__ = (UniqueConstraint("year", "round", "region"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    region: Mapped[str] = mapped_column(String(2))
    year: Mapped[int]
    round: Mapped[int]
    planned_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[str] = mapped_column(String(120))

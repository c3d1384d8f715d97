"""The rows of `review`: name, notes, sensitive outcomes sealed; what filters a work list is in the task's row (D17)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.platform.daily_marks import DailyMark
from shared.platform.database import COLUMN_TYPES, new_metadata

_OPEN = text("status = 'OPEN'")


class Base(DeclarativeBase):
    """The declarative base of this service."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class CaseRow(Base):
    """A case; one for each application, through all its submissions."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint("licence_status IN ('valid', 'suspended', 'cancelled')", name="licence_status"),
        CheckConstraint("accepted_on IS NULL OR received_on IS NOT NULL", name="accepted_after_receipt"),
        Index("ix_cases_wake_on", "wake_on", postgresql_where=text("wake_on IS NOT NULL")),
        Index("ix_cases_provisional_year", "provisional_year", postgresql_where=text("provisional_year IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    application_id: Mapped[UUID] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(12))
    sub_kind: Mapped[str] = mapped_column(String(20))
    submission: Mapped[int]
    province: Mapped[str] = mapped_column(String(2))
    person_id: Mapped[UUID] = mapped_column(index=True)
    applicant_name: Mapped[str] = mapped_column(Text)
    applicant_name_index: Mapped[str] = mapped_column(String(64))
    level: Mapped[str] = mapped_column(String(2))
    category: Mapped[str] = mapped_column(String(2))
    institution_id: Mapped[UUID] = mapped_column(index=True)
    institution: Mapped[dict[str, Any]]
    workflow_name: Mapped[str] = mapped_column(String(12))
    workflow_version: Mapped[int]
    workflow_digest: Mapped[str] = mapped_column(String(64))
    policy: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20))
    is_open: Mapped[bool]
    opened_at: Mapped[datetime]
    entered_on: Mapped[date]
    received_on: Mapped[date | None]
    accepted_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    licence_status: Mapped[str] = mapped_column(String(10))
    outcomes: Mapped[list[Any]]
    materials: Mapped[list[str]]
    paper_materials: Mapped[list[str]]
    paper_received: Mapped[list[str]]
    reasons: Mapped[list[Any]]
    noticed_targets: Mapped[list[str]]
    notice: Mapped[int] = mapped_column(server_default="0")
    pre_reviewed: Mapped[list[str]]
    clocks: Mapped[list[Any]]
    decision_number: Mapped[str] = mapped_column(String(60))
    steps: Mapped[int]
    wake_on: Mapped[date | None]
    provisional_year: Mapped[int | None]


class TaskRow(Base):
    """What lies on a desk; `due_sort` is the due day or the end of time, `settled` says the unit's part is over."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("status IN ('OPEN', 'DONE', 'CANCELLED')", name="status"),
        CheckConstraint("(claimed_by IS NULL) = (claimed_until IS NULL)", name="claim"),
        Index("uq_tasks_open_case", "case_id", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_tasks_work_list", "organisation_id", "status", "tab", "due_sort", "id"),
        Index("ix_tasks_settled", "organisation_id", "settled", "done_at", "id"),
        Index("ix_tasks_number", "number"),
        Index("ix_tasks_name", "applicant_name_index"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    organisation_id: Mapped[UUID]
    division_path: Mapped[str] = mapped_column(String(24))
    desk: Mapped[str] = mapped_column(String(12))
    step: Mapped[str] = mapped_column(String(24))
    tab: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(10))
    waits: Mapped[bool]
    settled: Mapped[bool]
    type: Mapped[str] = mapped_column(String(12))
    number: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[UUID]
    applicant_name_index: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    due_on: Mapped[date | None]
    due_sort: Mapped[date]
    due_provisional: Mapped[bool]
    claimed_by: Mapped[UUID | None]
    claimed_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class StepRow(Base):
    """One step of a case's history; only added to."""

    __tablename__ = "case_steps"
    __table_args__ = (UniqueConstraint("case_id", "position"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    position: Mapped[int]
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(40))
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(80))
    actor_role: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[UUID | None]
    organisation_name: Mapped[str] = mapped_column(String(200))
    reasons: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(Text)
    effective_on: Mapped[date]
    submission: Mapped[int]
    right_authority: Mapped[dict[str, Any] | None] = mapped_column(COLUMN_TYPES[dict[str, Any]])


class DecisionRow(Base):
    """A decision with everything it was made on; only added to."""

    __tablename__ = "decisions"
    __table_args__ = (CheckConstraint("outcome IN ('approved', 'refused')", name="outcome"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    outcome: Mapped[str] = mapped_column(String(10))
    authority_id: Mapped[UUID]
    decided_on: Mapped[date]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(80))
    submission: Mapped[int]
    reasons: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(Text)
    remedies: Mapped[list[str]]
    workflow: Mapped[str] = mapped_column(String(20))
    workflow_digest: Mapped[str] = mapped_column(String(64))
    policy: Mapped[dict[str, Any]]
    outcomes: Mapped[list[Any]]


class CaseViewRow(DailyMark, Base):
    """A member of staff looked at a case on a day (Asia/Shanghai); the first look of the day is news (E71)."""

    __tablename__ = "case_views"


class DecisionCounterRow(Base):
    """The last decision number given out, for each authority's division, type of business and year."""

    __tablename__ = "decision_counters"

    division: Mapped[str] = mapped_column(String(6), primary_key=True)
    type: Mapped[str] = mapped_column(String(12), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class WorkflowRow(Base):
    """The text of each workflow version that a case was opened on, so that it holds after the file has moved on."""

    __tablename__ = "workflows"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    content: Mapped[str] = mapped_column(Text)

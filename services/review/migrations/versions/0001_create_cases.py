"""Create cases, their tasks, and the history and decisions that are only added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.platform.append_only import guard
from shared.platform.columns import Json, Utc
from shared.platform.migrations import create_platform_tables, drop_platform_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_platform_tables(op)
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=12), nullable=False),
        sa.Column("sub_kind", sa.String(length=20), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("applicant_name", sa.Text(), nullable=False),
        sa.Column("applicant_name_index", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=2), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("institution", Json, nullable=False),
        sa.Column("workflow_name", sa.String(length=12), nullable=False),
        sa.Column("workflow_version", sa.Integer(), nullable=False),
        sa.Column("workflow_digest", sa.String(length=64), nullable=False),
        sa.Column("policy", Json, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("licence_status", sa.String(length=10), nullable=False),
        sa.Column("outcomes", Json, nullable=False),
        sa.Column("materials", Json, nullable=False),
        sa.Column("paper_materials", Json, nullable=False),
        sa.Column("paper_received", Json, nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("noticed_targets", Json, nullable=False),
        sa.Column("pre_reviewed", Json, nullable=False),
        sa.Column("clocks", Json, nullable=False),
        sa.Column("decision_number", sa.String(length=60), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("wake_on", sa.Date(), nullable=True),
        sa.Column("provisional_year", sa.Integer(), nullable=True),
        sa.CheckConstraint("licence_status IN ('valid', 'suspended', 'cancelled')", name="ck_cases_licence_status"),
        sa.CheckConstraint("accepted_on IS NULL OR received_on IS NOT NULL", name="ck_cases_accepted_after_receipt"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("application_id", name="uq_cases_application_id"),
    )
    op.create_index("ix_cases_institution_id", "cases", ["institution_id"], unique=False)
    op.create_index("ix_cases_person_id", "cases", ["person_id"], unique=False)
    op.create_index(
        "ix_cases_provisional_year",
        "cases",
        ["provisional_year"],
        unique=False,
        postgresql_where=sa.text("provisional_year IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_wake_on", "cases", ["wake_on"], unique=False, postgresql_where=sa.text("wake_on IS NOT NULL")
    )
    op.create_table(
        "decision_counters",
        sa.Column("division", sa.String(length=6), nullable=False),
        sa.Column("type", sa.String(length=12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("division", "type", "year", name="pk_decision_counters"),
    )
    op.create_table(
        "workflows",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_workflows"),
    )
    op.create_table(
        "case_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("actor_role", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("right_authority", Json, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_steps_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_case_steps"),
        sa.UniqueConstraint("case_id", "position", name="uq_case_steps_case_id_position"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("remedies", Json, nullable=False),
        sa.Column("workflow", sa.String(length=20), nullable=False),
        sa.Column("workflow_digest", sa.String(length=64), nullable=False),
        sa.Column("policy", Json, nullable=False),
        sa.Column("outcomes", Json, nullable=False),
        sa.CheckConstraint("outcome IN ('approved', 'refused')", name="ck_decisions_outcome"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_decisions_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.UniqueConstraint("number", name="uq_decisions_number"),
    )
    op.create_index("ix_decisions_case_id", "decisions", ["case_id"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("division_path", sa.String(length=24), nullable=False),
        sa.Column("desk", sa.String(length=12), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("tab", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("type", sa.String(length=12), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("applicant_name_index", sa.String(length=64), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_sort", sa.Date(), nullable=False),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", Utc(), nullable=True),
        sa.Column("done_at", Utc(), nullable=True),
        sa.CheckConstraint("status IN ('OPEN', 'DONE', 'CANCELLED')", name="ck_tasks_status"),
        sa.CheckConstraint("(claimed_by IS NULL) = (claimed_until IS NULL)", name="ck_tasks_claim"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_tasks_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_case_id", "tasks", ["case_id"], unique=False)
    op.create_index("ix_tasks_name", "tasks", ["applicant_name_index"], unique=False)
    op.create_index("ix_tasks_number", "tasks", ["number"], unique=False)
    op.create_index("ix_tasks_settled", "tasks", ["organisation_id", "settled", "done_at", "id"], unique=False)
    op.create_index("ix_tasks_work_list", "tasks", ["organisation_id", "status", "tab", "due_sort", "id"], unique=False)
    op.create_index(
        "uq_tasks_open_case",
        "tasks",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("status = 'OPEN'"),
        sqlite_where=sa.text("status = 'OPEN'"),
    )
    guard(op, "case_steps")
    guard(op, "decisions")
    guard(op, "workflows")


def downgrade() -> None:
    for table in ("tasks", "decisions", "case_steps", "workflows", "decision_counters", "cases"):
        op.drop_table(table)
    drop_platform_tables(op)

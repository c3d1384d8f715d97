"""Create batches, candidates, persons, qualifications with their history, gates."""

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
        "batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("received_at", Utc(), nullable=False),
        sa.Column("received_by", sa.String(length=120), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("states", Json, nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("published_at", Utc(), nullable=True),
        sa.Column("fault", sa.String(length=60), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", Utc(), nullable=True),
        sa.CheckConstraint(
            "state IN ('RECEIVED', 'VALIDATED', 'UPDATED', 'PUBLISHING', 'PUBLISHED', 'UNDONE', 'FAILED')",
            name=op.f("ck_batches_state"),
        ),
        sa.CheckConstraint("done >= 0", name=op.f("ck_batches_done")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index("ix_batches_state", "batches", ["state"], unique=False)
    op.create_index(
        "uq_batches_live_file",
        "batches",
        ["year", "round", "digest"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('UNDONE', 'FAILED')"),
        sqlite_where=sa.text("state NOT IN ('UNDONE', 'FAILED')"),
    )
    op.create_table(
        "gates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("planned_at", Utc(), nullable=True),
        sa.Column("opened_at", Utc(), nullable=True),
        sa.Column("opened_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gates")),
        sa.UniqueConstraint("year", "round", "region", name=op.f("uq_gates_year_round_region")),
    )
    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("id_index", sa.String(length=64), nullable=False),
        sa.Column("id_number", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("id_index", name=op.f("uq_persons_id_index")),
    )
    op.create_table(
        "batch_marks",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("index", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_marks_batch_id_batches")),
        sa.PrimaryKeyConstraint("batch_id", "kind", "index", name=op.f("pk_batch_marks")),
    )
    op.create_table(
        "candidates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("ticket_index", sa.String(length=64), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("content_index", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("level", sa.String(length=2), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("sheet_open", sa.Boolean(), nullable=False),
        sa.Column("education", sa.String(length=20), nullable=False),
        sa.Column("school", sa.String(length=100), nullable=False),
        sa.Column("major", sa.String(length=100), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("supersedes", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", Utc(), nullable=False),
        sa.CheckConstraint(
            "state <> 'PUBLISHED' OR person_id IS NOT NULL", name=op.f("ck_candidates_published_person")
        ),
        sa.CheckConstraint(
            "state IN ('QUARANTINED', 'NOT_PASSED', 'SHEET_CLOSED', 'UPDATED', 'PUBLISHED', 'SUPERSEDED', 'UNDONE', 'DISMISSED')",
            name=op.f("ck_candidates_state"),
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_candidates_batch_id_batches")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_candidates_person_id_persons")),
        sa.ForeignKeyConstraint(["supersedes"], ["candidates.id"], name=op.f("fk_candidates_supersedes_candidates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidates")),
        sa.UniqueConstraint(
            "ticket_index", "year", "round", "edition", name=op.f("uq_candidates_ticket_index_year_round_edition")
        ),
    )
    op.create_index("ix_candidates_batch_id_line", "candidates", ["batch_id", "line"], unique=False)
    op.create_index(
        "ix_candidates_batch_id_state_region_id", "candidates", ["batch_id", "state", "region", "id"], unique=False
    )
    op.create_index(op.f("ix_candidates_person_id"), "candidates", ["person_id"], unique=False)
    op.create_index(
        "ix_candidates_quarantined",
        "candidates",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'QUARANTINED'"),
        sqlite_where=sa.text("state = 'QUARANTINED'"),
    )
    op.create_table(
        "refused_rows",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_refused_rows_batch_id_batches")),
        sa.PrimaryKeyConstraint("batch_id", "line", name=op.f("pk_refused_rows")),
    )
    op.create_table(
        "qualifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("code_index", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("level", sa.String(length=2), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("education", sa.String(length=20), nullable=False),
        sa.Column("school", sa.String(length=100), nullable=False),
        sa.Column("major", sa.String(length=100), nullable=False),
        sa.CheckConstraint("status IN ('published', 'frozen', 'annulled')", name=op.f("ck_qualifications_status")),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidates.id"], name=op.f("fk_qualifications_candidate_id_candidates")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_qualifications_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualifications")),
        sa.UniqueConstraint("candidate_id", name=op.f("uq_qualifications_candidate_id")),
        sa.UniqueConstraint("code_index", name=op.f("uq_qualifications_code_index")),
    )
    op.create_index(op.f("ix_qualifications_person_id"), "qualifications", ["person_id"], unique=False)
    op.create_table(
        "qualification_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", Utc(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["qualification_id"],
            ["qualifications.id"],
            name=op.f("fk_qualification_history_qualification_id_qualifications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification_history")),
        sa.UniqueConstraint(
            "qualification_id", "version", name=op.f("uq_qualification_history_qualification_id_version")
        ),
    )
    guard(op, "qualification_history")


def downgrade() -> None:
    for table in (
        "qualification_history",
        "qualifications",
        "refused_rows",
        "candidates",
        "batch_marks",
        "persons",
        "gates",
        "batches",
    ):
        op.drop_table(table)
    drop_platform_tables(op)

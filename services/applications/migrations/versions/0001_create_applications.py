"""Create applications with their materials and assessments, counters, bars."""

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
        "applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("type", sa.String(length=12), nullable=False),
        sa.Column("sub_kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("exclusive_key", sa.String(length=80), nullable=True),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("qualification", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("institution_name", sa.String(length=120), nullable=False),
        sa.Column("institution", Json, nullable=True),
        sa.Column("authority_path", sa.String(length=24), nullable=False),
        sa.Column("outcomes", Json, nullable=False),
        sa.Column("policy", Json, nullable=True),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("acts_next", sa.String(length=16), nullable=False),
        sa.Column("act_until", sa.Date(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.Column("submitted_at", Utc(), nullable=True),
        sa.Column("first_submitted_on", sa.Date(), nullable=True),
        sa.Column("keeps_until", sa.Date(), nullable=True),
        sa.Column("registration_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("exclusive_key", name=op.f("uq_applications_exclusive_key")),
        sa.UniqueConstraint("number", name=op.f("uq_applications_number")),
    )
    op.create_index("ix_applications_keeps_until", "applications", ["keeps_until"], unique=False)
    op.create_index("ix_applications_person", "applications", ["person_id", "id"], unique=False)
    op.create_table(
        "materials",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("replaced_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_materials_application_id_applications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_materials")),
    )
    op.create_index(
        "uq_materials_current",
        "materials",
        ["application_id", "kind"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
        sqlite_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "assessments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=16), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("policy", Json, nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("outcomes", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    op.create_index("ix_assessments_application_id", "assessments", ["application_id"], unique=False)
    op.create_table(
        "bars",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.String(length=4), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("decision_number", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bars")),
    )
    op.create_index("ix_bars_person_id", "bars", ["person_id"], unique=False)
    op.create_table(
        "captcha_uses",
        sa.Column("captcha", sa.String(length=64), nullable=False),
        sa.Column("used_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("captcha", name=op.f("pk_captcha_uses")),
    )
    op.create_table(
        "counters",
        sa.Column("series", sa.String(length=60), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_counters")),
    )
    guard(op, "assessments")
    guard(op, "bars")


def downgrade() -> None:
    op.drop_table("counters")
    op.drop_table("captcha_uses")
    op.drop_table("bars")
    op.drop_table("assessments")
    op.drop_table("materials")
    op.drop_table("applications")
    drop_platform_tables(op)

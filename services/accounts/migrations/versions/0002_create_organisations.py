"""Create authorities, institutions, their history, staff, and the log of who looked at what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.platform.append_only import guard
from shared.platform.columns import Json, Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("organisation", sa.String(length=100), nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_log"),
    )
    op.create_index("ix_access_log_person_id_at_id", "access_log", ["person_id", "at", "id"], unique=False)
    op.create_table(
        "authorities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("tier", sa.String(length=8), nullable=True),
        sa.Column("division", sa.String(length=14), nullable=False),
        sa.Column("superior_id", sa.Uuid(), nullable=True),
        sa.Column("window_address", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.CheckConstraint("(kind = 'exam_centre') = (tier IS NULL)", name="ck_authorities_tier_of_authorities"),
        sa.CheckConstraint("kind IN ('authority', 'exam_centre')", name="ck_authorities_kind"),
        sa.CheckConstraint("tier IN ('county', 'city', 'province')", name="ck_authorities_tier"),
        sa.ForeignKeyConstraint(["superior_id"], ["authorities.id"], name="fk_authorities_superior_id_authorities"),
        sa.PrimaryKeyConstraint("id", name="pk_authorities"),
        sa.UniqueConstraint("code", name="uq_authorities_code"),
    )
    op.create_index("ix_authorities_division", "authorities", ["division"], unique=False)
    op.create_index("ix_authorities_superior_id", "authorities", ["superior_id"], unique=False)
    op.create_table(
        "organisation_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", Utc(), nullable=False),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("changed", Json, nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation_history"),
        sa.UniqueConstraint("organisation_id", "version", name="uq_organisation_history_organisation_id_version"),
    )
    op.create_table(
        "institutions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("licence_number", sa.String(length=22), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("search_name", sa.String(length=100), nullable=False),
        sa.Column("licence_status", sa.String(length=10), nullable=False),
        sa.Column("licence_valid_to", sa.Date(), nullable=True),
        sa.Column("status_since", sa.Date(), nullable=False),
        sa.Column("division", sa.String(length=14), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("grade", sa.String(length=12), nullable=False),
        sa.Column("beds", sa.Integer(), nullable=False),
        sa.Column("departments", Json, nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("is_county_or_below", sa.Boolean(), nullable=False),
        sa.Column("is_military", sa.Boolean(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "licence_status IN ('valid', 'suspended', 'cancelled')", name="ck_institutions_licence_status"
        ),
        sa.CheckConstraint("beds >= 0", name="ck_institutions_beds"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_institutions_authority_id_authorities"),
        sa.PrimaryKeyConstraint("id", name="pk_institutions"),
        sa.UniqueConstraint("licence_number", name="uq_institutions_licence_number"),
    )
    op.create_index("ix_institutions_authority_id", "institutions", ["authority_id"], unique=False)
    op.create_index(
        "ix_institutions_division_search_name_id", "institutions", ["division", "search_name", "id"], unique=False
    )
    op.create_index("ix_institutions_search_name_id", "institutions", ["search_name", "id"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_kind", sa.String(length=12), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "role IN ('clerk', 'window', 'officer', 'head', 'examiner', 'administrator')", name="ck_staff_role"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["credentials.account_id"], name="fk_staff_account_id_credentials"),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("account_id", name="uq_staff_account_id"),
    )
    op.create_index("ix_staff_organisation_id", "staff", ["organisation_id"], unique=False)
    op.create_table(
        "organisation_lineage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("predecessor_id", sa.Uuid(), nullable=False),
        sa.Column("successor_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", Utc(), nullable=False),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["predecessor_id"], ["institutions.id"], name="fk_organisation_lineage_predecessor_id_institutions"
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["institutions.id"], name="fk_organisation_lineage_successor_id_institutions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organisation_lineage"),
        sa.UniqueConstraint(
            "predecessor_id", "successor_id", name="uq_organisation_lineage_predecessor_id_successor_id"
        ),
    )
    op.create_index("ix_organisation_lineage_successor_id", "organisation_lineage", ["successor_id"], unique=False)
    guard(op, "organisation_history")
    guard(op, "organisation_lineage")
    guard(op, "access_log")


def downgrade() -> None:
    op.drop_table("organisation_lineage")
    op.drop_table("staff")
    op.drop_table("institutions")
    op.drop_table("organisation_history")
    op.drop_table("authorities")
    op.drop_table("access_log")

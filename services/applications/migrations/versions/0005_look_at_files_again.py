"""Look again at stored files that may have lost their last reference, and note who looked at what on which day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.platform.columns import Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CLOSED = sa.text("state IN ('WITHDRAWN', 'ORG_REJECTED', 'TERMINATED')")


def upgrade() -> None:
    op.create_table(
        "file_checks",
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_file_checks")),
    )
    op.create_index(op.f("ix_file_checks_due_at"), "file_checks", ["due_at"], unique=False)
    op.create_table(
        "record_views",
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("who", "what", "day", name=op.f("pk_record_views")),
    )
    op.create_index(op.f("ix_record_views_day"), "record_views", ["day"], unique=False)
    op.create_index("ix_materials_address", "materials", ["address"], unique=False)
    op.create_index(
        "ix_applications_closed",
        "applications",
        ["updated_at"],
        unique=False,
        postgresql_where=CLOSED,
        sqlite_where=CLOSED,
    )
    op.create_index("ix_certificates_document_address", "certificates", ["document_address"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_certificates_document_address", table_name="certificates")
    op.drop_index("ix_applications_closed", table_name="applications")
    op.drop_index("ix_materials_address", table_name="materials")
    op.drop_index(op.f("ix_record_views_day"), table_name="record_views")
    op.drop_table("record_views")
    op.drop_index(op.f("ix_file_checks_due_at"), table_name="file_checks")
    op.drop_table("file_checks")

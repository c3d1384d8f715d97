"""Keep overdue cases to remind of, who holds which qualification, what rests on it, and where staff work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.platform.columns import Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("province", sa.String(2), nullable=False, server_default=""))
    op.create_table(
        "recognised",
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(2), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("qualification_id", name="pk_recognised"),
    )
    op.create_index("ix_recognised_person_id", "recognised", ["person_id"])
    op.create_table(
        "qualification_uses",
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("qualification_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.String(40), nullable=False, server_default=""),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.CheckConstraint("kind IN ('application', 'registration')", name=op.f("ck_qualification_uses_kind")),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_qualification_uses"),
    )
    op.create_index("ix_qualification_uses_qualification_id", "qualification_uses", ["qualification_id"])
    op.create_table(
        "reminders",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("passed_event", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("clock", sa.String(40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("province", sa.String(2), nullable=False),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_reminders"),
    )
    op.create_index("ix_reminders_next_at", "reminders", ["next_at"])


def downgrade() -> None:
    for table in ("reminders", "qualification_uses", "recognised"):
        op.drop_table(table)
    op.drop_column("staff", "province")

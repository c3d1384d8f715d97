"""Name who started a case, who stands on its other side, and what those said who were asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.platform.columns import Json

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The constraint comes with its column, which needs no copy of the table on SQLite and goes with it again.
STARTED_BY = """
ALTER TABLE cases ADD COLUMN started_by VARCHAR(12) DEFAULT 'physician' NOT NULL
CONSTRAINT ck_cases_started_by CHECK (started_by IN ('physician', 'institution', 'authority', 'system'))
"""
ADDED = ("started_by", "starter_id", "releasing_id", "releasing", "release", "answers", "reviewed_by")


def upgrade() -> None:
    op.execute(STARTED_BY)
    op.add_column("cases", sa.Column("starter_id", sa.Uuid(), nullable=True))
    op.add_column("cases", sa.Column("releasing_id", sa.Uuid(), nullable=True))
    op.add_column("cases", sa.Column("releasing", Json, nullable=True))
    op.add_column("cases", sa.Column("release", Json, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("cases", sa.Column("answers", Json, server_default=sa.text("'[]'"), nullable=False))
    tiers = sa.text("'[\"review.pre_tiers\"]'")
    op.add_column("cases", sa.Column("reviewed_by", Json, server_default=tiers, nullable=False))
    op.create_index(op.f("ix_cases_releasing_id"), "cases", ["releasing_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_cases_releasing_id"), table_name="cases")
    for column in reversed(ADDED):
        op.drop_column("cases", column)

"""Name who started a case, who stands on its other side, and what those said who were asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.platform.columns import Json

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = (
    sa.Column("started_by", sa.String(length=12), server_default="physician", nullable=False),
    sa.Column("starter_id", sa.Uuid(), nullable=True),
    sa.Column("releasing_id", sa.Uuid(), nullable=True),
    sa.Column("releasing", Json, nullable=True),
    sa.Column("release", Json, server_default=sa.text("'{}'"), nullable=False),
    sa.Column("answers", Json, server_default=sa.text("'[]'"), nullable=False),
    sa.Column("reviewed_by", Json, server_default=sa.text("'[\"review.pre_tiers\"]'"), nullable=False),
)
STARTED_BY = "started_by IN ('physician', 'institution', 'authority', 'system')"


def upgrade() -> None:
    with op.batch_alter_table("cases") as table:
        for column in COLUMNS:
            table.add_column(column.copy())
        table.create_check_constraint(op.f("ck_cases_started_by"), STARTED_BY)
    op.create_index(op.f("ix_cases_releasing_id"), "cases", ["releasing_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_cases_releasing_id"), table_name="cases")
    with op.batch_alter_table("cases") as table:
        table.drop_constraint(op.f("ck_cases_started_by"), type_="check")
        for column in reversed(COLUMNS):
            table.drop_column(column.name)

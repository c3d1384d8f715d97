"""Count attempts of what can't be registered online by case, province and day.

What was counted by name and day before stays in `counters`: it doesn't tell the province.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "excluded_attempts",
        sa.Column("case_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("province", sa.String(2), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("case_number BETWEEN 1 AND 4", name=op.f("ck_excluded_attempts_case_number")),
        sa.PrimaryKeyConstraint("case_number", "province", "day", name=op.f("pk_excluded_attempts")),
    )


def downgrade() -> None:
    op.drop_table("excluded_attempts")

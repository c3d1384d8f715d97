"""Forget the day of the first submission: nothing counts from it, the latest one decides (两年, art.12)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("applications", "first_submitted_on")


def downgrade() -> None:
    op.add_column("applications", sa.Column("first_submitted_on", sa.Date(), nullable=True))

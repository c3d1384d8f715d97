"""Number the notices of what is missing, so that each is answered once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("notice", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("cases", "notice")

"""Remember which supplement notice an applicant has answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("applications", sa.Column("notice", sa.Integer(), server_default="0", nullable=False))
    op.add_column("applications", sa.Column("answered_notice", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("applications", "answered_notice")
    op.drop_column("applications", "notice")

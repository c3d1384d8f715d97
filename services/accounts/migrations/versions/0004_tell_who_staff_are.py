"""Keep which human being a member of staff is, sealed and by blind index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("id_number", sa.Text(), nullable=True))
    op.add_column("staff", sa.Column("id_index", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("staff", "id_index")
    op.drop_column("staff", "id_number")

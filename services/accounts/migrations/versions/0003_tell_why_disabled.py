"""Keep when and why an account was disabled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.platform.columns import Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("disabled_at", Utc(), nullable=True))
    op.add_column("accounts", sa.Column("disabled_because", sa.String(length=300), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("accounts", "disabled_because")
    op.drop_column("accounts", "disabled_at")

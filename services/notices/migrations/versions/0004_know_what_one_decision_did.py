"""Keep by which application a registration came to stand as it does: one decision ends a registration and opens another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("qualification_uses", sa.Column("application_id", sa.Uuid(), nullable=True))
    op.create_index("ix_qualification_uses_application_id", "qualification_uses", ["application_id"])


def downgrade() -> None:
    op.drop_index("ix_qualification_uses_application_id", "qualification_uses")
    op.drop_column("qualification_uses", "application_id")

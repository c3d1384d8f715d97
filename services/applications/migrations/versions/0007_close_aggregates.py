"""Keep which aggregates are closed to change after a restore, until an operator settles each."""

from __future__ import annotations

from alembic import op

from shared.platform.migrations import create_closure_tables, drop_closure_tables

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_closure_tables(op)


def downgrade() -> None:
    drop_closure_tables(op)

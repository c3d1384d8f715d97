"""Seal the reasons that staff give for a look at somebody's data."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from shared.platform.append_only import guard, unguard
from shared.platform.crypto import storage_ring

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PURPOSE = "access_reason"
LOG = sa.table("access_log", sa.column("id", sa.Uuid()), sa.column("reason", sa.Text()))


def upgrade() -> None:
    unguard(op, "access_log")
    with op.batch_alter_table("access_log") as log:
        log.alter_column("reason", type_=sa.Text(), existing_type=sa.String(300), existing_nullable=False)
    _rewrite(lambda reason: storage_ring("accounts").seal(reason, purpose=PURPOSE))
    guard(op, "access_log")


def downgrade() -> None:
    unguard(op, "access_log")
    _rewrite(lambda reason: storage_ring("accounts").open(reason, purpose=PURPOSE))
    with op.batch_alter_table("access_log") as log:
        log.alter_column("reason", type_=sa.String(300), existing_type=sa.Text(), existing_nullable=False)
    guard(op, "access_log")


def _rewrite(change: Callable[[str], str]) -> None:
    """Change every reason that says something; without one no key is asked for."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(LOG).where(LOG.c.reason != "")).all():
        connection.execute(LOG.update().where(LOG.c.id == row.id).values(reason=change(row.reason)))

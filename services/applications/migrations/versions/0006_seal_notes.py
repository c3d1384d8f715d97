"""Seal the officers' notes that stand in an application's reasons."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from shared.platform.columns import Json
from shared.platform.crypto import storage_ring

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PURPOSE = "note"
APPLICATIONS = sa.table("applications", sa.column("id", sa.Uuid()), sa.column("reasons", Json))


def upgrade() -> None:
    _rewrite(lambda note: storage_ring("applications").seal(note, purpose=PURPOSE))


def downgrade() -> None:
    _rewrite(lambda note: storage_ring("applications").open(note, purpose=PURPOSE))


def _rewrite(change: Callable[[str], str]) -> None:
    """Change every note that says something; without one no key is asked for."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(APPLICATIONS.c.id, APPLICATIONS.c.reasons)).all():
        if any(reason["note"] for reason in row.reasons):
            changed = [{**reason, "note": reason["note"] and change(reason["note"])} for reason in row.reasons]
            connection.execute(APPLICATIONS.update().where(APPLICATIONS.c.id == row.id).values(reasons=changed))

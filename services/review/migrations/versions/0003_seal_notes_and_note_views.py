"""Seal officers' notes where they rest, and note who looked at which case on which day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.platform.append_only import guard, unguard
from shared.platform.columns import Json
from shared.platform.crypto import storage_ring

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PURPOSE = "note"


def upgrade() -> None:
    op.create_table(
        "case_views",
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("who", "what", "day", name=op.f("pk_case_views")),
    )
    op.create_index(op.f("ix_case_views_day"), "case_views", ["day"], unique=False)
    _rewrite(lambda note: storage_ring("review").seal(note, purpose=PURPOSE))


def downgrade() -> None:
    _rewrite(lambda note: storage_ring("review").open(note, purpose=PURPOSE))
    op.drop_index(op.f("ix_case_views_day"), table_name="case_views")
    op.drop_table("case_views")


def _rewrite(change: Callable[[str], str]) -> None:
    """Change every note that says something; without one no key is asked for."""
    _rewrite_table("cases", change, has_note=False)
    for table in ("case_steps", "decisions"):
        unguard(op, table)
        _rewrite_table(table, change, has_note=True)
        guard(op, table)


def _rewrite_table(name: str, change: Callable[[str], str], *, has_note: bool) -> None:
    table = sa.table(name, sa.column("id", sa.Uuid()), sa.column("note", sa.Text()), sa.column("reasons", Json))
    columns = [table.c.id, table.c.reasons, *([table.c.note] if has_note else [])]
    connection = op.get_bind()
    for row in connection.execute(sa.select(*columns)).all():
        changed: dict[str, Any] = {}
        if any(reason["note"] for reason in row.reasons):
            changed["reasons"] = [{**one, "note": one["note"] and change(one["note"])} for one in row.reasons]
        if has_note and row.note:
            changed["note"] = change(row.note)
        if changed:
            connection.execute(table.update().where(table.c.id == row.id).values(**changed))

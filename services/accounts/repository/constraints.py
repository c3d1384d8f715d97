"""Which constraint a database refused; both dialects say it in their own words."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError


def violates(error: IntegrityError, table: str, column: str) -> bool:
    """Whether the unique constraint of one column was violated."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name) == f"uq_{table}_{column}"
    return f"UNIQUE constraint failed: {table}.{column}" in str(error.orig)

"""What a service's rows are made of, and the optimistic version check.

class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData, update
from sqlalchemy.orm import Session

from .columns import COLUMN_TYPES, NAMING, Json, Utc
from .errors import Conflict
from .platform_tables import PLATFORM

__all__ = ["COLUMN_TYPES", "NAMING", "Json", "Utc", "new_metadata", "save_versioned"]


def new_metadata() -> MetaData:
    """Metadata with our names for constraints, and the tables that the platform keeps in each service's database."""
    metadata = MetaData(naming_convention=NAMING)
    for table in PLATFORM.tables.values():
        table.to_metadata(metadata)
    return metadata


def save_versioned(
    session: Session, row: Any, row_id: UUID, version: int, values: Mapping[str, Any], conflict_code: str
) -> int:
    """Write `values` to the row unless someone else wrote it since `version` was read; the new version.

    Raises `Conflict(conflict_code)` where the row is gone or has another version.
    """
    written = session.execute(
        update(row)
        .where(row.id == row_id, row.version == version)
        .values(**values, version=version + 1)
        .execution_options(synchronize_session=False)
    )
    if written.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        raise Conflict(conflict_code)
    return version + 1

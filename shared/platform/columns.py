"""Column types that mean the same on PostgreSQL and SQLite, and the names of constraints."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, DateTime, Dialect, Integer, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import JSONB

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Utc(TypeDecorator[datetime]):
    """A moment: aware in, aware UTC out, on both databases; a naive one is a programming error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite has no time zones: there the text is UTC and sorts by time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: JSON, searchable on PostgreSQL; Python's None is SQL's NULL.
Json: Final = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

#: A 64-bit number that SQLite, too, counts up by itself as a primary key.
Counter: Final = BigInteger().with_variant(Integer(), "sqlite")

#: What a `Mapped[...]` annotation means when no type is written.
COLUMN_TYPES: Final[dict[Any, Any]] = {
    datetime: Utc(),
    date: Date(),
    UUID: Uuid(),
    dict[str, Any]: Json,
    list[Any]: Json,
    list[str]: Json,
}

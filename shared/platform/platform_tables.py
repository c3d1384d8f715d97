"""The tables that the platform keeps in each service's own database, beside the service's."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from .columns import NAMING, Counter, Utc

PLATFORM: Final = MetaData(naming_convention=NAMING)

#: News of this service's aggregates, in the order of `position`; rows stay after publication (design D13).
outbox: Final = Table(
    "outbox",
    PLATFORM,
    Column("position", Counter, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("type", String(120), nullable=False),
    Column("aggregate", String(120), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("occurred_at", Utc, nullable=False),
    Column("envelope", Text, nullable=False),
    Column("published_at", Utc),
    UniqueConstraint("aggregate", "sequence"),
    sqlite_autoincrement=True,
)
Index(
    "ix_outbox_unpublished",
    outbox.c.position,
    postgresql_where=outbox.c.published_at.is_(None),
    sqlite_where=outbox.c.published_at.is_(None),
)
Index("ix_outbox_published_at", outbox.c.published_at)

#: The last sequence given out in each aggregate.
outbox_sequence: Final = Table(
    "outbox_sequence",
    PLATFORM,
    Column("aggregate", String(120), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

#: Aggregates that consumers know further than this database does, since it was restored from a backup: closed to change
#: until an operator settles each. Settled rows stay, with who did it and why; `closed` stays true where that is final.
closed_aggregate: Final = Table(
    "closed_aggregate",
    PLATFORM,
    Column("id", Uuid, primary_key=True),
    Column("aggregate", String(120), nullable=False),
    Column("own_sequence", BigInteger, nullable=False),
    Column("known_sequence", BigInteger, nullable=False),
    Column("known_to", Text, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("closed_at", Utc, nullable=False),
    Column("settled_as", String(20)),
    Column("settled_by", String(120)),
    Column("settled_at", Utc),
    Column("reason", Text),
)
Index(
    "uq_closed_aggregate_closed",
    closed_aggregate.c.aggregate,
    unique=True,
    postgresql_where=closed_aggregate.c.closed,
    sqlite_where=closed_aggregate.c.closed,
)

#: Events of others: applied, waiting for their predecessor, parked after an error, dead after the last attempt.
#: `stream` is `<owning service>/<aggregate>`. The envelope stays while it may be needed, its personal data sealed.
inbox: Final = Table(
    "inbox",
    PLATFORM,
    Column("stream", String(160), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Uuid, nullable=False, index=True),
    Column("type", String(120), nullable=False),
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text),
    Column("envelope", Text),
    Column("received_at", Utc, nullable=False),
    Column("next_try_at", Utc),
    Column("applied_at", Utc),
    CheckConstraint("status IN ('WAITING', 'PARKED', 'DEAD', 'APPLIED', 'DISCARDED')", name="status"),
)
_unfinished = inbox.c.status.in_(("WAITING", "PARKED", "DEAD"))
Index(
    "ix_inbox_unfinished",
    inbox.c.stream,
    inbox.c.sequence,
    postgresql_where=_unfinished,
    sqlite_where=_unfinished,
)
Index("ix_inbox_applied_at", inbox.c.applied_at)

#: The last sequence applied in each stream; kept for ever.
inbox_cursor: Final = Table(
    "inbox_cursor",
    PLATFORM,
    Column("stream", String(160), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

#: Answers already given under a caller's idempotency key (design D12); sealed, kept for seven days.
idempotency: Final = Table(
    "idempotency",
    PLATFORM,
    Column("actor", String(120), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("method", String(120), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    Column("stored_at", Utc, nullable=False),
)
Index("ix_idempotency_stored_at", idempotency.c.stored_at)

#: Items of timed work that failed: retried with back-off, dead after the last attempt, never in the way of others.
failed_item: Final = Table(
    "failed_item",
    PLATFORM,
    Column("task", String(120), primary_key=True),
    Column("item", String(120), primary_key=True),
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("first_failed_at", Utc, nullable=False),
    Column("last_failed_at", Utc, nullable=False),
    Column("next_try_at", Utc),
    CheckConstraint("status IN ('PARKED', 'DEAD')", name="status"),
)

#: One row for each counted attempt; `key` is a keyed hash, since it is often made of a phone number or an address.
rate_hit: Final = Table(
    "rate_hit",
    PLATFORM,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False),
    Column("at", Utc, nullable=False),
    Column("forget_at", Utc, nullable=False),
)
Index("ix_rate_hit_key_at", rate_hit.c.key, rate_hit.c.at)
Index("ix_rate_hit_forget_at", rate_hit.c.forget_at)

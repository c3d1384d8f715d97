"""The guards that stand in the database, on PostgreSQL and on SQLite alike (design D20)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Date, Engine, Integer, MetaData, String, Table, delete, insert, text, update
from sqlalchemy.exc import IntegrityError

from shared.platform.append_only import APPEND_ONLY, OVERLAP, guard, no_overlap, refusal_of, unguard
from shared.platform.columns import Utc

history = Table(
    "history",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("physician", String(20), nullable=False),
    Column("kind", String(10), nullable=False, default="main"),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("known_from", Utc, nullable=False),
    Column("known_to", Utc),
    Column("note", String(20)),
)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 2, 1, tzinfo=UTC)


def a_row(id_: int, start: str, end: str | None, **others: object) -> dict[str, object]:
    ends = None if end is None else date.fromisoformat(end)
    return {
        "id": id_,
        "physician": "p1",
        "kind": "main",
        "valid_from": date.fromisoformat(start),
        "valid_to": ends,
        "known_from": FIRST,
        "known_to": None,
        "note": None,
    } | others


@pytest.fixture
def guarded(engine: Engine) -> Engine:
    with engine.begin() as connection:
        history.create(connection)
        op = Operations(MigrationContext.configure(connection))
        guard(op, "history", allow_update=["note"], set_once=["known_to"])
        no_overlap(
            op,
            "history",
            keys=["physician"],
            start="valid_from",
            end="valid_to",
            where="known_to IS NULL AND kind = 'main'",
        )
    return engine


def refused(engine: Engine, statement: object) -> str | None:
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # any statement will do
    return refusal_of(caught.value)


def carried_out(engine: Engine, statement: object) -> None:
    with engine.begin() as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # any statement will do


def test_a_guarded_row_is_neither_deleted_nor_changed(guarded: Engine) -> None:
    carried_out(guarded, insert(history).values(a_row(1, "2026-01-01", None)))
    assert refused(guarded, delete(history)) == APPEND_ONLY
    assert refused(guarded, update(history).values(physician="p2")) == APPEND_ONLY
    assert refused(guarded, update(history).values(valid_to=date(2026, 5, 1))) == APPEND_ONLY
    assert refused(guarded, update(history).values(valid_to=date(2026, 5, 1), note="x")) == APPEND_ONLY


def test_a_column_that_is_named_may_change(guarded: Engine) -> None:
    carried_out(guarded, insert(history).values(a_row(1, "2026-01-01", None)))
    carried_out(guarded, update(history).values(note="first"))
    carried_out(guarded, update(history).values(note="second"))
    carried_out(guarded, update(history).values(physician="p1"))  # the same value is no change


def test_what_is_set_once_stays(guarded: Engine) -> None:
    carried_out(guarded, insert(history).values(a_row(1, "2026-01-01", None)))
    carried_out(guarded, update(history).values(known_to=LATER))
    assert refused(guarded, update(history).values(known_to=FIRST)) == APPEND_ONLY
    assert refused(guarded, update(history).values(known_to=None)) == APPEND_ONLY


def test_a_guarded_table_is_not_emptied_at_once(guarded: Engine) -> None:
    carried_out(guarded, insert(history).values(a_row(1, "2026-01-01", None)))
    if guarded.dialect.name == "postgresql":
        assert refused(guarded, text("TRUNCATE history")) == APPEND_ONLY
    else:
        assert refused(guarded, text("DELETE FROM history")) == APPEND_ONLY


def test_a_migration_can_lift_the_guard_and_put_it_back(guarded: Engine) -> None:
    carried_out(guarded, insert(history).values(a_row(1, "2026-01-01", None)))
    with guarded.begin() as connection:
        op = Operations(MigrationContext.configure(connection))
        unguard(op, "history")
        connection.execute(update(history).values(physician="p9"))
        guard(op, "history")
    assert refused(guarded, update(history).values(physician="p2")) == APPEND_ONLY


@pytest.mark.parametrize(
    ("start", "end", "allowed"),
    [
        ("2025-01-01", "2026-01-01", True),  # ends where the other begins
        ("2025-01-01", "2026-01-02", False),
        ("2025-01-01", None, False),
        ("2026-03-01", "2026-04-01", False),
        ("2026-01-01", "2026-07-01", False),
        ("2026-06-30", "2026-12-31", False),
        ("2026-07-01", None, True),  # begins where the other ends
        ("2026-03-01", "2026-03-01", True),  # holds at no time
        ("2027-03-01", "2027-02-01", False),  # ends before it begins
    ],
)
def test_two_rows_of_one_key_never_hold_at_the_same_time(
    guarded: Engine, start: str, end: str | None, allowed: bool
) -> None:
    carried_out(guarded, insert(history).values(a_row(1, "2026-01-01", "2026-07-01")))
    second = insert(history).values(a_row(2, start, end))
    if allowed:
        carried_out(guarded, second)
    else:
        with pytest.raises(Exception) as caught, guarded.begin() as connection:
            connection.execute(second)
        assert refusal_of(caught.value) == OVERLAP or "range lower bound" in str(caught.value)


def test_what_the_condition_leaves_out_may_overlap(guarded: Engine) -> None:
    carried_out(guarded, insert(history).values(a_row(1, "2026-01-01", None)))
    carried_out(guarded, insert(history).values(a_row(2, "2026-01-01", None, known_to=LATER)))
    carried_out(guarded, insert(history).values(a_row(3, "2026-01-01", None, kind="filing")))
    carried_out(guarded, insert(history).values(a_row(4, "2026-01-01", None, physician="p2")))
    assert refused(guarded, insert(history).values(a_row(5, "2026-01-01", None))) == OVERLAP


def test_a_row_is_superseded_and_replaced_in_one_transaction(guarded: Engine) -> None:
    carried_out(guarded, insert(history).values(a_row(1, "2026-01-01", None)))
    with guarded.begin() as connection:
        connection.execute(update(history).where(history.c.id == 1).values(known_to=LATER))
        connection.execute(insert(history), [a_row(2, "2026-01-01", "2026-05-01"), a_row(3, "2026-05-01", None)])


def test_an_update_that_makes_rows_overlap_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        history.create(connection)
        op = Operations(MigrationContext.configure(connection))
        no_overlap(op, "history", keys=["physician", "kind"], start="known_from", end="known_to")
        connection.execute(insert(history).values(a_row(1, "2026-01-01", None, known_to=LATER)))
        connection.execute(insert(history).values(a_row(2, "2026-01-01", None, known_from=LATER)))
    assert refused(engine, update(history).where(history.c.id == 1).values(known_to=None)) == OVERLAP

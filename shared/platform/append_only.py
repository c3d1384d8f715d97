"""Guards that the database itself keeps: history that is only added to, validity that never overlaps (design D20).

Both work on PostgreSQL and on SQLite and are called from migrations. What a guard refuses is an `IntegrityError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from alembic.operations import Operations
from sqlalchemy import Connection, DateTime, inspect, text

#: Part of the database's message; `refusal_of` finds it.
APPEND_ONLY: Final = "append_only"
OVERLAP: Final = "no_overlap"


def guard(op: Operations | Any, table: str, *, allow_update: Sequence[str] = (), set_once: Sequence[str] = ()) -> None:
    """Let rows of `table` only be added: no DELETE, no TRUNCATE, and UPDATE of the named columns alone.

    `set_once` columns may be given a value where they have none, and keep it then (the end of a validity, the moment
    a fact was superseded). A migration that adds a column calls `unguard` and `guard` again: on SQLite the trigger
    names the columns it protects.
    """
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        _guard_postgresql(connection, table, allow_update, set_once)
    else:
        _guard_sqlite(connection, table, allow_update, set_once)


def unguard(op: Operations | Any, table: str) -> None:
    """Take the guard away, for a migration that changes the table."""
    connection = op.get_bind()
    on_table = f" ON {_quoted(connection, table)}" if connection.dialect.name == "postgresql" else ""
    for what in ("update", "delete", "truncate"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {_quoted(connection, f'{table}_no_{what}')}{on_table}"))


def no_overlap(
    op: Operations | Any,
    table: str,
    *,
    keys: Sequence[str],
    start: str,
    end: str,
    where: str | None = None,
    name: str | None = None,
) -> None:
    """Two rows with equal `keys` never hold at the same time; a row holds from `start` until before `end`.

    No `end` means for ever, `end` equal to `start` never. `where` (SQL over the table's columns, fit for both
    databases) says which rows count: `known_until IS NULL` for what is known today.
    """
    connection = op.get_bind()
    constraint = name or f"ex_{table}_{'_'.join(keys)}_{start}"
    if connection.dialect.name == "postgresql":
        _exclude_postgresql(connection, table, constraint, keys, start, end, where)
    else:
        _exclude_sqlite(connection, table, constraint, keys, start, end, where)


def refusal_of(error: BaseException) -> str | None:
    """`APPEND_ONLY` or `OVERLAP` where one of these guards raised the error, else None."""
    message = str(getattr(error, "orig", error))
    if APPEND_ONLY in message:
        return APPEND_ONLY
    if OVERLAP in message or "conflicting key value violates exclusion constraint" in message:
        return OVERLAP
    return None


# ruff: noqa: S608 - names come from migrations, and databases take no parameters in their definitions
# The columns' names come as the trigger's arguments, so one function serves every table of the database.
_FUNCTION: Final = f"""
CREATE OR REPLACE FUNCTION yizhu_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text;
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION '{APPEND_ONLY}: % on %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT before.key INTO changed
    FROM jsonb_each(to_jsonb(OLD)) AS before
    JOIN jsonb_each(to_jsonb(NEW)) AS after USING (key)
    WHERE before.value IS DISTINCT FROM after.value
      AND NOT before.key = ANY (string_to_array(TG_ARGV[0], ','))
      AND NOT (before.key = ANY (string_to_array(TG_ARGV[1], ',')) AND before.value = 'null'::jsonb)
    LIMIT 1;
    IF changed IS NOT NULL THEN
        RAISE EXCEPTION '{APPEND_ONLY}: %.%', TG_TABLE_NAME, changed USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""


def _guard_postgresql(connection: Connection, table: str, allow_update: Sequence[str], set_once: Sequence[str]) -> None:
    connection.execute(text(_FUNCTION))
    arguments = f"'{','.join(allow_update)}', '{','.join(set_once)}'"
    quoted = _quoted(connection, table)
    for event, level in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        trigger = _quoted(connection, f"{table}_no_{event.lower()}")
        connection.execute(
            text(
                f"CREATE TRIGGER {trigger} BEFORE {event} ON {quoted} FOR EACH {level} "
                f"EXECUTE FUNCTION yizhu_append_only({arguments})"
            )
        )


def _guard_sqlite(connection: Connection, table: str, allow_update: Sequence[str], set_once: Sequence[str]) -> None:
    quoted = _quoted(connection, table)
    changed = []
    for column in inspect(connection).get_columns(table):
        name = _quoted(connection, column["name"])
        if column["name"] in set_once:
            changed.append(f"(OLD.{name} IS NOT NULL AND OLD.{name} IS NOT NEW.{name})")
        elif column["name"] not in allow_update:
            changed.append(f"OLD.{name} IS NOT NEW.{name}")
    refuse = f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}: {table}'); END"
    connection.execute(
        text(
            f"CREATE TRIGGER {_quoted(connection, f'{table}_no_update')} BEFORE UPDATE ON {quoted} "
            f"WHEN {' OR '.join(changed) or '0'} {refuse}"
        )
    )
    connection.execute(
        text(f"CREATE TRIGGER {_quoted(connection, f'{table}_no_delete')} BEFORE DELETE ON {quoted} {refuse}")
    )


def _exclude_postgresql(
    connection: Connection, table: str, name: str, keys: Sequence[str], start: str, end: str, where: str | None
) -> None:
    types = {column["name"]: column["type"] for column in inspect(connection).get_columns(table)}
    of_moments = isinstance(types[start], DateTime)
    period = f"{'tstzrange' if of_moments else 'daterange'}({_quoted(connection, start)}, {_quoted(connection, end)})"
    equal = "".join(f"{_quoted(connection, key)} WITH =, " for key in keys)
    condition = f" WHERE ({where})" if where else ""
    connection.execute(text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
    connection.execute(
        text(
            f"ALTER TABLE {_quoted(connection, table)} ADD CONSTRAINT {_quoted(connection, name)} "
            f"EXCLUDE USING gist ({equal}{period} WITH &&){condition}"
        )
    )


def _exclude_sqlite(
    connection: Connection, table: str, name: str, keys: Sequence[str], start: str, end: str, where: str | None
) -> None:
    quoted, begins, ends = (_quoted(connection, part) for part in (table, start, end))
    counts = where or "1"
    equal = " AND ".join(f"{_quoted(connection, key)} = NEW.{_quoted(connection, key)}" for key in keys)
    # Run after the write, so that `where` can be asked of the new row too, by looking it up. A row without length
    # holds at no time, as an empty range on PostgreSQL.
    refuse = f"""
        SELECT RAISE(ABORT, '{OVERLAP}: {name}')
        WHERE EXISTS (SELECT 1 FROM {quoted} WHERE rowid = NEW.rowid AND ({counts}))
          AND (NEW.{ends} IS NULL OR NEW.{begins} <> NEW.{ends})
          AND (NEW.{begins} > NEW.{ends} OR EXISTS (
              SELECT 1 FROM {quoted}
              WHERE rowid <> NEW.rowid AND {equal} AND ({counts})
                AND ({ends} IS NULL OR {begins} <> {ends})
                AND ({ends} IS NULL OR NEW.{begins} < {ends})
                AND (NEW.{ends} IS NULL OR {begins} < NEW.{ends})));
    """
    for event in ("INSERT", "UPDATE"):
        trigger = _quoted(connection, f"{name}_{event.lower()}")
        connection.execute(text(f"CREATE TRIGGER {trigger} AFTER {event} ON {quoted} BEGIN {refuse} END"))


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)

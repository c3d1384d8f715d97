"""What is noted once a day: that somebody did something with one record, however often it was done that day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, String, delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column


class DailyMark:
    """The columns of such a table, for a service's own row class; the key is what makes a second mark impossible."""

    who: Mapped[str] = mapped_column(String(80), primary_key=True)
    what: Mapped[str] = mapped_column(String(120), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True, index=True)


def is_marked(session: Session, marks: type[DailyMark], *, who: str, what: str, day: date) -> bool:
    """Whether it was noted already; asked in a reading transaction, so that a second look writes nothing."""
    known = exists().where(marks.who == who, marks.what == what, marks.day == day)
    return bool(session.scalar(select(known)))


def mark(session: Session, marks: type[DailyMark], *, who: str, what: str, day: date) -> bool:
    """Note it; True for whoever is the first of the day. Of two at once one is, the other waits and is told False."""
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = dialect.insert(marks).values(who=who, what=what, day=day)
    written = session.execute(row.on_conflict_do_nothing().returning(marks.day))
    return written.one_or_none() is not None


def forget_before(session: Session, marks: type[DailyMark], day: date) -> int:
    """Drop the marks of days that are over: they only tell the first look of a day from the next."""
    gone = session.execute(delete(marks).where(marks.day < day))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult

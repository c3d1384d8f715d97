"""Days and moments as people in China read them."""

from __future__ import annotations

from datetime import date, datetime

from shared.platform.working_days import SHANGHAI, local_date

from ..translations import gettext as _


def day(value: date | datetime | str | None) -> str:
    """A day in running text: 2026年12月1日."""
    found = _date(value)
    return _("%(year)s年%(month)s月%(day)s日", year=found.year, month=found.month, day=found.day) if found else ""


def day_in_table(value: date | datetime | str | None) -> str:
    """A day in a table: 2026-12-01."""
    found = _date(value)
    return found.isoformat() if found else ""


def moment(value: datetime | None) -> str:
    """A moment in running text, Chinese time: 2026年12月1日 09:30."""
    return f"{day(value)} {value.astimezone(SHANGHAI):%H:%M}" if value else ""


def moment_in_table(value: datetime | None) -> str:
    """A moment in a table, Chinese time: 12-01 09:30."""
    return f"{value.astimezone(SHANGHAI):%m-%d %H:%M}" if value else ""


def month(value: date | str | None) -> str:
    """Month and year: a birth date as it is shown on screen."""
    found = _date(value)
    return _("%(year)s年%(month)s月", year=found.year, month=found.month) if found else ""


def year(value: int | None) -> str:
    """A year in running text."""
    return _("%(year)s年", year=value) if value else ""


def exam(year_of_exam: int, round_of_exam: int) -> str:
    """An exam by year and round."""
    if round_of_exam == 1:
        return _("%(year)s年", year=year_of_exam)
    return _("%(year)s年第%(round)s试", year=year_of_exam, round=round_of_exam)


def looks_like_day(text: str) -> bool:
    """Whether a stored text is an ISO day."""
    return len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdigit()


def today(now: datetime) -> date:
    """The calendar day in China."""
    return local_date(now)


def _date(value: date | datetime | str | None) -> date | None:
    if isinstance(value, datetime):
        return local_date(value)
    if isinstance(value, str):
        return date.fromisoformat(value[:10]) if value else None
    return value

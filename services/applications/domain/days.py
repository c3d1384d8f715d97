"""Days of the law: whole years, months and days from one day to another."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, date, timedelta


def add_years(day: date, years: int) -> date:
    """The same day some years on; 29 February becomes 28 February in a common year (`domain.md` §7).

    What lies beyond the calendar is its last day: a far date bounds nothing, and stops nothing.
    """
    if day.year + years > MAXYEAR:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def add_months(day: date, months: int) -> date:
    """The same day some months on; the last of a month that has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    if day.year + years > MAXYEAR:
        return date.max
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def add_days(day: date, days: int) -> date:
    """The day some days on."""
    return day + timedelta(days=days)

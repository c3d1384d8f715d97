"""Days of the law: counted in Asia/Shanghai, whole years from day to day."""

from __future__ import annotations

from datetime import MAXYEAR, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The day of Asia/Shanghai that a moment falls on."""
    return moment.astimezone(SHANGHAI).date()


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


def add_days(day: date, days: int) -> date:
    """The day some days on."""
    return day + timedelta(days=days)

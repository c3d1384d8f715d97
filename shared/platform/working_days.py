"""Statutory working days in Asia/Shanghai: the published calendar, and what is known before a year is published."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from chinese_calendar import constants as published

from .config import SettingsError, load_deployment
from .logging import get_logger

_log = get_logger(__name__)

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_DAY: Final = dt.timedelta(days=1)

# Spring Festival (正月初一), Dragon Boat (五月初五) and Mid-Autumn (八月十五): astronomical facts, checked by a test
# against the new moons. A longer horizon than any statutory period needs; the published calendar replaces them.
_LUNAR: Final[Mapping[int, tuple[str, str, str]]] = {
    2027: ("02-06", "06-09", "09-15"),
    2028: ("01-26", "05-28", "10-03"),
    2029: ("02-13", "06-16", "09-22"),
    2030: ("02-03", "06-05", "09-12"),
    2031: ("01-23", "06-24", "10-01"),
    2032: ("02-11", "06-12", "09-19"),
    2033: ("01-31", "06-01", "09-08"),
    2034: ("02-19", "06-20", "09-27"),
    2035: ("02-08", "06-10", "09-16"),
    2036: ("01-28", "05-30", "10-04"),
}


@dataclass(frozen=True)
class Deadline:
    """The last day of a period; provisional where the calendar of one of its days is not published yet."""

    date: dt.date
    provisional: bool


@dataclass(frozen=True)
class YearTable:
    """One year as the State Council publishes it: days off, and days of the weekend that are worked (调休上班日)."""

    holidays: frozenset[dt.date]
    workdays: frozenset[dt.date]


@dataclass(frozen=True)
class WorkingDays:
    """Counts working days (行政许可法 art.82): holidays left out, make-up days worked, the start day not counted."""

    years: Mapping[int, YearTable] = field(repr=False)

    def add(self, start: dt.date, days: int) -> Deadline:
        """The last day of a period of `days` working days that an act on `start` sets off."""
        if days < 0:
            raise ValueError("a period has no negative length")
        day, left, provisional = start, days, False
        while left:
            day += _DAY
            provisional = provisional or not self.is_published(day.year)
            left -= self.is_working_day(day)
        return Deadline(day, provisional)

    def between(self, start: dt.date, end: dt.date) -> int:
        """The working days after `start` up to and with `end`; negative where `end` lies before `start`."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working_day(day) for day in _days_after(start, end))

    def is_working_day(self, day: dt.date) -> bool:
        """Whether authorities work on `day`."""
        table = self.years.get(day.year)
        if table is None:
            return day.weekday() < 5 and day not in _expected_holidays(day.year)
        return day in table.workdays or (day.weekday() < 5 and day not in table.holidays)

    def is_published(self, year: int) -> bool:
        """Whether the calendar of `year` is final."""
        return year in self.years

    @property
    def published_through(self) -> int:
        """The last year up to which nothing is provisional: a year that is missing makes those after it wait."""
        year = min(self.years)
        while year + 1 in self.years:
            year += 1
        return year


def local_date(moment: dt.datetime) -> dt.date:
    """The legal day on which something happened."""
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone has no legal day")
    return moment.astimezone(SHANGHAI).date()


def end_of_day(day: dt.date) -> dt.datetime:
    """The moment, in UTC, at which a period that ends with `day` has passed."""
    return dt.datetime.combine(day + _DAY, dt.time(), SHANGHAI).astimezone(dt.UTC)


def start_of_day(day: dt.date) -> dt.datetime:
    """The first moment of a legal day, in UTC."""
    return end_of_day(day - _DAY)


def published_years() -> dict[int, YearTable]:
    """The years that the installed calendar library knows."""
    years = {day.year for day in published.holidays}
    return {year: _of_year(year, published.holidays, published.workdays) for year in sorted(years)}


def load_year(path: Path) -> tuple[int, YearTable]:
    """One year's table from TOML: `year`, `holidays` and `workdays`, as the State Council's yearly notice has them.

    Both lists hold dates; a date of another year, or a day that is both, is refused.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        year, holidays, workdays = content["year"], frozenset(content["holidays"]), frozenset(content["workdays"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError("CALENDAR_DIR", f"{path.name} is not a table with year, holidays and workdays") from error
    days = holidays | workdays
    if holidays & workdays or not holidays or any(type(day) is not dt.date or day.year != year for day in days):
        raise SettingsError("CALENDAR_DIR", f"{path.name} holds days that are not of its year, or both off and worked")
    return year, YearTable(holidays, workdays)


def working_days() -> WorkingDays:
    """The deployment's calendar: the library's years, and those loaded into `CALENDAR_DIR` since, at any moment."""
    return _tables(load_deployment().calendar_dir).present()


class YearTables:
    """The tables of a folder, read anew whenever one is added or changed (design D16: no release, no restart).

    At first a table that can't be used stops the service (`SettingsError`); later it is told in the log, once, and
    what was known before goes on.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: WorkingDays | None = None
        self._read: tuple[tuple[Path, int, int], ...] = ()

    def present(self) -> WorkingDays:
        """The calendar as the folder has it now."""
        found = self._there()
        if self._known is None or found != self._read:
            self._known, self._read = self._reread([path for path, *_ in found]), found
        return self._known

    def _there(self) -> tuple[tuple[Path, int, int], ...]:
        """Each table with what tells that it was changed; the folder may be made later."""
        found = []
        for path in [] if self._folder is None else sorted(self._folder.glob("*.toml")):
            with suppress(FileNotFoundError):  # taken away since the folder was read
                stat = path.stat()
                found.append((path, stat.st_mtime_ns, stat.st_size))
        return tuple(found)

    def _reread(self, paths: list[Path]) -> WorkingDays:
        try:
            return WorkingDays(published_years() | dict(load_year(path) for path in paths))
        except SettingsError as refused:
            if self._known is None:
                raise
            _log.error("calendar_table_refused", problem=str(refused))
            return self._known


@cache
def _tables(folder: Path | None) -> YearTables:
    return YearTables(folder)


def _of_year(year: int, holidays: Mapping[dt.date, str], workdays: Mapping[dt.date, str]) -> YearTable:
    return YearTable(
        frozenset(day for day in holidays if day.year == year),
        frozenset(day for day in workdays if day.year == year),
    )


@cache
def _expected_holidays(year: int) -> frozenset[dt.date]:
    """The days off that the law itself gives in a year whose calendar is not published.

    全国年节及纪念日放假办法 art.2 (as revised 2024): New Year, four days of Spring Festival from its eve, Qingming,
    1 and 2 May, Dragon Boat, Mid-Autumn, 1 to 3 October. One that falls on a weekend is made up on the next working
    day (art.6). How days are moved together is decided a year at a time, so nothing is guessed about that.
    """
    off: set[dt.date] = set()
    for day in sorted(set(_statutory_days(year))):
        taken = day
        while taken.weekday() >= 5 or taken in off:
            taken += _DAY
        off |= {day, taken}
    return frozenset(off)


def _statutory_days(year: int) -> Iterator[dt.date]:
    for month, day in ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)):
        yield dt.date(year, month, day)
    if 2000 <= year <= 2099:
        # Qingming, when the sun stands at 15 degrees; exact for this century.
        two_digits = year % 100
        yield dt.date(year, 4, int(two_digits * 0.2422 + 4.81) - two_digits // 4)
    if year in _LUNAR:
        spring, dragon_boat, mid_autumn = (dt.date.fromisoformat(f"{year}-{day}") for day in _LUNAR[year])
        yield from (spring + _DAY * offset for offset in range(-1, 3))
        yield dragon_boat
        yield mid_autumn


def _days_after(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    day = start
    while day < end:
        day += _DAY
        yield day

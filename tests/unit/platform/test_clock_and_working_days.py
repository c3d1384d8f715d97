"""The deployment's clock, and statutory working days (domain.md §3.0, 行政许可法 art.82)."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.clock import OffsetClock, RealClock, clock, movable_clock, now
from shared.platform.config import SettingsError
from shared.platform.working_days import (
    _LUNAR,
    WorkingDays,
    YearTable,
    end_of_day,
    load_year,
    local_date,
    published_years,
    start_of_day,
    working_days,
)

DAYS = WorkingDays(published_years())
DATES = st.dates(dt.date(2005, 1, 1), dt.date(2035, 12, 31))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# --- clock


def test_without_a_setting_the_clock_is_the_real_one():
    assert isinstance(clock(), RealClock)
    assert now().tzinfo is dt.UTC
    with pytest.raises(SettingsError, match="CLOCK_URI"):
        movable_clock()


def test_all_clocks_of_a_deployment_move_together(environment, tmp_path):
    environment.setenv("CLOCK_URI", f"file://{tmp_path}/clock")
    other = OffsetClock(tmp_path / "clock")
    assert other.offset() == dt.timedelta()
    movable_clock().advance(dt.timedelta(days=3))
    movable_clock().advance(dt.timedelta(hours=1))
    fresh = OffsetClock(tmp_path / "clock")
    assert fresh.offset() == dt.timedelta(days=3, hours=1)
    assert abs(fresh.now() - now()) < dt.timedelta(seconds=1)
    assert now() - dt.datetime.now(dt.UTC) > dt.timedelta(days=3)


@pytest.mark.parametrize("by", [dt.timedelta(), dt.timedelta(seconds=-1)])
def test_time_never_goes_back(tmp_path, by):
    with pytest.raises(ValueError, match="forward"):
        OffsetClock(tmp_path / "clock").advance(by)


def test_an_offset_that_is_no_number_is_named(tmp_path):
    (tmp_path / "clock").write_text("tomorrow")
    with pytest.raises(SettingsError, match="CLOCK_URI"):
        OffsetClock(tmp_path / "clock").now()


# --- working days


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2022-11-07", 5, "2022-11-14"),
        ("2022-11-07", 20, "2022-12-05"),
        ("2023-01-10", 20, "2023-02-10"),
    ],
)
def test_the_checked_examples_of_the_handbook(start, days, end):
    """行政许可法 art.82; domain.md §3.0 and E30: over Spring Festival with its make-up days."""
    found = DAYS.add(day(start), days)
    assert (found.date, found.provisional) == (day(end), False)


def test_make_up_days_are_worked():
    """调休上班日: Sat 2023-01-28 and Sun 2023-01-29 are worked, Jan 21–27 are off."""
    assert DAYS.is_working_day(day("2023-01-28"))
    assert DAYS.is_working_day(day("2023-01-29"))
    assert not any(DAYS.is_working_day(day("2023-01-21") + dt.timedelta(days=offset)) for offset in range(7))


def test_a_limit_that_reaches_into_an_unpublished_year_is_provisional():
    """D16: accepted on 2026-12-04, twenty days already need 2027."""
    last = DAYS.published_through
    assert not DAYS.add(dt.date(last, 11, 2), 20).provisional
    assert DAYS.add(dt.date(last, 12, 15), 20).provisional


@given(start=DATES, days=st.integers(0, 60))
def test_a_period_counts_exactly_its_working_days(start, days):
    end = DAYS.add(start, days).date
    assert DAYS.between(start, end) == days
    assert end == start if days == 0 else DAYS.is_working_day(end)


@given(start=DATES, days=st.integers(0, 40), later=st.integers(0, 10))
def test_a_later_start_never_ends_earlier(start, days, later):
    assert DAYS.add(start, days).date <= DAYS.add(start + dt.timedelta(days=later), days).date


@given(start=DATES, first=st.integers(0, 20), then=st.integers(0, 20))
def test_periods_add_up(start, first, then):
    assert DAYS.add(DAYS.add(start, first).date, then).date == DAYS.add(start, first + then).date


@given(start=DATES, end=DATES)
def test_between_turned_around_is_its_negative(start, end):
    assert DAYS.between(start, end) == -DAYS.between(end, start)


def test_a_period_has_no_negative_length():
    with pytest.raises(ValueError, match="negative"):
        DAYS.add(day("2026-01-05"), -1)


@pytest.mark.parametrize("year", range(2027, 2037))
def test_an_unpublished_year_has_the_thirteen_days_that_the_law_gives(year):
    """全国年节及纪念日放假办法 art.2 (2024): 13 days, none lost to a weekend (art.6)."""
    days = [dt.date(year, 1, 1) + dt.timedelta(days=offset) for offset in range(365)]
    off = [each for each in days if each.weekday() < 5 and not DAYS.is_working_day(each)]
    # 31 December of the year before may take over nothing; Mid-Autumn may fall together with National Day.
    assert 12 <= len(off) <= 13
    assert not any(DAYS.is_working_day(each) for each in days if each.weekday() >= 5)


@pytest.mark.parametrize(
    ("date", "what"),
    [("2027-01-01", "New Year"), ("2027-02-05", "eve"), ("2027-02-08", "third day"), ("2027-04-05", "Qingming"),
     ("2027-06-09", "Dragon Boat"), ("2027-09-15", "Mid-Autumn"), ("2027-10-01", "National Day")],
)  # fmt: skip
def test_known_days_off_of_the_next_year(date, what):
    assert not DAYS.is_working_day(day(date)), what


@pytest.mark.parametrize("year", sorted(_LUNAR))
def test_the_lunar_days_agree_with_the_moon(year):
    """Spring Festival is a new moon, Dragon Boat the fifth day of a month, Mid-Autumn the fifteenth, in Beijing."""
    for text, offset in zip(_LUNAR[year], (0, 4, 14), strict=True):
        first_of_month = day(f"{year}-{text}") - dt.timedelta(days=offset)
        assert first_of_month in new_moons(year), text


def new_moons(year: int) -> set[dt.date]:
    """The days in Beijing that hold a new moon: Meeus, Astronomical Algorithms, ch.49, main terms."""
    found = set()
    for number in range(math.floor((year - 2000) * 12.3685) - 1, math.floor((year - 2000) * 12.3685) + 15):
        t = number / 1236.85
        julian = 2451550.09766 + 29.530588861 * number + 0.00015437 * t * t
        sun = math.radians(2.5534 + 29.1053567 * number)
        moon = math.radians(201.5643 + 385.81693528 * number + 0.0107582 * t * t)
        latitude = math.radians(160.7108 + 390.67050284 * number - 0.0016118 * t * t)
        eccentricity = 1 - 0.002516 * t
        julian += (
            -0.40720 * math.sin(moon)
            + 0.17241 * eccentricity * math.sin(sun)
            + 0.01608 * math.sin(2 * moon)
            + 0.01039 * math.sin(2 * latitude)
            + 0.00739 * eccentricity * math.sin(moon - sun)
            - 0.00514 * eccentricity * math.sin(moon + sun)
            + 0.00208 * math.sin(2 * sun)
        )
        # Terrestrial to universal time is about 75 s in these years; Beijing is eight hours ahead.
        moment = dt.datetime(2000, 1, 1, 12) + dt.timedelta(days=julian - 2451545, seconds=-75, hours=8)  # noqa: DTZ001
        found.add(moment.date())
    return found


def test_a_published_year_replaces_what_was_expected(tmp_path: Path):
    table = tmp_path / "2027.toml"
    table.write_text("year = 2027\nholidays = [2027-01-01, 2027-02-05]\nworkdays = [2027-01-30]\n")
    year, loaded = load_year(table)
    days = WorkingDays(published_years() | {year: loaded})
    assert days.is_working_day(day("2027-01-30"))
    assert days.is_working_day(day("2027-02-08"))
    assert not days.add(day("2026-12-15"), 20).provisional


def test_the_deployments_calendar_reads_its_folder(environment, tmp_path):
    (tmp_path / "2027.toml").write_text("year = 2027\nholidays = [2027-01-01]\nworkdays = []\n")
    environment.setenv("CALENDAR_DIR", str(tmp_path))
    assert working_days().is_published(2027)


def test_a_table_that_is_loaded_later_counts_at_once(environment, tmp_path):
    """Design D16: no release and no restart; what is put into the folder holds from the next question on."""
    environment.setenv("CALENDAR_DIR", str(tmp_path / "calendar"))
    start = dt.date(2026, 12, 21)
    before = working_days().add(start, 15)
    assert before.provisional
    (tmp_path / "calendar").mkdir()
    table = tmp_path / "calendar" / "2027.toml"
    table.write_text("year = 2027\nholidays = [2027-01-01, 2027-01-04, 2027-01-05]\nworkdays = []\n")
    after = working_days().add(start, 15)
    assert (after.provisional, after.date > before.date) == (False, True)
    table.write_text("year = 2027\nholidays = [2027-01-01]\nworkdays = []\n")
    assert working_days().add(start, 15).date == before.date
    table.unlink()
    assert working_days().add(start, 15) == before


def test_a_table_that_cant_be_used_changes_nothing_while_the_service_runs(environment, tmp_path, capsys):
    """The former calendar goes on, and the log says once what is wrong; at the start it would stop the service."""
    environment.setenv("CALENDAR_DIR", str(tmp_path))
    assert not working_days().is_published(2027)
    table = tmp_path / "2027.toml"
    table.write_text("year = 2027\nholidays = [2026-01-01]\nworkdays = []\n")
    assert [working_days().is_published(2027) for _ in range(3)] == [False] * 3
    told = capsys.readouterr()
    assert (told.out + told.err).count("calendar_table_refused") == 1
    table.write_text("year = 2027\nholidays = [2027-01-01]\nworkdays = []\n")
    assert working_days().is_published(2027)


def test_a_year_that_is_missing_keeps_those_after_it_provisional():
    """A table of 2028 says nothing about a period that runs through 2027."""
    table = YearTable(frozenset({dt.date(2028, 1, 3)}), frozenset())
    days = WorkingDays(published_years() | {2028: table})
    assert days.published_through == DAYS.published_through
    assert days.add(dt.date(2027, 12, 20), 15).provisional
    assert WorkingDays(days.years | {2027: table}).published_through == 2028


@pytest.mark.parametrize(
    "content",
    [
        "",
        "year = 2027",
        "year = 2027\nholidays = []\nworkdays = []",
        "year = 2027\nholidays = [2026-01-01]\nworkdays = []",
        "year = 2027\nholidays = [2027-01-02]\nworkdays = [2027-01-02]",
        'year = 2027\nholidays = ["2027-01-01"]\nworkdays = []',
    ],
)
def test_a_wrong_table_is_refused_and_named(tmp_path, content):
    (tmp_path / "bad.toml").write_text(content)
    with pytest.raises(SettingsError, match=r"bad\.toml"):
        load_year(tmp_path / "bad.toml")


def test_a_legal_day_is_a_day_in_china():
    moment = dt.datetime(2026, 11, 20, 16, 0, tzinfo=dt.UTC)
    assert local_date(moment) == day("2026-11-21")
    assert local_date(moment - dt.timedelta(seconds=1)) == day("2026-11-20")
    with pytest.raises(ValueError, match="time zone"):
        local_date(dt.datetime(2026, 11, 20))  # noqa: DTZ001


@given(date=DATES)
def test_a_day_ends_where_the_next_one_begins(date):
    assert end_of_day(date) == start_of_day(date + dt.timedelta(days=1))
    assert local_date(start_of_day(date)) == date

"""Which days of a person's registrations count (`domain.md` §7), against a model that looks at every day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.practice_time import (
    Practice,
    Stretch,
    counted_days,
    full_on,
    practice_of,
    together,
)
from services.applications.domain.register import Entry, Registration, Standing
from services.applications.domain.seniority import reached_on
from shared.trade.levels import Level
from shared.trade.statuses import RegistrationStatus

FIRST = date(2015, 1, 1)
GAPS = ("SUSPENDED", "LEFT_FILED", "CANCELLED")
KNOWN = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def licensed(*stretches: tuple[date, date | None, bool], level: Level = Level.LICENSED) -> Practice:
    """One registration."""
    return Practice(level, stretches[0][0], tuple(Stretch(*stretch) for stretch in stretches))


@st.composite
def registrations(draw: st.DrawFn) -> Practice:
    """A registration of up to four stretches, the last of them open or over."""
    day = FIRST + draw(st.integers(0, 1500)) * DAY
    found = []
    for counts, length in draw(st.lists(st.tuples(st.booleans(), st.integers(1, 500)), min_size=1, max_size=4)):
        found.append((day, day + length * DAY, counts))
        day += length * DAY
    if draw(st.booleans()):
        found[-1] = (found[-1][0], None, found[-1][2])
    return licensed(*found)


def is_counted(practices: list[Practice], day: date) -> bool:
    """The model: a day counts if it counts in any of the registrations."""
    return any(
        stretch.counts and stretch.since <= day and (stretch.until is None or day < stretch.until)
        for practice in practices
        for stretch in practice.stretches
    )


def day_by_day(practices: list[Practice], years: int, last: date) -> date | None:
    """The model: go on from the first day until as many days have counted as lie between two anniversaries."""
    start = min(practice.started_on for practice in practices)
    try:
        anniversary = start.replace(year=start.year + years)
    except ValueError:
        anniversary = date(start.year + years, 2, 28)
    missing, day = (anniversary - start).days, start
    while missing and day < last:
        missing -= is_counted(practices, day)
        day += DAY
    return None if missing else day


@given(st.lists(registrations(), min_size=1, max_size=3), st.integers(1, 5))
def test_the_years_are_full_when_as_many_days_have_counted(practices, years):
    """Several registrations, side by side or with gaps between them: each day counts once."""
    (found,) = together(practices)
    last = date(2035, 1, 1)
    told = full_on(found, years, since=found.started_on)
    expected = day_by_day(practices, years, last)
    assert told == expected


@given(st.lists(registrations(), min_size=1, max_size=3), st.integers(0, 4000), st.integers(0, 4000))
def test_counted_time_is_at_most_calendar_time_and_never_goes_back(practices, one, other):
    """Neither overlapping registrations nor anything else makes a day count twice."""
    (found,) = together(practices)
    earlier, later = (found.started_on + days * DAY for days in sorted((one, other)))
    before, after = (counted_days(found, since=found.started_on, until=day) for day in (earlier, later))
    assert 0 <= before <= after <= (later - found.started_on).days
    assert after - before <= (later - earlier).days
    assert after == sum(
        is_counted(practices, found.started_on + n * DAY) for n in range((later - found.started_on).days)
    )


@given(st.lists(registrations(), min_size=1, max_size=3), st.integers(1, 5))
def test_the_day_is_the_first_before_which_enough_has_counted(practices, years):
    """A statement of that day says "full", the one of the day before doesn't."""
    (found,) = together(practices)
    full = full_on(found, years, since=found.started_on)
    if full is not None:
        start = found.started_on
        needed = counted_days(licensed((start, None, True)), since=start, until=_anniversary(start, years))
        assert counted_days(found, since=start, until=full) == needed
        assert counted_days(found, since=start, until=full - DAY) == needed - 1


@given(registrations(), st.integers(1, 5), st.integers(0, 3000), st.integers(1, 300))
def test_an_interruption_never_brings_the_day_forward(found, years, after, lasted):
    """A suspension more: the same day, a later one, or none."""
    gap = found.started_on + after * DAY
    cut = replace(
        found, stretches=tuple(piece for s in found.stretches for piece in _without(s, gap, gap + lasted * DAY))
    )
    before, then = (full_on(one, years, since=found.started_on) for one in (found, cut))
    if then is not None:
        assert before is not None
        assert before <= then


@given(registrations(), st.integers(1, 7))
def test_calendar_is_the_end_of_the_year_of_exact(found, years):
    """`seniority.mode`: whole calendar years end on 31 December, never before the exact day, within the same year."""
    exact, calendar = (reached_on(found, years, mode) for mode in ("EXACT", "CALENDAR"))
    assert calendar == (None if exact is None else date(exact.year, 12, 31))


@pytest.mark.parametrize(
    ("started", "years", "reached"),
    [
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 2, date(2026, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2023, 2, 28), 1, date(2024, 2, 28)),
        (date(2023, 3, 1), 1, date(2024, 3, 1)),
        (date(2022, 11, 20), 2, date(2024, 11, 20)),
    ],
)
def test_without_interruption_the_day_is_the_anniversary(started, years, reached):
    """29 February → 28 February in common years."""
    assert full_on(licensed((started, None, True)), years, since=started) == reached


def test_who_registered_anew_after_a_gap_goes_on_counting():
    """One year, two years away, then the rest: the sum of the days that count."""
    first = licensed((date(2015, 3, 1), date(2016, 3, 1), True), (date(2016, 3, 1), None, False))
    second = licensed((date(2018, 3, 1), None, True))
    (found,) = together([second, first])
    assert found.started_on == date(2015, 3, 1)
    assert full_on(found, 2, since=found.started_on) == date(2019, 3, 1)
    assert counted_days(found, since=found.started_on, until=date(2018, 9, 1)) == 366 + 184


def test_two_places_at_once_count_once():
    """ADD_PLACE: a second place makes no year shorter; suspended in one, the doctor goes on counting in the other."""
    one = licensed((date(2018, 3, 1), date(2019, 3, 1), True), (date(2019, 3, 1), date(2019, 9, 1), False))
    other = licensed((date(2018, 6, 1), None, True))
    (found,) = together([one, other])
    assert full_on(found, 5, since=found.started_on) == date(2023, 3, 1)


def test_levels_are_counted_apart():
    """Years as an assistant are none as a licensed physician; the lists come in the order of their first day."""
    found = together(
        [licensed((date(2022, 3, 1), None, True)), licensed((date(2018, 3, 1), None, True), level=Level.ASSISTANT)]
    )
    assert [(practice.level, practice.started_on) for practice in found] == [
        (Level.ASSISTANT, date(2018, 3, 1)),
        (Level.LICENSED, date(2022, 3, 1)),
    ]


# --- from the register ---------------------------------------------------------------------------------------------


def standing(status: RegistrationStatus, institution: int = 1) -> Standing:
    return Standing(
        status=status,
        practice_place="43",
        category="10",
        scopes=("C01",),
        institution_id=UUID(int=institution),
        institution_name="湘岳示例医院",
        authority_id=UUID(int=9),
        authority_name="示例市卫生健康委员会",
        authority_path="43/4301/430102",
        decision_number="D1",
    )


def history(*told: tuple[date, date | None, Standing]) -> tuple[Registration, list[Entry]]:
    """A registration with what its history tells."""
    registration = Registration(
        id=uuid4(),
        version=1,
        person_id=uuid4(),
        qualification_id=uuid4(),
        practice_code="110430102000123",
        level="1",
        province="43",
        started_on=told[0][0],
        standing=told[-1][2],
        standing_since=told[-1][0],
    )
    return registration, [Entry(uuid4(), registration.id, item, since, until, KNOWN) for since, until, item in told]


@pytest.mark.parametrize("status", list(RegistrationStatus))
def test_what_each_status_counts(status):
    """§7: suspended, left and cancelled time does not count by policy; what ended otherwise never does."""
    day = date(2020, 3, 1)
    found = practice_of(
        *history((FIRST, day, standing(RegistrationStatus.ACTIVE)), (day, None, standing(status))), GAPS
    )
    if status is RegistrationStatus.WITHDRAWN:
        assert found is None, "a withdrawn registration counts zero, from its first day"
        return
    assert found is not None
    assert [stretch.counts for stretch in found.stretches] == [True, status is RegistrationStatus.ACTIVE]
    assert (found.stretches[1].status, found.stretches[1].practice_code) == (status, "110430102000123")


@pytest.mark.parametrize("status", ["SUSPENDED", "LEFT_FILED", "CANCELLED"])
def test_the_policy_says_which_interruptions_count(status):
    """`seniority.gaps`: a province may count a suspension; what it can't is to count a revoked licence."""
    day = date(2020, 3, 1)
    told = history((FIRST, day, standing(RegistrationStatus.ACTIVE)), (day, None, standing(RegistrationStatus(status))))
    counted = practice_of(*told, [gap for gap in GAPS if gap != status])
    assert counted is not None
    assert [stretch.counts for stretch in counted.stretches] == [True, True]


def test_a_change_of_institution_interrupts_nothing():
    """§7: another entry of the same status is no gap."""
    day = date(2019, 5, 1)
    found = practice_of(
        *history(
            (FIRST, day, standing(RegistrationStatus.ACTIVE, 1)),
            (day, None, standing(RegistrationStatus.ACTIVE, 2)),
        ),
        GAPS,
    )
    assert found is not None
    assert full_on(found, 5, since=FIRST) == date(2020, 1, 1)


def test_a_registration_of_which_nothing_is_told_counts_nothing():
    """A history that begins later than the moment that is asked about."""
    registration, _ = history((FIRST, None, standing(RegistrationStatus.ACTIVE)))
    assert practice_of(registration, [], GAPS) is None


def _anniversary(start: date, years: int) -> date:
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, 2, 28)


def _without(stretch: Stretch, since: date, until: date) -> list[Stretch]:
    """A stretch with some days of it no longer counting."""
    end = stretch.until or date.max
    pieces = [
        (stretch.since, min(end, since), stretch.counts),
        (max(stretch.since, since), min(end, until), False),
        (max(stretch.since, until), end, stretch.counts),
    ]
    return [
        Stretch(start, None if stop == date.max else stop, counts) for start, stop, counts in pieces if start < stop
    ]

"""Statutory clocks: first and last day, what is told of them and when (domain §3.0, §9.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.review.domain.case import Clock
from services.review.domain.deadlines import NEAR, next_wake, recomputed, telling, wake_on, without_clock
from shared.platform.working_days import WorkingDays, YearTable

from .makers import CALENDAR, DECIDER, a_context, accepted, days_later, in_state, opened, step

starts = st.dates(date(2021, 1, 1), date(2025, 11, 1))
lengths = st.integers(1, 30)


def a_clock(start: date, days: int) -> Clock:
    deadline = CALENDAR.add(start, days)
    return Clock("decision", start, days, deadline.date, deadline.provisional, "医师法 art.13")


@pytest.mark.parametrize(
    "start,days,due",
    [
        (date(2022, 11, 7), 5, date(2022, 11, 14)),  # the examples of domain §3.0
        (date(2022, 11, 7), 20, date(2022, 12, 5)),
        (date(2023, 1, 10), 20, date(2023, 2, 10)),  # E30
    ],
)
def test_the_start_day_is_not_counted_and_make_up_days_are(start, days, due):
    """行政许可法 art.82; E30."""
    assert a_clock(start, days).due_on == due


@given(start=starts, days=lengths)
def test_each_threshold_is_told_once_and_the_end_once(start, days):
    """Domain §9.1: 5, 2 and 0 working days before the limit, and once it has passed; a short one skips the larger."""
    clock, told = a_clock(start, days), []
    day = start
    while day <= clock.due_on + timedelta(days=10):
        for _ in range(2):  # a timer that looks twice a day tells nothing twice
            news = telling(clock, day, CALENDAR)
            if news is not None:
                told.append("passed" if news.passed else news.clock.near_told)
                clock = news.clock
        day += timedelta(days=1)
    assert told == [*(near for near in NEAR if near < days), "passed"]


@given(start=starts, days=lengths, late=st.integers(0, 60))
def test_a_service_that_was_down_tells_the_present_state_only(start, days, late):
    clock = a_clock(start, days)
    today = clock.due_on + timedelta(days=late - 30)
    news = telling(clock, today, CALENDAR) if today >= start else None
    if news is not None:
        assert news.passed == (today > clock.due_on)
        assert news.days_left == CALENDAR.between(today, clock.due_on)
        assert telling(news.clock, today, CALENDAR) is None


@given(start=starts, days=lengths)
def test_a_clock_wakes_exactly_on_the_days_on_which_it_has_something_to_tell(start, days):
    clock, day = a_clock(start, days), start
    while day <= clock.due_on + timedelta(days=3):
        wake, news = wake_on(clock, CALENDAR), telling(clock, day, CALENDAR)
        assert (news is not None) == (wake is not None and wake <= day)
        clock = news.clock if news is not None else clock
        day += timedelta(days=1)
    assert wake_on(clock, CALENDAR) is None


def test_a_stopped_clock_neither_wakes_nor_tells():
    clock = replace(a_clock(date(2022, 11, 7), 5), running=False)
    assert wake_on(clock, CALENDAR) is None
    assert telling(clock, date(2023, 1, 1), CALENDAR) is None


def test_what_a_clock_waited_for_stops_it():
    """行政许可法 art.44: the certificate is there."""
    approved = in_state("APPROVED")
    assert next_wake(approved, CALENDAR) is not None
    assert next_wake(without_clock(approved, "certificate"), CALENDAR) is None


def test_an_approval_given_anew_starts_the_certificates_period_anew():
    """行政许可法 art.44: ten working days from the decision that stands."""
    blocked = in_state("EFFECT_BLOCKED")
    anew = step(blocked, "approve", DECIDER, a_context(days_later(7))).case
    running = [clock for clock in anew.clocks if clock.running]
    assert [(clock.name, clock.started_on) for clock in running] == [("certificate", date(2022, 11, 14))]


def test_a_deadline_beyond_the_published_calendar_is_provisional_and_counted_again_when_it_is_published():
    """Design D16: a limit accepted late in the last published year needs the next one."""
    last = CALENDAR.published_through
    short = WorkingDays({year: table for year, table in CALENDAR.years.items() if year < last})
    moment = days_later((date(last - 1, 12, 20) - date(2022, 11, 7)).days)
    context = replace(a_context(moment), calendar=short)
    case = accepted(opened(now=moment), context=context)
    assert case.running_clock.provisional
    again = recomputed(case, CALENDAR).running_clock
    assert (again.provisional, again.due_on) == (False, CALENDAR.add(case.accepted_on, again.days).date)


def test_counting_again_leaves_final_and_stopped_clocks_alone():
    case = accepted()
    off = YearTable(frozenset({date(2022, 11, 8)}), frozenset())
    changed = WorkingDays({**CALENDAR.years, 2022: off})
    assert recomputed(case, changed) == case

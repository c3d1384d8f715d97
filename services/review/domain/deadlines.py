"""Statutory clocks: when one starts and stops, what its end does, and when somebody has to be told (domain §3.0)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from .case import Case, Clock
from .context import Calendar
from .workflow import ClockRule, State, Workflow

#: The working days left at which the responsible desk is told that an end comes near (domain §9.1).
NEAR: Final = (5, 2, 0)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Telling:
    """News of a clock's end: it comes near, or it has passed; `days_left` is negative when overdue."""

    clock: Clock
    days_left: int
    passed: bool


def days_of(rule: ClockRule, case: Case) -> int:
    """The length of a period: the table's number, or the policy's promise where it is shorter than the Law's."""
    days = rule.days if isinstance(rule.days, int) else case.policy.whole(rule.days)
    return days if rule.at_most is None else min(days, rule.at_most)


def with_clock_of(workflow: Workflow, case: Case, state: State, calendar: Calendar) -> Case:
    """The case with the clock of `state` running and every other one stopped.

    A period that goes on through several states keeps its first day; entering a state again by a new act (a second
    receipt) starts a new one, and the old one stays as it ended.
    """
    stopped = tuple(replace(clock, running=False) for clock in case.clocks)
    if not state.clock:
        return replace(case, clocks=stopped)
    rule = workflow.clocks[state.clock]
    started_on = _first_day(rule, case)
    days = days_of(rule, case)
    if any((clock.name, clock.started_on, clock.days) == (rule.name, started_on, days) for clock in stopped):
        clocks = tuple(
            replace(clock, running=(clock.name, clock.started_on, clock.days) == (rule.name, started_on, days))
            for clock in stopped
        )
        return replace(case, clocks=clocks)
    deadline = calendar.add(started_on, days)
    fresh = Clock(rule.name, started_on, days, deadline.date, deadline.provisional, rule.basis)
    return replace(case, clocks=(*stopped, fresh))


def without_clock(case: Case, name: str) -> Case:
    """The case with the clock of that name stopped: what it waited for has happened."""
    return replace(
        case, clocks=tuple(replace(clock, running=clock.running and clock.name != name) for clock in case.clocks)
    )


def recomputed(case: Case, calendar: Calendar) -> Case:
    """The case with its running clock counted again, after the calendar of a year was published (design D16)."""
    clocks = []
    for clock in case.clocks:
        if clock.running and clock.provisional:
            deadline = calendar.add(clock.started_on, clock.days)
            clocks.append(replace(clock, due_on=deadline.date, provisional=deadline.provisional))
        else:
            clocks.append(clock)
    return replace(case, clocks=tuple(clocks))


def telling(clock: Clock, today: date, calendar: Calendar) -> Telling | None:
    """What is to be told of a clock today: each threshold once, the smallest that is reached; the end once."""
    if not clock.running:
        return None
    left = calendar.between(today, clock.due_on)
    if clock.has_passed(today):
        told = replace(clock, passed_told=True)
        return None if clock.passed_told else Telling(told, left, passed=True)
    reached = [near for near in NEAR if left <= near < clock.days]
    if not reached or (clock.near_told is not None and clock.near_told <= min(reached)):
        return None
    return Telling(replace(clock, near_told=min(reached)), left, passed=False)


def wake_on(clock: Clock, calendar: Calendar) -> date | None:
    """The next day on which `telling` has something to say; None when everything is told or the clock stands."""
    if not clock.running or clock.passed_told:
        return None
    for near in NEAR:
        if near < clock.days and (clock.near_told is None or near < clock.near_told):
            return _day_with_left(clock, near, calendar)
    return clock.due_on + _DAY


def next_wake(case: Case, calendar: Calendar) -> date | None:
    """The next day on which a clock of the case has to be looked at."""
    days = [day for clock in case.clocks if (day := wake_on(clock, calendar)) is not None]
    return min(days, default=None)


def _first_day(rule: ClockRule, case: Case) -> date:
    days = {
        "entered": case.entered_on,
        "received": case.received_on,
        "accepted": case.accepted_on,
        "decided": case.decided_on,
    }
    first = days[rule.counts_from]
    if first is None:
        raise ValueError(f"clock {rule.name} counts from a day that case {case.id} hasn't got")
    return first


def _day_with_left(clock: Clock, near: int, calendar: Calendar) -> date:
    """The first day after the start on which no more than `near` working days are left."""
    day, left = clock.due_on, 0
    while day > clock.started_on:
        left += calendar.is_working_day(day)
        if left > near:
            break
        day -= _DAY
    return day

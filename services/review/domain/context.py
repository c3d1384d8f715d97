"""What an action brings along: the moment, the calendar, the policy in force today, and what its actor says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from .case import Authority, Policy, Reason


class Deadline(Protocol):
    """The last day of a period."""

    @property
    def date(self) -> dt.date:
        """The day."""

    @property
    def provisional(self) -> bool:
        """Whether the calendar of one of its days is not published yet."""


class Calendar(Protocol):
    """Counts working days (行政许可法 art.82): the start day is not counted, make-up days are."""

    def add(self, start: dt.date, days: int) -> Deadline:
        """The last day of a period of `days` working days."""

    def between(self, start: dt.date, end: dt.date) -> int:
        """The working days after `start` up to and with `end`; negative where it lies before."""

    def is_working_day(self, day: dt.date) -> bool:
        """Whether authorities work on `day`."""


@dataclass(frozen=True)
class Context:
    """Everything outside the case that an action depends on; `today` is the legal day of `now`.

    `present_authority` is the authority that the institution's licence names now, where somebody asked;
    `right_authority` the one that the window holds competent instead.
    """

    now: dt.datetime
    today: dt.date
    calendar: Calendar
    policy: Policy
    reasons: tuple[Reason, ...] = ()
    note: str = ""
    papers: tuple[str, ...] | None = None
    present_authority: Authority | None = None
    right_authority: Authority | None = None

"""A second, plain model of the register: what the handbook says an act comes to, in lists of days and words.

It knows no history in two times, no effects and no rules; it is compared with the register after each step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

REGISTERED = ("ACTIVE", "SUSPENDED")


@dataclass
class PlainFiling:
    """A further institution, from its first to its last day."""

    institution: UUID
    scopes: frozenset[str]
    first: date
    last: date


@dataclass
class PlainRegistration:
    """A registration as a list of days, each with how it stands from then on."""

    person: UUID
    qualification: UUID
    level: str
    days: list[tuple[date, str]]
    place: str
    institution: UUID
    scopes: frozenset[str]
    filings: list[PlainFiling] = field(default_factory=list)
    successor: PlainRegistration | None = None

    @property
    def status(self) -> str:
        """How it stands now."""
        return self.days[-1][1]

    @property
    def since(self) -> date:
        """Since when."""
        return self.days[-1][0]

    @property
    def is_registered(self) -> bool:
        """§3.14: only ACTIVE and SUSPENDED count."""
        return self.status in REGISTERED

    @property
    def can_come_back(self) -> bool:
        """§3.5: left, and nothing took its place."""
        return self.status in ("LEFT_FILED", "MOVED_OUT") and self.successor is None

    @property
    def is_assistants(self) -> bool:
        """§5.1: the levels with an assistant's rights."""
        return self.level in ("2", "4", "XC")

    def turn(self, status: str, day: date) -> None:
        """It stands otherwise from a day on; of two acts of one day the later holds."""
        day = max(day, self.since)
        self.days = [(on, how) for on, how in self.days if on < day]
        self.days.append((day, status))

    def end(self, status: str, day: date) -> None:
        """It ends, and with it what is filed on it (§3.7)."""
        self.turn(status, day)
        self.close(day)

    def close(self, day: date, *, unless: frozenset[str] | None = None, at: UUID | None = None) -> None:
        """Filings end with the day before: all, those beyond some scopes, or those at one institution."""
        for filing in self.filings:
            spared = (unless is not None and filing.scopes <= unless) or (at is not None and filing.institution != at)
            if not spared and filing.last >= day:
                filing.last = day - timedelta(days=1)

    def filing_at(self, institution: UUID, today: date, first: date) -> PlainFiling:
        """The one there that isn't over."""
        return next(
            one for one in self.filings if (one.institution, one.first) == (institution, first) and one.last >= today
        )

    def status_on(self, day: date) -> str | None:
        """How it stood on a day; None before it began."""
        return next((how for on, how in reversed(self.days) if on <= day), None)

    def open_filings(self, today: date) -> list[tuple[UUID, frozenset[str], date, date]]:
        """What is filed today or later."""
        return sorted(
            (one.institution, one.scopes, one.first, one.last)
            for one in self.filings
            if one.last >= today and one.last >= one.first
        )

    def counted_days(self, until: date) -> int:
        """Days in practice before a day: a suspended, left or ended registration counts none (§7)."""
        ends = [*(on for on, _ in self.days[1:]), until]
        return sum(
            max((min(end, until) - on).days, 0)
            for (on, how), end in zip(self.days, ends, strict=True)
            if how == "ACTIVE"
        )


@dataclass
class PlainRegister:
    """All registrations, in the order in which they were opened."""

    registrations: dict[UUID, PlainRegistration] = field(default_factory=dict)

    def of(self, person: UUID) -> Iterator[PlainRegistration]:
        """Those of a person."""
        return (one for one in self.registrations.values() if one.person == person)

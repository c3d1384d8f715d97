"""Time in practice 执业年限: the days of a person's registrations that count, each of them once (`domain.md` §7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.trade.levels import Level
from shared.trade.statuses import RegistrationStatus

from .days import add_years
from .register import Entry, Registration

_ENDED = frozenset(
    {
        RegistrationStatus.MOVED_OUT,
        RegistrationStatus.TRANSFERRED_MIL,
        RegistrationStatus.SUPERSEDED,
        RegistrationStatus.REVOKED,
    }
)
"""Under these nobody practises here any more, whatever a policy says of interruptions."""


@dataclass(frozen=True)
class Stretch:
    """Some days of a registration, and whether they count; `until` is exclusive, None while it lasts."""

    since: date
    until: date | None
    counts: bool
    status: RegistrationStatus = RegistrationStatus.ACTIVE
    practice_code: str = ""


@dataclass(frozen=True)
class Practice:
    """A registration as seniority sees it, or all of a person's registrations of one level together."""

    level: Level
    started_on: date
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Span:
    """Days that count, without a break; `until` is exclusive, and the last day of the calendar while it lasts."""

    since: date
    until: date


def practice_of(registration: Registration, told: Sequence[Entry], gaps: Collection[str]) -> Practice | None:
    """A registration's days as its history tells them; None where it was withdrawn 撤销, which counts zero.

    `gaps` are the interruptions of policy `seniority.gaps`. A change of institution is none: it is another entry of
    the same status.
    """
    if not told or any(entry.standing.status is RegistrationStatus.WITHDRAWN for entry in told):
        return None
    stretches = tuple(
        Stretch(
            since=entry.valid_from,
            until=entry.valid_to,
            counts=entry.standing.status.value not in gaps and entry.standing.status not in _ENDED,
            status=entry.standing.status,
            practice_code=registration.practice_code,
        )
        for entry in told
    )
    return Practice(Level(registration.level), registration.started_on, stretches)


def together(practices: Iterable[Practice]) -> list[Practice]:
    """A person's registrations of each level as one practice, in the order in which the levels began.

    Who registered anew after a gap, or in two places, has practised for the sum of the days that count.
    """
    levels: dict[Level, list[Practice]] = {}
    for practice in sorted(practices, key=lambda found: found.started_on):
        levels.setdefault(practice.level, []).append(practice)
    return [
        Practice(
            level=level,
            started_on=found[0].started_on,
            stretches=tuple(
                sorted(
                    (stretch for practice in found for stretch in practice.stretches),
                    key=lambda stretch: (stretch.since, stretch.practice_code),
                )
            ),
        )
        for level, found in levels.items()
    ]


def counted_spans(stretches: Iterable[Stretch]) -> list[Span]:
    """The days that count, in order; those of registrations that ran beside each other stand there once."""
    spans: list[Span] = []
    for stretch in sorted((found for found in stretches if found.counts), key=lambda found: found.since):
        until = stretch.until or date.max
        if spans and stretch.since <= spans[-1].until:
            spans[-1] = Span(spans[-1].since, max(spans[-1].until, until))
        elif stretch.since < until:
            spans.append(Span(stretch.since, until))
    return spans


def counted_days(practice: Practice, *, since: date, until: date) -> int:
    """How many days from `since` up to `until`, exclusive, count."""
    shares = ((max(span.since, since), min(span.until, until)) for span in counted_spans(practice.stretches))
    return sum((end - start).days for start, end in shares if start < end)


def full_on(practice: Practice, years: int, *, since: date) -> date | None:
    """The day on which so many years of counted days since then are full; None if the practice ended before.

    Without interruption that is the anniversary, 28 February for who began on 29 February; each day that doesn't
    count moves it by one. No year at all is full on the first day that counts.
    """
    missing = (add_years(since, years) - since).days
    for span in counted_spans(practice.stretches):
        start = max(span.since, since)
        if start >= span.until:
            continue
        length = (span.until - start).days
        if missing <= length:
            return start + timedelta(days=missing)
        missing -= length
    return None

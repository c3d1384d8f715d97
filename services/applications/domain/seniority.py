"""The clocks of seniority 年限 (`domain.md` §7): a statement with its inputs; the exam office decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from shared.trade.levels import Level

from .days import add_years


class Education(StrEnum):
    """The steps of education that the years depend on."""

    SECONDARY = "secondary"
    COLLEGE = "college"
    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTOR = "doctor"


_TERMS: tuple[tuple[str, Education], ...] = (
    ("博士", Education.DOCTOR),
    ("硕士", Education.MASTER),
    ("研究生", Education.MASTER),
    ("本科", Education.BACHELOR),
    ("学士", Education.BACHELOR),
    ("大专", Education.COLLEGE),
    ("专科", Education.COLLEGE),
    ("高职", Education.COLLEGE),
    ("中专", Education.SECONDARY),
    ("中等", Education.SECONDARY),
)

ASSISTANT_YEARS: Mapping[Education, int] = {Education.COLLEGE: 2, Education.SECONDARY: 5}
"""医师法 art.9(2), and art.64 for secondary school; who has a bachelor's degree needs no assistant years."""

ATTENDING_YEARS: Mapping[Education, int] = {
    Education.SECONDARY: 7,
    Education.COLLEGE: 6,
    Education.BACHELOR: 4,
    Education.MASTER: 4,
    Education.DOCTOR: 4,
}
"""Years after licensed registration without residency training, of which no record is held (职称改革指导意见)."""

OWN_PRACTICE_YEARS = 5
"""Years in institutions before a practice of one's own (医师法 art.20)."""


@dataclass(frozen=True)
class Stretch:
    """Some days of a registration, and whether they count; `until` is exclusive, None while it lasts."""

    since: date
    until: date | None
    counts: bool


@dataclass(frozen=True)
class Practice:
    """A registration as seniority sees it."""

    level: Level
    started_on: date
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Clock:
    """One clock: since when, how many years, on which day they are full, and the first exam after it."""

    clock: str
    started_on: date
    years_required: int | None
    reached_on: date | None
    exam_year: int | None
    inputs: Mapping[str, Any]


@dataclass(frozen=True)
class Counting:
    """How the years are counted: policy `seniority.*`."""

    mode: str
    licensed_cutoff: str
    attending_cutoff: str
    apprentice_years: int


def education_of(text: str) -> Education | None:
    """The step of education in the words or the code of the exam record; None where it says nothing known."""
    value = text.strip().lower()
    if value in set(Education):
        return Education(value)
    return next((step for term, step in _TERMS if term in text), None)


def clocks(practices: Iterable[Practice], education: Education | None, counting: Counting) -> list[Clock]:
    """All clocks of a person, each from the day its registration succeeded."""
    found: list[Clock] = []
    for practice in practices:
        if practice.level.is_assistant:
            found.append(_assistant_to_licensed(practice, education, counting))
            continue
        found.append(_licensed_to_attending(practice, education, counting))
        if practice.level is not Level.TCM_EXPERT:
            found.append(_own_practice(practice, counting))
    return found


def reached_on(practice: Practice, years: int, mode: str) -> date | None:
    """The day on which the years are full, days that don't count left out; None if the registration ended before.

    EXACT counts from day to day; CALENDAR counts whole calendar years after the year of registration.
    """
    full = add_years(practice.started_on, years) if mode == "EXACT" else date(practice.started_on.year + years, 12, 31)
    gap = timedelta()
    for stretch in practice.stretches:
        if stretch.counts or stretch.since >= full + gap:
            continue
        if stretch.until is None:
            return None
        gap += stretch.until - stretch.since
    return full + gap


def first_exam(reached: date, cutoff: str, *, year_before: bool) -> int:
    """The first exam year whose cut-off (MM-DD, of that year or of the year before) is not earlier than `reached`."""
    month, day = (int(part) for part in cutoff.split("-"))
    year = reached.year if reached <= date(reached.year, month, day) else reached.year + 1
    return year + 1 if year_before else year


def _assistant_to_licensed(practice: Practice, education: Education | None, counting: Counting) -> Clock:
    """When an assistant may sit the licensed exam (医师法 art.9(2), 64)."""
    years: int | None
    if practice.level is Level.APPRENTICE_ASSISTANT:
        years = counting.apprentice_years
    else:
        years = None if education is None else ASSISTANT_YEARS.get(education)
    return _clock(
        "assistant_to_licensed",
        practice,
        education,
        years,
        counting,
        cutoff=counting.licensed_cutoff,
        year_before=False,
    )


def _licensed_to_attending(practice: Practice, education: Education | None, counting: Counting) -> Clock:
    """When a licensed physician may sit the attending exam 主治医师 (E73)."""
    years = None if education is None else ATTENDING_YEARS[education]
    return _clock(
        "licensed_to_attending",
        practice,
        education,
        years,
        counting,
        cutoff=counting.attending_cutoff,
        year_before=True,
    )


def _own_practice(practice: Practice, counting: Counting) -> Clock:
    """When a practice of one's own 个体行医 may be opened (医师法 art.20)."""
    return _clock("own_practice", practice, None, OWN_PRACTICE_YEARS, counting, cutoff=None, year_before=False)


def _clock(
    name: str,
    practice: Practice,
    education: Education | None,
    years: int | None,
    counting: Counting,
    *,
    cutoff: str | None,
    year_before: bool,
) -> Clock:
    mode = counting.mode if cutoff is not None else "EXACT"
    reached = None if years is None else reached_on(practice, years, mode)
    exam = None if reached is None or cutoff is None else first_exam(reached, cutoff, year_before=year_before)
    inputs: dict[str, Any] = {
        "level": practice.level.value,
        "started_on": practice.started_on.isoformat(),
        "mode": mode,
        "gap_days": _gap_days(practice.stretches),
    }
    if education is not None:
        inputs["education"] = education.value
    if cutoff is not None:
        inputs["cutoff"] = cutoff
    if name == "licensed_to_attending":
        inputs["residency_certificate"] = "not_recorded"
    return Clock(name, practice.started_on, years, reached, exam, inputs)


def _gap_days(stretches: Sequence[Stretch]) -> int:
    return sum((stretch.until - stretch.since).days for stretch in stretches if not stretch.counts and stretch.until)

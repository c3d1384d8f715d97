"""The clocks of seniority 年限 (`domain.md` §7): a statement with its inputs; the exam office decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from shared.platform.errors import InvalidInput
from shared.trade.levels import Level

from .practice_time import Practice, Stretch, counted_days, full_on, together


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

ASSISTANT_YEARS: Mapping[Education, int] = {
    Education.SECONDARY: 5,
    Education.COLLEGE: 2,
    Education.BACHELOR: 0,
    Education.MASTER: 0,
    Education.DOCTOR: 0,
}
"""医师法 art.9(2), and art.64 for secondary school; from a bachelor's degree on no assistant years (art.9(1))."""

ATTENDING_YEARS: Mapping[Education, int] = {
    Education.SECONDARY: 7,
    Education.COLLEGE: 6,
    Education.BACHELOR: 4,
    Education.MASTER: 4,
    Education.DOCTOR: 4,
}
"""Years after licensed registration without a residency certificate; a higher degree is a bachelor's too."""

RESIDENCY_YEARS: Mapping[Education, int] = {Education.BACHELOR: 2, Education.MASTER: 2, Education.DOCTOR: 0}
"""Years after the residency certificate 住院医师规范化培训合格证书 (职称改革指导意见)."""

OWN_PRACTICE_YEARS = 5
"""Years in institutions before a practice of one's own (医师法 art.20)."""

ASSISTANT_TO_LICENSED, LICENSED_TO_ATTENDING, OWN_PRACTICE = (
    "assistant_to_licensed",
    "licensed_to_attending",
    "own_practice",
)


@dataclass(frozen=True)
class Counting:
    """How the years are counted: policy `seniority.*`."""

    mode: str
    licensed_cutoff: str
    attending_cutoff: str
    apprentice_years: int


@dataclass(frozen=True)
class Doctor:
    """What a statement rests on beside the registrations.

    No record is held of residency certificates: `residency_on` is what the person states, and nobody verified it.
    """

    education: Education | None
    residency_on: date | None = None


@dataclass(frozen=True)
class Clock:
    """One clock: since when, how many years, on which day they are full, and the first exam after it.

    `counted_days` are those that counted before the day of the statement; `stretches` are all that was looked at.
    """

    clock: str
    started_on: date
    years_required: int | None
    reached_on: date | None
    exam_year: int | None
    counted_days: int
    stretches: tuple[Stretch, ...]
    inputs: Mapping[str, Any]


@dataclass(frozen=True)
class _Path:
    """One way to fulfil a clock: so many years from a day on."""

    rule: str
    since: date
    years: int | None
    reached_on: date | None
    inputs: Mapping[str, Any] = field(default_factory=dict)


def education_of(text: str) -> Education | None:
    """The step of education in the words or the code of the exam record; None where it says nothing known."""
    value = text.strip().lower()
    if value in set(Education):
        return Education(value)
    return next((step for term, step in _TERMS if term in text), None)


def check_residency(residency_on: date | None, *, today: date) -> None:
    """Refuse a stated residency certificate that is not there yet: `InvalidInput` under `residency_on`."""
    if residency_on is not None and residency_on > today:
        raise InvalidInput("invalid_input", fields={"residency_on": ["date_in_future"]})


def clocks(practices: Iterable[Practice], doctor: Doctor, counting: Counting, *, as_of: date) -> list[Clock]:
    """All clocks of a person, each from the day the first registration of its level succeeded.

    An assistant's runs until the licensed registration supersedes it, and is kept as history. An expert of Chinese
    medicine 中医（专长）医师 needs no years in institutions before a practice of their own (医师法 art.20).
    """
    found: list[Clock] = []
    for practice in together(practices):
        if practice.level.is_assistant:
            found.append(_assistant_to_licensed(practice, doctor, counting, as_of))
            continue
        found.append(_licensed_to_attending(practice, doctor, counting, as_of))
        if practice.level is not Level.TCM_EXPERT:
            found.append(_own_practice(practice, as_of))
    return found


def reached_on(practice: Practice, years: int, mode: str, *, since: date | None = None) -> date | None:
    """The day on which the years are full, days that don't count left out; None if the practice ended before.

    EXACT counts from day to day. CALENDAR counts whole calendar years after that of the registration, so it is there
    at the end of the year in which EXACT is; with a cut-off on 31 December both give the same exam.
    """
    full = full_on(practice, years, since=since or practice.started_on)
    return full.replace(month=12, day=31) if full is not None and mode == "CALENDAR" else full


def first_exam(reached: date, cutoff: str, *, year_before: bool) -> int:
    """The first exam year whose cut-off (MM-DD, of that year or of the year before) is not earlier than `reached`."""
    month, day = (int(part) for part in cutoff.split("-"))
    year = reached.year if reached <= date(reached.year, month, day) else reached.year + 1
    return year + 1 if year_before else year


def _assistant_to_licensed(practice: Practice, doctor: Doctor, counting: Counting, as_of: date) -> Clock:
    """When an assistant may sit the licensed exam (医师法 art.9, 64).

    From a bachelor's degree on it is not years as an assistant that count but one of supervised practice 试用期, of
    which no record is held: no day can be told.
    """
    years: int | None
    if practice.level is Level.APPRENTICE_ASSISTANT:
        years, rule = counting.apprentice_years, "apprentice_years"
    else:
        years = None if doctor.education is None else ASSISTANT_YEARS[doctor.education]
        rule = "supervised_practice" if years == 0 else "by_education"
    reached = reached_on(practice, years, counting.mode) if years else None
    path = _Path(rule, practice.started_on, years, reached)
    return _clock(
        ASSISTANT_TO_LICENSED,
        practice,
        path,
        as_of,
        mode=counting.mode,
        education=doctor.education,
        cutoff=counting.licensed_cutoff,
    )


def _licensed_to_attending(practice: Practice, doctor: Doctor, counting: Counting, as_of: date) -> Clock:
    """When a licensed physician may sit the attending exam 主治医师 (职称改革指导意见; E73): by the earlier way."""
    education, residency_on = doctor.education, doctor.residency_on
    years = None if education is None else ATTENDING_YEARS[education]
    stated = (
        {"residency_certificate": "not_stated"}
        if residency_on is None
        else {"residency_certificate": "stated_not_verified", "residency_on": residency_on.isoformat()}
    )
    reached = None if years is None else reached_on(practice, years, counting.mode)
    path = _Path("by_education", practice.started_on, years, reached, stated)
    if residency_on is not None and education is not None and education in RESIDENCY_YEARS:
        years, since = RESIDENCY_YEARS[education], max(residency_on, practice.started_on)
        trained = _Path(
            "after_residency", since, years, reached_on(practice, years, counting.mode, since=since), stated
        )
        path = min(path, trained, key=lambda way: way.reached_on or date.max)
    return _clock(
        LICENSED_TO_ATTENDING,
        practice,
        path,
        as_of,
        mode=counting.mode,
        education=education,
        cutoff=counting.attending_cutoff,
        year_before=True,
    )


def _own_practice(practice: Practice, as_of: date) -> Clock:
    """When a practice of one's own 个体行医 may be opened (医师法 art.20); no exam, so whole years from day to day."""
    reached = reached_on(practice, OWN_PRACTICE_YEARS, "EXACT")
    path = _Path("in_institutions", practice.started_on, OWN_PRACTICE_YEARS, reached)
    return _clock(OWN_PRACTICE, practice, path, as_of, mode="EXACT")


def _clock(
    name: str,
    practice: Practice,
    path: _Path,
    as_of: date,
    *,
    mode: str,
    education: Education | None = None,
    cutoff: str | None = None,
    year_before: bool = False,
) -> Clock:
    reached = path.reached_on
    counted = counted_days(practice, since=path.since, until=as_of)
    inputs: dict[str, Any] = {
        "level": practice.level.value,
        "registered_on": practice.started_on.isoformat(),
        "rule": path.rule,
        "mode": mode,
        "gap_days": max((as_of - path.since).days, 0) - counted,
        **path.inputs,
    }
    if education is not None:
        inputs["education"] = education.value
    if cutoff is not None:
        inputs["cutoff"] = cutoff
        inputs["cutoff_year"] = "year_before" if year_before else "exam_year"
    return Clock(
        clock=name,
        started_on=path.since,
        years_required=path.years,
        reached_on=reached,
        exam_year=None if reached is None or cutoff is None else first_exam(reached, cutoff, year_before=year_before),
        counted_days=counted,
        stretches=practice.stretches,
        inputs=inputs,
    )

"""The clocks of seniority (`domain.md` §7), with its worked examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.seniority import (
    Counting,
    Education,
    Practice,
    Stretch,
    clocks,
    education_of,
    first_exam,
    reached_on,
)
from shared.trade.levels import Level

EXACT = Counting(mode="EXACT", licensed_cutoff="08-31", attending_cutoff="12-31", apprentice_years=5)
CALENDAR = replace(EXACT, mode="CALENDAR")


def practice(level: Level, started_on: date, *gaps: tuple[date, date | None]) -> Practice:
    """A registration, with stretches that don't count."""
    stretches, day = [], started_on
    for since, until in gaps:
        stretches += [Stretch(day, since, True), Stretch(since, until, False)]
        day = until or since
    if not gaps or gaps[-1][1] is not None:
        stretches.append(Stretch(day, None, True))
    return Practice(level, started_on, tuple(stretches))


def clock(name: str, found: Practice, education: Education | None, counting: Counting = EXACT):
    """One clock of a registration."""
    return next(item for item in clocks([found], education, counting) if item.clock == name)


def test_an_assistant_of_2022_may_sit_the_licensed_exam_of_2025():
    """Worked example: registered 2022-11-20, college → 2024-11-20; exam 2024 (cut-off 08-31) no, 2025 yes."""
    found = clock("assistant_to_licensed", practice(Level.ASSISTANT, date(2022, 11, 20)), Education.COLLEGE)
    assert (found.years_required, found.reached_on, found.exam_year) == (2, date(2024, 11, 20), 2025)


def test_a_bachelor_registered_in_december_2018_may_sit_the_attending_exam_of_2023():
    """E73, worked example: 2018-12-20 → 2022-12-20 ≤ 2022-12-31 → exam 2023; the statement lists its inputs."""
    found = clock("licensed_to_attending", practice(Level.LICENSED, date(2018, 12, 20)), Education.BACHELOR)
    assert (found.years_required, found.reached_on, found.exam_year) == (4, date(2022, 12, 20), 2023)
    assert found.inputs == {
        "level": "1",
        "started_on": "2018-12-20",
        "education": "bachelor",
        "mode": "EXACT",
        "cutoff": "12-31",
        "gap_days": 0,
        "residency_certificate": "not_recorded",
    }


@pytest.mark.parametrize(
    ("level", "education", "years"),
    [
        (Level.ASSISTANT, Education.COLLEGE, 2),  # 医师法 art.9(2)
        (Level.ASSISTANT, Education.SECONDARY, 5),  # 医师法 art.64 leaves it to the old rule
        (Level.ASSISTANT, Education.BACHELOR, None),  # no assistant years
        (Level.ASSISTANT, None, None),
        (Level.APPRENTICE_ASSISTANT, None, 5),  # seniority.assistant_apprentice
    ],
)
def test_years_of_an_assistant_before_the_licensed_exam(level, education, years):
    """§7, first clock."""
    assert clock("assistant_to_licensed", practice(level, date(2022, 3, 1)), education).years_required == years


@pytest.mark.parametrize(
    ("education", "years"), [(Education.BACHELOR, 4), (Education.COLLEGE, 6), (Education.SECONDARY, 7), (None, None)]
)
def test_years_of_a_licensed_physician_before_the_attending_exam(education, years):
    """§7, second clock (职称改革指导意见)."""
    assert clock("licensed_to_attending", practice(Level.LICENSED, date(2022, 3, 1)), education).years_required == years


def test_a_practice_of_ones_own_comes_after_five_years_and_never_for_experts():
    """医师法 art.20."""
    found = clock("own_practice", practice(Level.LICENSED, date(2020, 2, 29)), None)
    assert (found.reached_on, found.exam_year) == (date(2025, 2, 28), None)
    experts = clocks([practice(Level.TCM_EXPERT, date(2020, 1, 1))], None, EXACT)
    assert "own_practice" not in {item.clock for item in experts}


def test_who_was_registered_on_a_leap_day_is_there_on_the_28th_of_february():
    """29 February → 28 February in common years."""
    assert reached_on(practice(Level.LICENSED, date(2024, 2, 29)), 2, "EXACT") == date(2026, 2, 28)
    assert reached_on(practice(Level.LICENSED, date(2024, 2, 29)), 4, "EXACT") == date(2028, 2, 29)


@given(st.dates(date(1999, 1, 1), date(2060, 12, 31)), st.integers(1, 7))
def test_both_modes_give_the_same_exam_year_where_the_cut_off_is_the_end_of_the_year(started, years):
    """§7: with a 31 December cut-off, whole calendar years equal exact anniversaries."""
    found = practice(Level.LICENSED, started)
    exam = {
        mode: first_exam(reached_on(found, years, mode), "12-31", year_before=True) for mode in ("EXACT", "CALENDAR")
    }
    assert exam["EXACT"] == exam["CALENDAR"]


def test_with_the_cut_off_of_august_the_modes_differ():
    """§7: an assistant of March reaches two years in March, or at the end of that calendar year."""
    found = practice(Level.ASSISTANT, date(2022, 3, 1))
    years = [clock("assistant_to_licensed", found, Education.COLLEGE, how).exam_year for how in (EXACT, CALENDAR)]
    assert years == [2024, 2025]


def test_the_day_of_the_cut_off_still_counts():
    """Reached on the cut-off is in time, a day later is the next exam."""
    assert first_exam(date(2024, 8, 31), "08-31", year_before=False) == 2024
    assert first_exam(date(2024, 9, 1), "08-31", year_before=False) == 2025


def test_a_suspension_does_not_count():
    """seniority.gaps: three months' suspension move the day by as many days."""
    gap = (date(2023, 1, 1), date(2023, 4, 1))
    found = practice(Level.ASSISTANT, date(2022, 6, 1), gap)
    assert reached_on(found, 2, "EXACT") == date(2024, 6, 1) + timedelta(days=90)
    after = practice(Level.ASSISTANT, date(2022, 6, 1), (date(2025, 1, 1), date(2025, 4, 1)))
    assert reached_on(after, 2, "EXACT") == date(2024, 6, 1)


def test_a_registration_that_ended_before_reaches_nothing():
    """Cancelled time does not count, and this one never comes back."""
    found = practice(Level.LICENSED, date(2022, 6, 1), (date(2023, 1, 1), None))
    assert reached_on(found, 4, "EXACT") is None
    assert reached_on(practice(Level.LICENSED, date(2015, 6, 1), (date(2023, 1, 1), None)), 4, "EXACT") == date(
        2019, 6, 1
    )


@pytest.mark.parametrize(
    ("text", "education"),
    [
        ("本科", Education.BACHELOR),
        ("大学本科（学士）", Education.BACHELOR),
        ("大专", Education.COLLEGE),
        ("专科", Education.COLLEGE),
        ("中专", Education.SECONDARY),
        ("硕士研究生", Education.MASTER),
        ("博士研究生", Education.DOCTOR),
        ("bachelor", Education.BACHELOR),
        ("", None),
        ("其他", None),
    ],
)
def test_the_education_of_the_exam_record_is_understood(text, education):
    """Words and codes; what is unknown gives no years rather than wrong ones."""
    assert education_of(text) is education


def test_every_suspension_moves_the_day_and_one_that_begins_on_it_none():
    """§7, `seniority.gaps`: two suspensions are added up; the day itself is reached before what begins on it."""
    two = practice(
        Level.ASSISTANT,
        date(2022, 6, 1),
        (date(2022, 8, 1), date(2022, 8, 11)),
        (date(2024, 6, 5), date(2024, 6, 10)),
    )
    assert reached_on(two, 2, "EXACT") == date(2024, 6, 16)
    # the second is over before the first has moved the day so far
    assert reached_on(practice(Level.ASSISTANT, date(2022, 6, 1), (date(2024, 6, 1), None)), 2, "EXACT") == date(
        2024, 6, 1
    )
    assert clock("assistant_to_licensed", two, Education.COLLEGE).inputs["gap_days"] == 15


def test_an_own_practice_is_counted_from_day_to_day_whatever_the_exams_do():
    """医师法 art.20: five years, no exam and so no cut-off; the statement says what went into it."""
    found = clock("own_practice", practice(Level.LICENSED, date(2020, 3, 1)), Education.BACHELOR, CALENDAR)
    assert (found.started_on, found.years_required, found.reached_on, found.exam_year) == (
        date(2020, 3, 1),
        5,
        date(2025, 3, 1),
        None,
    )
    assert found.inputs == {"level": "1", "started_on": "2020-03-01", "mode": "EXACT", "gap_days": 0}


def test_an_assistants_statement_lists_its_inputs():
    """§7, first clock: the education that the years rest on, and the cut-off of the licensed exam."""
    found = clock("assistant_to_licensed", practice(Level.ASSISTANT, date(2022, 3, 1)), Education.COLLEGE)
    assert found.inputs == {
        "level": "2",
        "started_on": "2022-03-01",
        "education": "college",
        "mode": "EXACT",
        "cutoff": EXACT.licensed_cutoff,
        "gap_days": 0,
    }


def test_each_registration_of_a_person_has_its_clocks():
    """An assistant's registration ends no list: the licensed one after it has its own."""
    both = [practice(Level.ASSISTANT, date(2018, 3, 1)), practice(Level.LICENSED, date(2022, 3, 1))]
    assert [item.clock for item in clocks(both, Education.COLLEGE, EXACT)] == [
        "assistant_to_licensed",
        "licensed_to_attending",
        "own_practice",
    ]

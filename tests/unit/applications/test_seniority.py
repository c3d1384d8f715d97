"""The clocks of seniority (`domain.md` §7), with its worked examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.practice_time import Practice, Stretch
from services.applications.domain.seniority import (
    Clock,
    Counting,
    Doctor,
    Education,
    check_residency,
    clocks,
    education_of,
    first_exam,
    reached_on,
)
from shared.platform.errors import InvalidInput
from shared.trade.levels import Level

EXACT = Counting(mode="EXACT", licensed_cutoff="08-31", attending_cutoff="12-31", apprentice_years=5)
CALENDAR = replace(EXACT, mode="CALENDAR")
TODAY = date(2024, 6, 3)


def practice(level: Level, started_on: date, *gaps: tuple[date, date | None]) -> Practice:
    """A registration, with stretches that don't count."""
    stretches, day = [], started_on
    for since, until in gaps:
        stretches += [Stretch(day, since, True), Stretch(since, until, False)]
        day = until or since
    if not gaps or gaps[-1][1] is not None:
        stretches.append(Stretch(day, None, True))
    return Practice(level, started_on, tuple(stretches))


def clock(
    name: str,
    found: Practice,
    education: Education | None,
    counting: Counting = EXACT,
    *,
    residency_on: date | None = None,
    as_of: date = TODAY,
) -> Clock:
    """One clock of a registration."""
    told = clocks([found], Doctor(education, residency_on), counting, as_of=as_of)
    return next(item for item in told if item.clock == name)


def test_an_assistant_of_2022_may_sit_the_licensed_exam_of_2025():
    """Worked example: registered 2022-11-20, college → 2024-11-20; exam 2024 (cut-off 08-31) no, 2025 yes."""
    found = clock("assistant_to_licensed", practice(Level.ASSISTANT, date(2022, 11, 20)), Education.COLLEGE)
    assert (found.years_required, found.reached_on, found.exam_year) == (2, date(2024, 11, 20), 2025)


def test_a_bachelor_registered_in_december_2018_may_sit_the_attending_exam_of_2023():
    """E73, worked example: 2018-12-20 → 2022-12-20 ≤ 2022-12-31 → exam 2023; the statement lists its inputs."""
    found = clock("licensed_to_attending", practice(Level.LICENSED, date(2018, 12, 20)), Education.BACHELOR)
    assert (found.years_required, found.reached_on, found.exam_year) == (4, date(2022, 12, 20), 2023)
    assert (found.started_on, found.counted_days) == (date(2018, 12, 20), (TODAY - date(2018, 12, 20)).days)
    assert found.inputs == {
        "level": "1",
        "registered_on": "2018-12-20",
        "education": "bachelor",
        "rule": "by_education",
        "mode": "EXACT",
        "cutoff": "12-31",
        "cutoff_year": "year_before",
        "gap_days": 0,
        "residency_certificate": "not_stated",
    }
    late = clock("licensed_to_attending", practice(Level.LICENSED, date(2019, 1, 1)), Education.BACHELOR)
    assert (late.reached_on, late.exam_year) == (date(2023, 1, 1), 2024)


@pytest.mark.parametrize(
    ("level", "education", "years"),
    [
        (Level.ASSISTANT, Education.COLLEGE, 2),  # 医师法 art.9(2)
        (Level.ASSISTANT, Education.SECONDARY, 5),  # 医师法 art.64 leaves it to the old rule
        (Level.ASSISTANT, Education.BACHELOR, 0),  # 医师法 art.9(1): no assistant years
        (Level.ASSISTANT, Education.MASTER, 0),
        (Level.ASSISTANT, Education.DOCTOR, 0),
        (Level.RURAL_ASSISTANT, Education.COLLEGE, 2),  # rights as an assistant
        (Level.ASSISTANT, None, None),
        (Level.APPRENTICE_ASSISTANT, None, 5),  # seniority.assistant_apprentice
    ],
)
def test_years_of_an_assistant_before_the_licensed_exam(level, education, years):
    """§7, first clock."""
    assert clock("assistant_to_licensed", practice(level, date(2022, 3, 1)), education).years_required == years


def test_no_day_is_told_where_supervised_practice_counts():
    """医师法 art.9(1): from a bachelor's degree on it is a year of supervised practice, of which no record is held."""
    found = clock("assistant_to_licensed", practice(Level.ASSISTANT, date(2015, 3, 1)), Education.BACHELOR)
    assert (found.reached_on, found.exam_year, found.inputs["rule"]) == (None, None, "supervised_practice")


@pytest.mark.parametrize(
    ("education", "years"),
    [
        (Education.DOCTOR, 4),
        (Education.MASTER, 4),
        (Education.BACHELOR, 4),
        (Education.COLLEGE, 6),
        (Education.SECONDARY, 7),
        (None, None),
    ],
)
def test_years_of_a_licensed_physician_before_the_attending_exam(education, years):
    """§7, second clock (职称改革指导意见)."""
    assert clock("licensed_to_attending", practice(Level.LICENSED, date(2022, 3, 1)), education).years_required == years


def test_a_practice_of_ones_own_comes_after_five_years_and_never_for_experts():
    """医师法 art.20."""
    found = clock("own_practice", practice(Level.LICENSED, date(2020, 2, 29)), None)
    assert (found.reached_on, found.exam_year) == (date(2025, 2, 28), None)
    experts = clocks([practice(Level.TCM_EXPERT, date(2020, 1, 1))], Doctor(None), EXACT, as_of=TODAY)
    assert "own_practice" not in {item.clock for item in experts}


def test_who_was_registered_on_a_leap_day_is_there_on_the_28th_of_february():
    """29 February → 28 February in common years."""
    assert reached_on(practice(Level.LICENSED, date(2024, 2, 29)), 2, "EXACT") == date(2026, 2, 28)
    assert reached_on(practice(Level.LICENSED, date(2024, 2, 29)), 4, "EXACT") == date(2028, 2, 29)


@given(st.dates(date(1999, 1, 1), date(2060, 12, 31)), st.integers(1, 7), st.integers(0, 900), st.integers(0, 900))
def test_both_modes_give_the_same_exam_year_where_the_cut_off_is_the_end_of_the_year(started, years, after, lasted):
    """§7: with a 31 December cut-off, whole calendar years equal exact anniversaries, with interruptions too."""
    gap = started + timedelta(days=after + 1)
    found = practice(Level.LICENSED, started, (gap, gap + timedelta(days=lasted)))
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
    told = [
        clock("assistant_to_licensed", two, Education.COLLEGE, as_of=day).inputs["gap_days"]
        for day in (date(2022, 8, 1), date(2022, 8, 4), date(2024, 6, 3), date(2024, 6, 20))
    ]
    assert told == [0, 3, 10, 15], "of the days before the statement"


def test_an_own_practice_is_counted_from_day_to_day_whatever_the_exams_do():
    """医师法 art.20: five years, no exam and so no cut-off; the statement says what went into it."""
    found = clock("own_practice", practice(Level.LICENSED, date(2020, 3, 1)), Education.BACHELOR, CALENDAR)
    assert (found.started_on, found.years_required, found.reached_on, found.exam_year) == (
        date(2020, 3, 1),
        5,
        date(2025, 3, 1),
        None,
    )
    assert found.inputs == {
        "level": "1",
        "registered_on": "2020-03-01",
        "rule": "in_institutions",
        "mode": "EXACT",
        "gap_days": 0,
    }


def test_an_assistants_statement_lists_its_inputs():
    """§7, first clock: the education that the years rest on, and the cut-off of the licensed exam."""
    found = clock("assistant_to_licensed", practice(Level.ASSISTANT, date(2022, 3, 1)), Education.COLLEGE)
    assert found.inputs == {
        "level": "2",
        "registered_on": "2022-03-01",
        "rule": "by_education",
        "education": "college",
        "mode": "EXACT",
        "cutoff": EXACT.licensed_cutoff,
        "cutoff_year": "exam_year",
        "gap_days": 0,
    }


def test_each_level_of_a_person_has_its_clocks():
    """Upgrade stops the assistant's clock and starts the licensed one; the first is kept as history."""
    upgraded = date(2022, 3, 1)
    both = [
        practice(Level.ASSISTANT, date(2021, 3, 1), (upgraded, None)),
        practice(Level.LICENSED, upgraded),
    ]
    told = clocks(both, Doctor(Education.COLLEGE), EXACT, as_of=TODAY)
    assert [item.clock for item in told] == ["assistant_to_licensed", "licensed_to_attending", "own_practice"]
    assistant, attending, own = told
    assert (assistant.counted_days, assistant.reached_on) == (365, None)
    assert {attending.started_on, own.started_on} == {upgraded}
    assert attending.counted_days == own.counted_days == (TODAY - upgraded).days


# --- the residency certificate -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("education", "years", "reached"),
    [
        (Education.DOCTOR, 0, date(2023, 6, 30)),
        (Education.MASTER, 2, date(2025, 6, 30)),
        (Education.BACHELOR, 2, date(2025, 6, 30)),
    ],
)
def test_years_after_the_residency_certificate(education, years, reached):
    """§7, second clock (职称改革指导意见): doctor 0, master and bachelor 2 years after the certificate."""
    found = clock(
        "licensed_to_attending",
        practice(Level.LICENSED, date(2022, 3, 1)),
        education,
        residency_on=date(2023, 6, 30),
    )
    assert (found.years_required, found.started_on, found.reached_on) == (years, date(2023, 6, 30), reached)
    assert found.exam_year == reached.year + 1
    assert {name: found.inputs[name] for name in ("rule", "residency_certificate", "residency_on")} == {
        "rule": "after_residency",
        "residency_certificate": "stated_not_verified",
        "residency_on": "2023-06-30",
    }


def test_the_clock_never_starts_before_the_registration():
    """§7: both clocks run from the day the registration succeeds; a certificate may be older than that."""
    found = practice(Level.LICENSED, date(2022, 3, 1))
    trained = date(2020, 7, 1)
    master = clock("licensed_to_attending", found, Education.MASTER, residency_on=trained)
    assert (master.started_on, master.reached_on) == (date(2022, 3, 1), date(2024, 3, 1))
    doctor = clock("licensed_to_attending", found, Education.DOCTOR, residency_on=trained)
    assert (doctor.started_on, doctor.reached_on, doctor.exam_year) == (date(2022, 3, 1), date(2022, 3, 1), 2023)


def test_the_earlier_of_two_ways_is_told():
    """A bachelor with four years needs no two more after a late certificate."""
    found = clock(
        "licensed_to_attending",
        practice(Level.LICENSED, date(2018, 12, 20)),
        Education.BACHELOR,
        residency_on=date(2022, 6, 30),
    )
    assert (found.inputs["rule"], found.years_required, found.exam_year) == ("by_education", 4, 2023)
    assert found.inputs["residency_certificate"] == "stated_not_verified"


@pytest.mark.parametrize("education", [Education.COLLEGE, Education.SECONDARY, None])
def test_a_residency_certificate_shortens_nothing_below_a_bachelors_degree(education):
    """§7 has no such row."""
    found = practice(Level.LICENSED, date(2018, 3, 1))
    with_it = clock("licensed_to_attending", found, education, residency_on=date(2019, 6, 30))
    without = clock("licensed_to_attending", found, education)
    assert (with_it.years_required, with_it.reached_on) == (without.years_required, without.reached_on)


def test_a_suspension_after_the_certificate_does_not_count_either():
    """seniority.gaps: two years in practice after the certificate."""
    found = practice(Level.LICENSED, date(2022, 3, 1), (date(2023, 9, 1), date(2023, 12, 1)))
    told = clock("licensed_to_attending", found, Education.MASTER, residency_on=date(2023, 6, 30))
    assert told.reached_on == date(2025, 6, 30) + timedelta(days=91)


def test_a_certificate_of_tomorrow_is_refused():
    """What is stated has to be there already."""
    check_residency(None, today=TODAY)
    check_residency(TODAY, today=TODAY)
    with pytest.raises(InvalidInput) as refused:
        check_residency(TODAY + timedelta(days=1), today=TODAY)
    assert refused.value.facts == {"fields": {"residency_on": ["date_in_future"]}}


@given(
    st.dates(date(2015, 1, 1), date(2024, 1, 1)),
    st.dates(date(2010, 1, 1), date(2024, 6, 3)),
    st.sampled_from(Education),
)
def test_a_residency_certificate_never_makes_anything_later(started, residency_on, education):
    """Each row of §7 is a way of its own."""
    found = practice(Level.LICENSED, started)
    without = clock("licensed_to_attending", found, education).reached_on
    with_it = clock("licensed_to_attending", found, education, residency_on=residency_on).reached_on
    assert with_it <= without
    assert with_it >= started

"""What a rule learns of a form, and how far each kind of field may go: to the last day, letter and choice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.applications.domain.business import Field, FieldKind, Step
from services.applications.domain.days import add_years
from services.applications.domain.facts import Answers
from services.applications.domain.form import answers_of, check_step, institution_of
from services.applications.domain.institution import Authority
from shared.platform.errors import InvalidInput
from tests.unit.applications.factories import INSTITUTION, REG, TODAY, an_institution, numbered

FULL = {
    "personal": {
        "full_capacity": True,
        "criminal_penalty": True,
        "sentence_served_on": "2020-02-29",
        "barred_by_law": False,
        "health_fit": True,
        "photo_taken_on": "2026-10-20",
        "health_check_on": "2026-11-02",
    },
    "institution": {"institution_id": str(INSTITUTION), "start_on": "2026-12-01"},
    "scope": {"category": "10", "scopes": ["C01", "C11"]},
}


def test_every_answer_of_a_form_reaches_the_rules():
    """医师法 art.16: what was declared on a page is what the grounds for refusal look at."""
    assert answers_of(FULL) == Answers(
        scopes=("C01", "C11"),
        category="10",
        start_on=date(2026, 12, 1),
        full_capacity=True,
        criminal_penalty=True,
        sentence_served_on=date(2020, 2, 29),
        barred_by_law=False,
        health_fit=True,
        photo_taken_on=date(2026, 10, 20),
        health_check_on=date(2026, 11, 2),
    )
    assert institution_of(FULL) == INSTITUTION


@pytest.mark.parametrize("form", [{}, {"personal": {}, "institution": {}, "scope": {}}])
def test_what_is_not_filled_in_is_not_answered(form):
    assert answers_of(form) == Answers()
    assert institution_of(form) is None


def faults(step: Step, **values) -> dict[str, list[str]]:
    """What is wrong with a page, by field; the refusal is of the form's own kind."""
    try:
        check_step(step, values, today=TODAY)
    except InvalidInput as fault:
        refused = fault
    else:
        return {}
    assert refused.code == "invalid_input"
    return refused.facts["fields"]


DAY = Step("day", (Field("on", FieldKind.DATE, years_back=10, years_ahead=2),))
FREE_DAY = Step("day", (Field("on", FieldKind.DATE),))
TEXT = Step("text", (Field("word", FieldKind.TEXT, max_length=4),))
CHOICES = Step("choices", (Field("some", FieldKind.CHOICES, choices=("a", "b", "c"), max_choices=2),))


@pytest.mark.parametrize(
    ("step", "values", "expected"),
    [
        (DAY, {"on": add_years(TODAY, -10).isoformat()}, {}),
        (DAY, {"on": (add_years(TODAY, -10) - timedelta(days=1)).isoformat()}, {"on": ["date_out_of_range"]}),
        (DAY, {"on": add_years(TODAY, 2).isoformat()}, {}),
        (DAY, {"on": (add_years(TODAY, 2) + timedelta(days=1)).isoformat()}, {"on": ["date_out_of_range"]}),
        (FREE_DAY, {"on": "0001-01-01"}, {}),
        (FREE_DAY, {"on": "9999-12-31"}, {}),
        (TEXT, {"word": "四个汉字"}, {}),
        (TEXT, {"word": "  四个汉字  "}, {}),
        (TEXT, {"word": "五个汉字了"}, {"word": ["too_long"]}),
        (TEXT, {"word": ""}, {"word": ["required"]}),
        (CHOICES, {"some": ["a", "b"]}, {}),
        (CHOICES, {"some": ["a", "b", "a"]}, {}),
        (CHOICES, {"some": ["a", "b", "c"]}, {"some": ["too_many"]}),
        (CHOICES, {"some": []}, {"some": ["required"]}),
        (TEXT, {"word": "一", "more": 1}, {"more": ["unknown_field"]}),
    ],
)
def test_a_field_takes_what_lies_on_its_limit_and_nothing_beyond(step, values, expected):
    """The limit itself is still inside: the last day, the last letter, the last choice."""
    assert faults(step, **values) == expected


@pytest.mark.parametrize(
    ("end", "expected"), [("2026-12-01", {}), ("2026-11-30", {"end_on": ["before_start"]}), ("2026-12-02", {})]
)
@pytest.mark.parametrize("department", [{}, {"department": "内科"}])
def test_a_contract_may_end_on_the_day_it_begins_and_not_before(end, expected, department):
    """医师执业注册管理办法 art.12: the proof of employment has a start and may have an end."""
    values = {"institution_id": str(INSTITUTION), "start_on": "2026-12-01", "end_on": end, **department}
    assert faults(REG.step("institution"), **values) == expected


@pytest.mark.parametrize(
    ("served", "expected"), [("2020-02-29", {}), (None, {"sentence_served_on": ["sentence_date_needed"]})]
)
def test_who_declares_a_sentence_says_when_it_was_served(served, expected):
    """医师法 art.16(2): the two years are counted from that day (E53)."""
    values = {
        "full_capacity": True,
        "health_fit": True,
        "criminal_penalty": True,
        "barred_by_law": False,
        "sentence_served_on": served,
    }
    assert faults(REG.step("personal"), **values) == expected


def test_the_competent_authority_stands_first_and_a_tier_without_one_has_none():
    """医师执业注册管理办法 art.9: an upper tier looks only where there is one."""
    institution = an_institution()
    city = Authority(numbered(0xE3), "示例市卫生健康委员会", "city", "4301")
    another = Authority(numbered(0xE4), "另一区卫生健康局", "county", "430103")
    placed = an_institution(superiors=(city,), subordinates=(another,))
    assert placed.authority_of("county") == institution.authority
    assert placed.authority_of("city") == city
    assert placed.authority_of("province") is None


def test_the_last_year_of_the_calendar_is_still_a_year():
    """Only what lies beyond it becomes its last day."""
    assert add_years(date(9990, 5, 1), 9) == date(9999, 5, 1)
    assert add_years(date(9990, 5, 1), 10) == date.max

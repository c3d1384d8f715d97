"""Each page of the form is checked as a whole, every wrong field with its own code (`ui.md` §6)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.form import answers_of, check_step, institution_of
from shared.platform.errors import InvalidInput
from tests.unit.applications.factories import INSTITUTION, REG, TODAY, an_application

FINE: dict[str, dict[str, Any]] = {
    "personal": {"full_capacity": True, "health_fit": True, "criminal_penalty": False, "barred_by_law": False},
    "qualification": {},
    "institution": {"institution_id": str(INSTITUTION), "start_on": "2026-12-01", "department": " 心内科 "},
    "scope": {"scopes": ["C01", "C01", "C02"]},
}


def errors(step: str, values: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong with a page, field by field."""
    with pytest.raises(InvalidInput) as refused:
        check_step(REG.step(step), values, today=TODAY)
    found: dict[str, list[str]] = refused.value.facts["fields"]
    return found


@pytest.mark.parametrize("step", list(FINE))
def test_a_page_that_is_filled_in_is_stored_in_its_plain_form(step):
    """Text is trimmed, a repeated choice counted once, dates and identifiers in one form."""
    stored = check_step(REG.step(step), FINE[step], today=TODAY)
    assert check_step(REG.step(step), stored, today=TODAY) == stored
    assert stored.get("scopes", ["C01", "C02"]) == ["C01", "C02"]
    assert stored.get("department", "心内科") == "心内科"


@pytest.mark.parametrize(
    ("step", "changed", "field", "code"),
    [
        ("personal", {"health_fit": None}, "health_fit", "required"),
        ("personal", {"health_fit": "yes"}, "health_fit", "yes_or_no_expected"),
        ("personal", {"name": "另一个"}, "name", "locked"),
        ("personal", {"surprise": 1}, "surprise", "unknown_field"),
        ("personal", {"criminal_penalty": True}, "sentence_served_on", "sentence_date_needed"),
        ("qualification", {"category": "41"}, "category", "locked"),
        ("institution", {"institution_id": "hospital"}, "institution_id", "not_a_choice"),
        ("institution", {"institution_id": 7}, "institution_id", "not_a_choice"),
        ("institution", {"start_on": "2026-02-30"}, "start_on", "date_expected"),
        ("institution", {"start_on": 20261201}, "start_on", "date_expected"),
        ("institution", {"end_on": "2026-11-30"}, "end_on", "before_start"),
        ("institution", {"start_on": "9999-12-31"}, "start_on", "date_out_of_range"),
        ("institution", {"start_on": "2028-11-24"}, "start_on", "date_out_of_range"),
        ("institution", {"start_on": "2016-11-22"}, "start_on", "date_out_of_range"),
        ("institution", {"end_on": "2076-11-24"}, "end_on", "date_out_of_range"),
        ("institution", {"start_on": "2020-01-01", "end_on": "2026-11-22"}, "end_on", "date_out_of_range"),
        (
            "personal",
            {"criminal_penalty": True, "sentence_served_on": "9999-01-01"},
            "sentence_served_on",
            "date_out_of_range",
        ),
        (
            "personal",
            {"criminal_penalty": True, "sentence_served_on": "0001-01-01"},
            "sentence_served_on",
            "date_out_of_range",
        ),
        ("institution", {"department": "科" * 41}, "department", "too_long"),
        ("institution", {"department": 4}, "department", "text_expected"),
        ("scope", {"scopes": []}, "scopes", "required"),
        ("scope", {"scopes": ["Z99"]}, "scopes", "not_a_choice"),
        ("scope", {"scopes": "C01"}, "scopes", "not_a_choice"),
        ("scope", {"scopes": ["C01", "C02", "C03", "C04", "C05", "C06"]}, "scopes", "too_many"),
    ],
)
def test_a_wrong_field_is_named_with_its_code(step, changed, field, code):
    """What is wrong, and where; the sentence is the gateway's."""
    assert errors(step, {**FINE[step], **changed})[field] == [code]


def test_all_wrong_fields_are_named_at_once():
    """一次性告知: nobody corrects one field to learn of the next."""
    assert set(errors("institution", {"start_on": "soon", "department": 3})) == {
        "institution_id",
        "start_on",
        "department",
    }


@given(
    st.sampled_from(list(FINE)),
    st.dictionaries(st.text(max_size=12), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())),
)
def test_any_input_is_stored_or_refused_with_its_fields(step, values):
    """Whatever a caller sends, it is never a fault of the program."""
    with suppress(InvalidInput):
        assert isinstance(check_step(REG.step(step), values, today=TODAY), dict)


def test_the_rules_see_what_the_form_says():
    """An empty form leaves every answer open."""
    application = an_application()
    answers = answers_of(application.form)
    assert (answers.scopes, answers.health_fit, answers.criminal_penalty) == (("C01",), True, False)
    assert institution_of(application.form) == INSTITUTION
    nothing = answers_of({})
    assert (nothing.scopes, nothing.health_fit, institution_of({})) == ((), None, None)

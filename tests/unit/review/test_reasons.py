"""Reasons: itemised, known, with the words that they need (ui §7, 行政许可法 art.38)."""

from __future__ import annotations

import pytest

from services.review.domain.case import Reason
from services.review.views import action_option
from shared.platform.errors import InvalidInput, RuleViolated

from .makers import CLERK, DECIDER, WINDOW, a_context, accepted, opened, received, step, workflow


def returned(*reasons: Reason, note: str = ""):
    return step(opened(), "return_to_applicant", CLERK, a_context(reasons=reasons, note=note)).case.reasons


def test_a_reason_with_one_target_needs_none_named():
    assert returned(Reason("employment_proof_missing_seal")) == (
        Reason("employment_proof_missing_seal", "employment_proof"),
    )


def test_a_reason_with_several_targets_names_one_of_them():
    for target in ("", "diary"):
        with pytest.raises(InvalidInput, match="reason_target_unknown"):
            returned(Reason("document_unreadable", target))
    assert returned(Reason("document_unreadable", "photo"))[0].target == "photo"


@pytest.mark.parametrize("code", ["unheard_of", "not_employed_here", "criminal_penalty"])
def test_a_code_that_does_not_belong_to_the_action_is_refused(code):
    with pytest.raises(InvalidInput, match="reason_unknown"):
        returned(Reason(code))


def test_other_needs_words():
    with pytest.raises(RuleViolated, match="reason_note_required"):
        returned(Reason("other"))
    assert returned(Reason("other", note="  请补充科室 "))[0].note == "请补充科室"
    assert returned(Reason("other"), note="请补充科室")


def test_one_point_is_raised_once():
    with pytest.raises(InvalidInput, match="reason_given_twice"):
        returned(Reason("photo_unfit"), Reason("photo_unfit", "photo"))


@pytest.mark.parametrize(
    "case,action,actor",
    [
        (opened(), "return_to_applicant", CLERK),
        (opened(), "reject", CLERK),
        (received(), "supplement", WINDOW),
        (received(), "not_accept", WINDOW),
        (accepted(), "refuse", DECIDER),
    ],
)
def test_whoever_says_no_says_why(case, action, actor):
    """行政许可法 art.32, 38."""
    with pytest.raises(RuleViolated, match="reasons_required"):
        step(case, action, actor, a_context(note="说明"))


def test_an_action_without_reasons_takes_none():
    with pytest.raises(InvalidInput, match="reasons_not_expected"):
        step(opened(), "confirm", CLERK, a_context(reasons=(Reason("other", note="x"),)))


def test_every_ground_of_the_law_stands_in_the_catalogue():
    """医师法 art.16, 医师执业注册管理办法 art.6: N1 to N10 of domain §3.11."""
    grounds = {code for code in workflow().reason_codes("refuse") if workflow().reasons[code].article}
    assert {
        "no_civil_capacity",
        "criminal_penalty",
        "licence_revoked",
        "assessment_failed",
        "other_law",
        "health_unfit",
        "re_entry_assessment_failed",
        "organised_cheating",
        "forged_qualification",
        "banned_from_applying",
    } <= grounds


def test_who_decides_is_told_which_reasons_ask_for_words():
    """The table is the one source: the page asks for exactly what the rule would refuse without (note_required)."""
    table = workflow()
    refuse = next(action for action in table.actions if action.name == "refuse")
    told = action_option(table, refuse)
    assert told["noted_reasons"] == [code for code in told["reason_codes"] if table.reasons[code].note]
    assert {"other", "other_law", "health_unfit"} <= set(told["noted_reasons"])
    assert "licence_revoked" not in told["noted_reasons"]

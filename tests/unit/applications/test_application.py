"""An application from its first page to its submission, its return and its supplement."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.applications.domain.application import (
    Application,
    Reason,
    attach,
    may_edit,
    may_upload,
    noticed,
    refuse_too_many,
    save_step,
    step_states,
    submit,
    supplement,
)
from services.applications.domain.days import add_days
from shared.platform.errors import Conflict, InvalidInput, RuleViolated
from shared.trade.statuses import ApplicationState as State
from tests.unit.applications.factories import (
    NOW,
    REG,
    TODAY,
    a_material,
    a_pin,
    a_qualification,
    an_application,
    an_assessment,
    an_institution,
    facts,
    fine_answers,
    policy,
)

EDITABLE = (State.DRAFT, State.ORG_RETURNED)
REQUIRED = frozenset({"photo", "employment_proof"})


def saved(application: Application, step: str = "scope", **values) -> Application:
    """The application with one page saved."""
    return save_step(
        application, REG, step, values or {"scopes": ["C02"]}, institution=None, now=NOW, today=TODAY, keep_days=30
    )


def test_a_complete_draft_is_submitted_with_all_that_the_rules_saw():
    """SUBMITTED: outcomes, pinned policy, institution as it is, and no date of expiry any more."""
    submitted = submit(an_application(), REG, an_assessment(), now=NOW)
    assert (submitted.state, submitted.submission, submitted.acts_next) == (State.SUBMITTED, 1, "institution")
    assert submitted.policy == a_pin()
    assert submitted.keeps_until is None
    assert len(submitted.outcomes) == len(REG.rules)


def test_a_rule_that_failed_stops_the_submission_and_is_named():
    """not_ready: the codes of every failed rule, so that the person knows all at once."""
    wrong = an_assessment(
        facts(institution=an_institution(licence_status="suspended"), qualification=a_qualification(status="frozen"))
    )
    with pytest.raises(RuleViolated) as refused:
        submit(an_application(), REG, wrong, now=NOW)
    assert refused.value.code == "not_ready"
    assert refused.value.facts["codes"] == ["qualification_frozen", "licence_suspended"]


def test_an_open_page_stops_the_submission():
    """form_incomplete names the pages."""
    form = {name: values for name, values in an_application().form.items() if name != "personal"}
    with pytest.raises(RuleViolated) as refused:
        submit(an_application(form=form), REG, an_assessment(), now=NOW)
    assert (refused.value.code, refused.value.facts) == ("form_incomplete", {"steps": ["personal"]})


def test_a_missing_material_stops_the_submission():
    """materials_missing names the kinds, those that a rule asks for included (E27)."""
    with pytest.raises(RuleViolated) as refused:
        submit(an_application(materials=()), REG, an_assessment(), now=NOW)
    assert refused.value.facts == {"materials": ["photo", "employment_proof"]}
    late = an_assessment(facts(qualification=a_qualification(published_on=add_days(TODAY, -800))))
    with pytest.raises(RuleViolated) as refused:
        submit(an_application(), REG, late, now=NOW)
    assert (refused.value.code, refused.value.facts) == ("materials_missing", {"materials": ["training_proof"]})


def test_what_a_person_has_to_judge_goes_on_with_the_application():
    """A health doubt is no obstacle to the submission: an officer decides (E54)."""
    doubtful = an_assessment(facts(answers=fine_answers(health_fit=False)))
    assert submit(an_application(), REG, doubtful, now=NOW).state is State.SUBMITTED


def test_a_returned_application_keeps_its_first_day_and_counts_from_its_latest():
    """Submission n+1 goes on with the number; the two years count to the day it was submitted again (E27)."""
    first = submit(an_application(), REG, an_assessment(), now=NOW)
    returned = replace(first, state=State.ORG_RETURNED, reasons=(Reason("wrong_scope", "scope"),))
    again = submit(saved(returned), REG, an_assessment(), now=NOW + timedelta(days=40))
    assert (again.submission, again.reasons) == (2, ())
    assert returned.filed_at is None  # who is asked again files again: today counts, not the first attempt
    assert again.filed_at == NOW + timedelta(days=40)  # the office's time lapses nobody


def test_a_draft_too_many_is_not_begun():
    """too_many_drafts, of all kinds together."""
    refuse_too_many(4)
    with pytest.raises(Conflict, match="too_many_drafts") as refused:
        refuse_too_many(5)
    assert refused.value.facts == {"most": 5}


@pytest.mark.parametrize("state", list(State))
def test_the_form_is_open_to_its_applicant_as_a_draft_and_after_a_return(state):
    """Every state: pages may be saved and the whole submitted in two of them only."""
    application = an_application(state=state)
    if state in EDITABLE:
        assert saved(application).form["scope"] == {"scopes": ["C02"]}
        assert submit(application, REG, an_assessment(), now=NOW).state is State.SUBMITTED
        return
    with pytest.raises(Conflict, match="application_not_editable"):
        saved(application)
    with pytest.raises(Conflict, match="application_not_editable"):
        submit(application, REG, an_assessment(), now=NOW)


@pytest.mark.parametrize("state", list(State))
def test_materials_may_come_as_long_as_the_form_is_open_or_a_supplement_is_asked(state):
    """Every state; the last upload of a kind wins (§2.4)."""
    application, newer = an_application(state=state), a_material("photo", address="b" * 64)
    if state in (*EDITABLE, State.SUPPLEMENT):
        changed = attach(application, newer, now=NOW, today=TODAY, keep_days=30)
        assert {item.kind: item.address[0] for item in changed.materials} == {"employment_proof": "a", "photo": "b"}
        return
    with pytest.raises(Conflict, match="application_not_editable"):
        attach(application, newer, now=NOW, today=TODAY, keep_days=30)


@pytest.mark.parametrize(
    ("target", "step", "may"),
    [
        ("scope", "scope", True),
        ("scopes", "scope", True),
        ("employment_proof", "scope", False),
        ("health_fit", "personal", True),
        ("institution", "institution", False),
        ("start_on", "institution", False),
    ],
)
def test_after_a_supplement_notice_only_what_it_points_at_may_change(target, step, may):
    """补正: the institution has confirmed, so it stays."""
    application = an_application(state=State.SUPPLEMENT, reasons=(Reason("wrong", target),))
    assert may_edit(application, REG.step(step)) is may


@pytest.mark.parametrize("state", list(State))
def test_a_supplement_is_handed_in_only_where_one_was_asked_for(state):
    """行政许可法 art.32(4)."""
    application = an_application(state=state)
    if state is State.SUPPLEMENT:
        assert supplement(application, REG, an_assessment(), now=NOW).acts_next == "window"
        return
    with pytest.raises(Conflict, match="no_supplement_asked"):
        supplement(application, REG, an_assessment(), now=NOW)


def test_a_notice_is_answered_once():
    """A double click under another key: the second is refused, and nothing can be changed behind the window's back."""
    answered = supplement(an_application(state=State.SUPPLEMENT, notice=1), REG, an_assessment(), now=NOW)
    with pytest.raises(Conflict, match="supplement_already_sent"):
        supplement(answered, REG, an_assessment(), now=NOW)
    assert not may_upload(answered)
    assert not may_edit(replace(answered, reasons=(Reason("scope_unfit", "scope"),)), REG.step("scope"))


@pytest.mark.parametrize(
    ("state", "notice", "asks"),
    [
        (State.SUPPLEMENT, 1, False),  # papers that came to the window: the same notice, answered already
        (State.SUPPLEMENT, 2, True),  # a rule asks for more meanwhile
        (State.RECEIVED, 2, True),  # the officer's next notice
        (State.RECEIVED, 1, True),
    ],
)
def test_only_a_newer_notice_asks_anew(state, notice, asks):
    """Each notice of the case has its number, and its own answer."""
    answered = an_application(state=state, notice=1, answered_notice=1)
    assert replace(noticed(answered, notice), state=State.SUPPLEMENT).awaits_supplement is asks


def test_a_supplement_that_leaves_open_what_the_applicant_can_put_right_is_not_taken():
    """What still fails on a page that is open would only come back."""
    asked = an_application(state=State.SUPPLEMENT, reasons=(Reason("scope_not_covered", "scope"),))
    strict = policy(scope__check_departments="require")
    blocked = an_assessment(facts(answers=fine_answers(scopes=("C06",)), policy=strict))
    with pytest.raises(RuleViolated, match="not_ready") as refused:
        supplement(asked, REG, blocked, now=NOW)
    assert refused.value.facts["rules"] == ["scope_covered"]
    put_right = saved(asked, scopes=["C01"])
    assert supplement(put_right, REG, an_assessment(facts(policy=strict)), now=NOW).acts_next == "window"


@pytest.mark.parametrize(
    "changed",
    [{"institution": an_institution(licence_status="cancelled")}, {"answers": fine_answers(scopes=("T01",))}],
)
def test_what_no_open_page_can_change_goes_to_the_window(changed):
    """The institution has confirmed, another page was not asked for: a person decides, and nobody is locked in."""
    asked = an_application(state=State.SUPPLEMENT, reasons=(Reason("photo_unfit", "photo"),))
    assert supplement(asked, REG, an_assessment(facts(**changed)), now=NOW).acts_next == "window"


def test_a_supplement_without_a_material_that_is_asked_for_is_not_taken():
    """materials_missing: what the policy of the receipt demands anew has to be there, too."""
    online = an_assessment(facts(policy=policy(paper__required=False)))
    asked = an_application(state=State.SUPPLEMENT, reasons=(Reason("document_missing", "health_check"),))
    with pytest.raises(RuleViolated, match="materials_missing") as refused:
        supplement(asked, REG, online, now=NOW)
    assert refused.value.facts == {"materials": ["health_check"]}
    complete = attach(asked, a_material("health_check"), now=NOW, today=TODAY, keep_days=30)
    assert supplement(complete, REG, online, now=NOW).answered_notice == 0


def test_a_draft_lives_thirty_days_after_its_last_edit():
    """retention.draft_days: each save moves the day; a returned application has none."""
    assert saved(an_application()).keeps_until == add_days(TODAY, 30)
    assert saved(an_application(state=State.ORG_RETURNED)).keeps_until is None


@pytest.mark.parametrize("step", ["materials", "check", "unheard_of"])
def test_a_step_without_a_page_of_its_own_cannot_be_saved(step):
    """Files and the submission have their own ways."""
    with pytest.raises(InvalidInput):
        saved(an_application(), step, values=1)


@pytest.mark.parametrize(
    ("changed", "states"),
    [
        ({"form": {}, "materials": ()}, ["open", "open", "open", "open", "open", "blocked"]),
        ({"materials": (a_material("photo"),)}, ["done", "done", "done", "done", "started", "blocked"]),
        ({}, ["done", "done", "done", "done", "done", "open"]),
        ({"state": State.ORG_REVIEW}, ["done", "done", "done", "done", "done", "done"]),
    ],
)
def test_the_task_list_says_how_far_each_page_is(changed, states):
    """`ui.md` §4: the check comes last, once everything else is done."""
    assert [state for _, state in step_states(an_application(**changed), REG, REQUIRED)] == states

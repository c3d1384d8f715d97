"""The rules of the procedure, each with its article or its case number (domain §3.0, §3.1, §11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.review.domain.case import Reason
from services.review.domain.submissions import Reassessment, Supplement, assessed_anew, submitted_again, supplemented
from services.review.domain.transitions import options
from shared.platform.errors import Conflict, InvalidInput, PermissionDenied, RuleViolated

from .makers import (
    APPLICANT,
    CITY,
    CLERK,
    COUNTY,
    DECIDER,
    ELSEWHERE,
    HOSPITAL,
    MONDAY,
    OTHER_HOSPITAL,
    PERSON,
    PROVINCE,
    WINDOW,
    a_context,
    a_policy,
    a_submission,
    accepted,
    an_institution,
    an_outcome,
    confirmed,
    days_later,
    event,
    in_state,
    opened,
    received,
    settled,
    staff,
    step,
    timer,
    walk,
    with_reason,
    workflow,
)

PAPERS = ("employment_proof", "application_form")


def offered(case, actor, context=None):
    return {action.name for action in options(workflow(), case, actor, context or a_context())}


# --- the institution --------------------------------------------------------------------------------------------------


def test_a_rejected_application_ends_and_never_reaches_the_authority():
    """E28: the institution rejects; the authority never sees it (domain §3.0, the source page's rule)."""
    rejected = step(opened(), "reject", CLERK, with_reason("not_employed_here"))
    assert (rejected.case.state, rejected.task) == ("ORG_REJECTED", None)
    assert rejected.case.received_on is None
    assert not offered(rejected.case, WINDOW) | offered(rejected.case, DECIDER) | offered(rejected.case, CLERK)


def test_the_institutions_silence_is_never_a_confirmation():
    """Domain §9.1: ten working days, then reminders only."""
    case = opened()
    for late in (15, 40, 400):
        with pytest.raises(PermissionDenied):
            step(case, "confirm", timer("institution"), a_context(days_later(late)))
    assert workflow().clocks["institution"].then == "remind"


def test_an_application_that_comes_back_goes_on_with_the_same_case():
    """Design §2: submission n+1 continues the case, here with another institution, whose authority is competent now."""
    returned = step(opened(), "return_to_applicant", CLERK, with_reason("photo_unfit", note="照片过期")).case
    assert returned.reasons == (Reason("photo_unfit", "photo", "照片过期"),)
    other = an_institution(authority=CITY, hospital=OTHER_HOSPITAL)
    again = submitted_again(returned, a_submission(submission=2, institution=other))
    resubmitted = step(again, "resubmit", event("application_submitted")).case
    assert (resubmitted.id, resubmitted.submission, resubmitted.state) == (returned.id, 2, "ORG_REVIEW")
    assert resubmitted.reasons == ()
    with pytest.raises(PermissionDenied):
        step(resubmitted, "confirm", CLERK)
    assert confirmed_by(resubmitted, staff("clerk", OTHER_HOSPITAL)).institution.authority == CITY


def confirmed_by(case, clerk):
    return step(case, "confirm", clerk).case


def test_a_submission_out_of_order_is_refused():
    returned = step(opened(), "return_to_applicant", CLERK, with_reason("photo_unfit")).case
    for number in (1, 3):
        with pytest.raises(Conflict, match="submission_out_of_order"):
            submitted_again(returned, a_submission(submission=number))


# --- receipt and acceptance -------------------------------------------------------------------------------------------


def test_the_paper_file_makes_the_application_received_and_pins_the_policy_of_that_day():
    """Design §2: the version in force on the day of receipt is pinned (`paper.clock_event` PAPER_RECEIVED)."""
    later = a_policy(on=date(2022, 11, 9), number="43-2", sla__decision_days=15)
    case = confirmed()
    assert (case.state, case.received_on, case.policy.number) == ("ORG_CONFIRMED", None, "national-1")
    context = a_context(days_later(2), later, papers=("employment_proof",))
    case = step(case, "receive_paper", WINDOW, context).case
    assert (case.state, case.received_on, case.policy.number) == ("RECEIVED", date(2022, 11, 9), "43-2")
    assert case.paper_received == ("employment_proof",)


@pytest.mark.parametrize("knobs", [{"paper__required": False}, {"paper__clock_event": "ORG_CONFIRMED"}])
def test_where_no_paper_is_awaited_the_confirmation_is_the_receipt(knobs):
    """Domain §8: `paper.required`, `paper.clock_event`."""
    policy = a_policy(number="online", **knobs)
    case = confirmed(context=a_context(policy=policy))
    assert (case.state, case.received_on, case.policy.number) == ("RECEIVED", date(2022, 11, 7), "online")


def test_what_is_not_complete_is_supplemented_and_not_accepted():
    """行政许可法 art.32(5): accepted is what is complete; the window may go on ticking papers that come later."""
    case = step(confirmed(), "receive_paper", WINDOW, a_context(papers=("employment_proof",))).case
    with pytest.raises(RuleViolated, match="paper_incomplete") as refused:
        step(case, "accept", WINDOW)
    assert refused.value.facts == {"missing": ["application_form"]}
    case = step(case, "receive_paper", WINDOW, a_context(papers=("application_form",))).case
    assert case.paper_received == ("employment_proof", "application_form")
    assert step(case, "accept", WINDOW).case.state == "ACCEPTED"


def test_a_paper_that_nobody_asked_for_is_refused():
    with pytest.raises(InvalidInput, match="paper_unknown"):
        step(confirmed(), "receive_paper", WINDOW, a_context(papers=("diary",)))


def test_everything_missing_is_told_at_once():
    """行政许可法 art.32(4): 一次告知; a second notice may only repeat what was not put right."""
    case = step(received(), "supplement", WINDOW, with_reason("photo_unfit")).case
    case = step(case, "supplemented", event("application_supplemented")).case
    with pytest.raises(RuleViolated, match="supplement_all_at_once") as refused:
        step(case, "supplement", WINDOW, with_reason("employment_proof_missing_seal"))
    assert refused.value.facts == {"targets": ["employment_proof"]}
    assert step(case, "supplement", WINDOW, with_reason("document_expired", target="photo")).case.state == "SUPPLEMENT"


def test_the_points_raised_stay_visible_while_the_answer_is_looked_at():
    case = step(received(), "supplement", WINDOW, with_reason("photo_unfit")).case
    case = step(case, "supplemented", event("application_supplemented")).case
    assert case.reasons == (Reason("photo_unfit", "photo"),)
    assert step(case, "accept", WINDOW).case.reasons == ()


def test_five_silent_working_days_are_an_acceptance_from_the_day_of_receipt():
    """行政许可法 art.32(4): 逾期不告知的，自收到申请材料之日起即为受理."""
    case = received()
    assert case.running_clock.due_on == date(2022, 11, 14)
    with pytest.raises(Conflict, match="clock_still_running"):
        step(case, "deem_accepted", timer("supplement_notice"), a_context(days_later(7)))
    deemed = step(case, "deem_accepted", timer("supplement_notice"), a_context(days_later(8)))
    assert (deemed.case.state, deemed.case.accepted_on) == ("ACCEPTED", date(2022, 11, 7))
    assert deemed.step.effective_on == date(2022, 11, 7)
    assert deemed.case.running_clock.due_on == date(2022, 12, 5)


@pytest.mark.parametrize("action,reason", [("accept", ""), ("supplement", "photo_unfit"), ("not_accept", "other")])
def test_after_the_fifth_day_nobody_can_undo_what_silence_has_done(action, reason):
    """行政许可法 art.32(4): between the end of the fifth day and the clock's own step, the law has decided already."""
    reasons = (Reason(reason, note="说明"),) if reason else ()
    with pytest.raises(RuleViolated, match="deemed_accepted"):
        step(received(), action, WINDOW, a_context(days_later(8), reasons=reasons, note="说明"))


def test_the_days_count_anew_from_the_day_the_rest_came_in():
    """Domain §3.0: a supplement is before acceptance, so the period of the notice begins with the second receipt."""
    case = step(received(), "supplement", WINDOW, with_reason("photo_unfit")).case
    assert case.running_clock is None
    case = step(case, "supplemented", event("application_supplemented"), a_context(days_later(21))).case
    assert (case.received_on, case.running_clock.due_on) == (date(2022, 11, 28), date(2022, 12, 5))
    assert case.policy.on == date(2022, 11, 7)


def test_who_is_not_competent_any_more_cannot_accept_and_names_the_right_one():
    """E31: the licence's authority changed meanwhile (行政许可法 art.32(2))."""
    case = received()
    with pytest.raises(RuleViolated, match="not_competent") as refused:
        step(case, "accept", WINDOW, a_context(present_authority=ELSEWHERE))
    assert refused.value.facts["right_authority_id"] == str(ELSEWHERE.id)
    with pytest.raises(RuleViolated, match="right_authority_required"):
        step(case, "not_accept", WINDOW, with_reason("wrong_authority"))
    sent = step(case, "not_accept", WINDOW, with_reason("wrong_authority", right_authority=ELSEWHERE))
    assert (sent.case.state, sent.step.right_authority) == ("NOT_ACCEPTED", ELSEWHERE)
    assert sent.decision is None  # no refusal on record


# --- the decision -----------------------------------------------------------------------------------------------------


def test_twenty_working_days_over_spring_festival_with_its_make_up_days():
    """E30: accepted 2023-01-10 → 2023-02-10 (行政许可法 art.82; 医师法 art.13)."""
    moment = days_later(64)  # 2023-01-10
    case = accepted(opened(now=moment), context=a_context(moment))
    assert case.accepted_on == date(2023, 1, 10)
    assert case.running_clock.due_on == date(2023, 2, 10)


def test_a_promise_is_shorter_than_the_laws_period_and_never_longer():
    """医师法 art.13: 20 working days; `sla.decision_days` may promise fewer."""
    promised = accepted(context=a_context(policy=a_policy(sla__decision_days=15)))
    assert (promised.running_clock.days, promised.running_clock.due_on) == (15, date(2022, 11, 28))
    too_long = accepted(context=a_context(policy=a_policy(sla__decision_days=99)))
    assert too_long.running_clock.days == 20


def test_an_approval_is_decided_by_the_competent_authority_with_its_day():
    """医师法 art.13; the certificate follows within ten working days (行政许可法 art.44)."""
    approved = step(accepted(), "approve", DECIDER, a_context(days_later(3)))
    assert approved.decision.outcome == "approved"
    assert approved.decision.authority == COUNTY
    assert approved.decision.decided_on == approved.case.decided_on == date(2022, 11, 10)
    assert (approved.case.running_clock.name, approved.case.running_clock.due_on) == ("certificate", date(2022, 11, 24))


def test_a_refusal_states_reasons_and_remedies():
    """行政许可法 art.38; 医师法 art.16."""
    case = accepted()
    with pytest.raises(RuleViolated, match="reasons_required"):
        step(case, "refuse", DECIDER, a_context(note="说明"))
    with pytest.raises(RuleViolated, match="note_required"):
        step(case, "refuse", DECIDER, with_reason("criminal_penalty"))
    refused = step(case, "refuse", DECIDER, with_reason("criminal_penalty", note="刑罚执行完毕未满二年"))
    assert refused.decision.outcome == "refused"
    assert refused.decision.reasons == (Reason("criminal_penalty", "applicant", "刑罚执行完毕未满二年"),)
    assert refused.decision.remedies == ("administrative_review", "administrative_suit")


@pytest.mark.parametrize("state", ["ORG_REVIEW", "RECEIVED", "ACCEPTED", "PRE_REVIEW", "EFFECT_BLOCKED"])
def test_nobody_acts_on_their_own_application(state):
    """回避: a member of staff who is the applicant is offered nothing and refused everything."""
    case = in_state(state)
    place = {"ORG_REVIEW": HOSPITAL}.get(state, COUNTY.id)
    for role in ("clerk", "window", "officer", "head"):
        own = staff(role, place, PERSON)
        assert not offered(case, own)
        for name in {row.name for row in workflow().rows(state)}:
            with pytest.raises(PermissionDenied, match=r"own_application|not_your_step"):
                step(case, name, own, a_context(reasons=(Reason("other", note="x"),), note="x", papers=()))


def test_health_is_a_persons_judgement_and_needs_words():
    """Domain §3.11 N6: never automatic."""
    with pytest.raises(RuleViolated, match=r"note_required"):
        step(accepted(), "refuse", DECIDER, with_reason("health_unfit"))


# --- tiers that look first --------------------------------------------------------------------------------------------


def test_the_tiers_of_the_policy_look_one_after_another_and_the_competent_authority_decides():
    """Domain §8 `review.pre_tiers`; the deciding tier is never one of its own reviewers."""
    policy = a_policy(review__pre_tiers=["county", "city", "province"])
    context = a_context(policy=policy)
    city = staff("officer", CITY.id)
    case = walk(opened(a_submission(institution=an_institution(authority=CITY))), ("confirm", CLERK), context=context)
    case = walk(case, ("receive_paper", city), ("accept", city), context=context)
    assert (case.state, case.pre_review_tiers) == ("PRE_REVIEW", ("county", "province"))
    with pytest.raises(PermissionDenied):
        step(case, "agree", staff("officer", PROVINCE.id), context)
    case = settled(step(case, "agree", staff("officer", COUNTY.id), context).case, context)
    assert (case.state, case.pre_review_tiers) == ("PRE_REVIEW", ("province",))
    objected = with_reason("scope_outside_departments")
    case = settled(step(case, "object", staff("officer", PROVINCE.id), objected).case, context)
    assert (case.state, case.pre_reviewed) == ("ACCEPTED", ("county", "province"))
    assert case.reasons == (Reason("scope_outside_departments", "scope"),)
    assert step(case, "approve", city, context).case.state == "APPROVED"


def test_the_decision_clock_runs_on_while_others_look():
    """医师法 art.13: the 20 days are the whole procedure's, not each tier's."""
    case = in_state("PRE_REVIEW")
    assert (case.running_clock.name, case.running_clock.started_on) == ("decision", case.accepted_on)
    assert len([clock for clock in case.clocks if clock.name == "decision"]) == 1


def test_a_tier_that_no_authority_stands_for_is_passed_over():
    alone = replace(an_institution(), others=())
    case = accepted(
        opened(a_submission(institution=alone)), context=a_context(policy=a_policy(review__pre_tiers=["city"]))
    )
    assert case.state == "ACCEPTED"


# --- what changes meanwhile -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["ORG_REVIEW", "ORG_CONFIRMED", "RECEIVED", "SUPPLEMENT"])
def test_without_licence_a_waiting_application_ends(state):
    """E45, first half: TERMINATED."""
    lost = step(in_state(state), "licence_cancelled", event("licence_cancelled"))
    assert (lost.case.state, lost.task) == ("TERMINATED", None)


def test_without_licence_an_accepted_application_is_an_officers_task():
    """E45, second half: normally REFUSED "no institution"; never approved, never ended by itself."""
    case = replace(accepted(), licence_status="cancelled")
    lost = step(case, "licence_cancelled", event("licence_cancelled"))
    assert (lost.case.state, lost.task.tab, lost.task.organisation_id) == ("ACCEPTED", "exception", COUNTY.id)
    with pytest.raises(RuleViolated, match="institution_not_licensed"):
        step(lost.case, "approve", DECIDER)
    refused = step(lost.case, "refuse", DECIDER, with_reason("institution_not_licensed", note="机构已注销"))
    assert refused.case.state == "REFUSED"


def test_a_tier_does_not_look_at_a_case_whose_institution_is_gone():
    """E45: the case comes back to the competent authority at once, and isn't forwarded again."""
    case = replace(in_state("PRE_REVIEW"), licence_status="cancelled")
    context = a_context(policy=case.policy)
    lost = settled(step(case, "licence_cancelled", event("licence_cancelled"), context).case, context)
    assert lost.state == "ACCEPTED"


def test_a_suspended_licence_stops_the_approval_and_nothing_else():
    case = replace(accepted(), licence_status="suspended")
    with pytest.raises(RuleViolated, match="institution_not_licensed"):
        step(case, "approve", DECIDER)
    assert "refuse" in offered(case, DECIDER)


def test_an_annulled_qualification_ends_every_open_case():
    """E55, domain §6.7: open applications are terminated."""
    for state in ("ORG_REVIEW", "ORG_RETURNED", "ORG_CONFIRMED", "RECEIVED", "SUPPLEMENT", "ACCEPTED", "PRE_REVIEW"):
        assert (
            step(in_state(state), "qualification_annulled", event("qualification_annulled")).case.state == "TERMINATED"
        )


def test_a_blocked_approval_is_somebodys_task_again():
    """Domain §3.0: APPROVED → EFFECT_BLOCKED → approved anew, refused or terminated, by a person."""
    reasons = (Reason("scope_full"),)
    blocked = step(in_state("APPROVED"), "effect_blocked", event("effect_blocked"), a_context(reasons=reasons))
    assert (blocked.case.state, blocked.task.tab, blocked.case.reasons) == ("EFFECT_BLOCKED", "exception", reasons)
    assert blocked.case.running_clock.name == "decision"
    assert offered(blocked.case, DECIDER) == {"approve", "refuse", "terminate"}
    anew = step(blocked.case, "approve", DECIDER, a_context(days_later(1)))
    assert (anew.case.state, anew.decision.outcome) == ("APPROVED", "approved")


def test_what_the_policy_of_the_receipt_asks_more_becomes_a_supplement():
    """Design §2: a new failure becomes a supplement, never a silent loss."""
    newer = a_policy(number="43-2")
    outcomes = (an_outcome("gate_open"), an_outcome("health_check", "failed"))
    case, points = assessed_anew(received(), Reassessment(newer, outcomes, ("health_check",), (), PAPERS))
    asked = step(case, "reassess", event("application_reassessed"), a_context(reasons=points))
    assert (asked.case.state, asked.case.policy.number) == ("SUPPLEMENT", "43-2")
    assert asked.case.reasons == (Reason("health_check_failed", "application"),)
    assert asked.case.failing_checks("officer") == 1


@pytest.mark.parametrize(
    ("remedy", "target"),
    [
        ({"step": "scope"}, "scope"),
        ({"step": "personal", "field": "health_fit"}, "personal"),
        ({"material": "training_proof", "months": 6}, "training_proof"),
        ({"enter": "paper_certificate", "material": "qualification_certificate"}, "qualification_certificate"),
        ({"business": "CHANGE"}, "application"),
    ],
)
def test_a_rule_that_fails_anew_speaks_of_the_page_or_paper_that_would_change_it(remedy, target):
    """行政许可法 art.32(4): the notice says what is to be put right, where the applicant can answer it."""
    outcomes = (an_outcome("scope_covered", "failed") | {"remedy": remedy},)
    case, points = assessed_anew(received(), Reassessment(a_policy(), outcomes, ("scope_covered",), (), PAPERS))
    assert points == (Reason("scope_covered_failed", target),)
    assert case.outcomes[0]["remedy"] == remedy


def test_a_document_that_only_the_policy_of_the_receipt_asks_for_is_a_point_and_a_paper_to_receive():
    """Domain §8: told at once with the rest, and accepted only with it (行政许可法 art.32(4), (5))."""
    needs_training = an_outcome("two_year_lapse", "needs_proof") | {"remedy": {"material": "training_proof"}}
    found = Reassessment(
        a_policy(number="43-2"),
        (needs_training,),
        newly_failed=("two_year_lapse",),
        missing_materials=("training_proof", "health_check"),
        paper_materials=(*PAPERS, "licence_copy"),
    )
    case, points = assessed_anew(received(), found)
    assert [(point.code, point.target) for point in points] == [
        ("two_year_lapse_needs_proof", "training_proof"),
        ("document_missing", "health_check"),
        ("document_missing", "licence_copy"),
    ]
    asked = step(case, "reassess", event("application_reassessed"), a_context(reasons=points)).case
    back = step(asked, "supplemented", event("application_supplemented")).case
    with pytest.raises(RuleViolated, match="paper_incomplete") as refused:
        step(back, "accept", WINDOW)
    assert refused.value.facts == {"missing": ["licence_copy"]}


def test_each_notice_has_its_number():
    """An answer names the notice that it answers: the officer's first, a rule's, the officer's next."""
    case = step(received(), "supplement", WINDOW, with_reason("photo_unfit")).case
    assert case.notice == 1
    points = (Reason("health_check_failed", "health_check"),)
    case = step(case, "reassess", event("application_reassessed"), a_context(reasons=points)).case
    assert case.notice == 2
    case = step(case, "receive_paper", WINDOW, a_context(papers=())).case
    assert case.notice == 2
    case = step(case, "supplemented", event("application_supplemented")).case
    assert step(case, "supplement", WINDOW, with_reason("photo_unfit")).case.notice == 3


def test_what_was_handed_in_is_what_the_window_looks_at():
    """The papers and findings of the answer replace those of before."""
    answer = Supplement(1, ("photo", "health_check"), (*PAPERS, "health_check"), (an_outcome("scope_covered"),))
    case = supplemented(received(), answer)
    assert case.materials == ("photo", "employment_proof", "health_check")
    assert case.paper_materials == (*PAPERS, "health_check")
    assert [found["rule"] for found in case.outcomes] == ["scope_covered"]


def test_a_rule_may_ask_for_more_although_the_officers_notice_is_out_already():
    """Both notices stand beside each other, and the later one of the officer may repeat either's points."""
    case = step(received(), "supplement", WINDOW, with_reason("photo_unfit")).case
    points = (Reason("health_check_failed", "health_check"),)
    case = step(case, "reassess", event("application_reassessed"), a_context(reasons=points)).case
    assert [reason.target for reason in case.reasons] == ["photo", "health_check"]
    case = step(case, "supplemented", event("application_supplemented")).case
    assert step(case, "supplement", WINDOW, with_reason("health_check_missing")).case.state == "SUPPLEMENT"


# --- withdrawal -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state", ["ORG_REVIEW", "ORG_RETURNED", "ORG_CONFIRMED", "RECEIVED", "SUPPLEMENT", "ACCEPTED", "PRE_REVIEW"]
)
def test_the_applicant_may_withdraw_until_the_approval(state):
    """Domain §3.0: before APPROVED."""
    assert offered(in_state(state), APPLICANT) == {"withdraw"}
    assert step(in_state(state), "withdraw", APPLICANT, a_context(note="另有安排")).case.state == "WITHDRAWN"


@pytest.mark.parametrize("state", ["APPROVED", "EFFECT_BLOCKED", "REFUSED", "WITHDRAWN", "TERMINATED"])
def test_nothing_is_withdrawn_after_the_decision(state):
    with pytest.raises(Conflict, match="action_not_possible"):
        step(in_state(state), "withdraw", APPLICANT)


def test_an_action_that_the_table_does_not_know_is_refused():
    with pytest.raises(InvalidInput, match="action_unknown"):
        step(opened(), "bless", CLERK)


def test_the_case_is_told_where_it_came_from_and_when():
    told = step(opened(), "confirm", CLERK).step
    assert (told.position, told.action, told.actor_role, told.organisation_id) == (2, "confirm", "clerk", HOSPITAL)
    assert told.at == MONDAY

"""Cases that others than the physician start, and those of whoever leaves (domain §3.3, §3.4, §3.6, §3.8, §3.9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.review.domain.case import Answer, Case, Reason
from services.review.domain.release import acting_next
from services.review.domain.transitions import is_possible, options
from shared.platform.errors import Conflict, PermissionDenied, RuleViolated

from .kinds import BY_INSTITUTION
from .makers import (
    APPLICANT,
    CITY,
    CLERK,
    COUNTY,
    DECIDER,
    HOSPITAL,
    OTHER_HOSPITAL,
    PROVINCE,
    WINDOW,
    a_context,
    a_policy,
    a_submission,
    an_institution,
    days_later,
    event,
    opened,
    settled,
    staff,
    step,
    timer,
    with_reason,
    workflow,
)

TODAY = date(2022, 11, 7)
LEAVING = ("MIL_OUT", "CANCEL", "MULTI_DEL", "PLACE_DEL")
PRACTISING = ("REG", "UPGRADE", "MIL_IN", "CHANGE", "MULTI_ADD")
SAID = a_context(note="本人仍在执业")


def case_of(kind: str = "CANCEL", context: Any = None, **said: Any) -> Case:
    """A case as it stands after its opening."""
    return settled(opened(a_submission(type=kind, **said)), context or a_context())


def reported(kind: str = "CANCEL", **said: Any) -> Case:
    return case_of(kind, **BY_INSTITUTION, **said)


def accepted(case: Case, context: Any = None) -> Case:
    """A confirmed case whose file is there and complete."""
    said = replace(context or a_context(), papers=case.paper_materials)
    case = step(case, "receive_paper", WINDOW, said).case
    return settled(step(case, "accept", WINDOW, context or a_context()).case, context or a_context())


def offered(case: Case, actor: Any) -> set[str]:
    return {row.name for row in options(workflow(case.type), case, actor, a_context())}


# --- by report, ex officio, proposed ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["CANCEL", "MULTI_DEL"])
def test_an_institutions_report_needs_nobodys_confirmation(kind):
    """医师法 art.17; domain §3.6: chain Org → Auth, no submission of the physician needed."""
    case = reported(kind)
    assert (case.state, case.received_on) == ("ORG_CONFIRMED", None)
    assert accepted(case).state == "ACCEPTED"
    paperless = a_context(policy=a_policy(paper__required=False))
    assert case_of(kind, paperless, **BY_INSTITUTION).state == "RECEIVED"


@pytest.mark.parametrize("started_by", ["authority", "system"])
def test_what_an_authority_begins_or_the_nightly_job_proposes_lies_with_an_officer_at_once(started_by):
    """Domain §3.6: an officer confirms, always; neither job nor authority decides by beginning."""
    case = case_of(started_by=started_by)
    assert (case.state, case.received_on, case.accepted_on) == ("ACCEPTED", TODAY, TODAY)
    assert case.running_clock.due_on == date(2022, 12, 5)
    assert offered(case, DECIDER) == {"approve", "refuse", "terminate", "receive_paper"}
    assert step(case, "approve", DECIDER).decision.decided_by.startswith("staff:")


def test_who_is_asked_for_more_is_who_started_it():
    """The institution that reported brings the file and supplements it; ex officio there is nobody else."""
    table, case = workflow("CANCEL"), reported()
    assert acting_next(table, case) == "institution"
    assert acting_next(table, replace(case, state="SUPPLEMENT")) == "institution"
    assert acting_next(table, replace(case, state="SUPPLEMENT", started_by="authority")) == "authority"
    assert acting_next(table, replace(case, state="SUPPLEMENT", started_by="physician")) == "applicant"
    assert acting_next(table, replace(case, state="RECEIVED")) == "window"


def test_the_physician_may_object_and_nothing_ends():
    """Domain §3.6: the words are for the officer who decides."""
    case = accepted(reported())
    with pytest.raises(RuleViolated, match="note_required"):
        step(case, "contest", APPLICANT)
    contested = step(case, "contest", APPLICANT, SAID)
    assert (contested.case.state, contested.keeps_task, contested.step.note) == ("ACCEPTED", True, "本人仍在执业")
    assert contested.case.answers == (Answer("applicant", "objected", TODAY, note="本人仍在执业"),)
    assert "本人仍在执业" not in repr(contested.case.answers)
    assert step(contested.case, "approve", DECIDER).case.state == "APPROVED"


def test_who_started_it_takes_it_back_and_nobody_else():
    """The report by the institution that made it, what was begun ex officio by an officer, an own wish by its owner."""
    case = reported()
    with pytest.raises(RuleViolated, match="started_by_others"):
        step(case, "withdraw", APPLICANT)
    with pytest.raises(PermissionDenied, match="not_your_step"):
        step(case, "withdraw", staff("clerk", OTHER_HOSPITAL))
    assert step(case, "withdraw", CLERK).case.state == "WITHDRAWN"
    begun = case_of(started_by="authority")
    with pytest.raises(PermissionDenied, match="not_your_step"):
        step(begun, "withdraw", CLERK)
    ended = step(begun, "terminate", DECIDER, with_reason("ground_not_given", note="查无此情形"))
    assert (ended.case.state, ended.decision) == ("TERMINATED", None)
    wish = case_of()
    assert offered(wish, APPLICANT) == {"withdraw"}
    with pytest.raises(Conflict, match="action_not_possible"):
        step(wish, "contest", APPLICANT, SAID)
    confirmed = step(wish, "confirm", CLERK).case
    with pytest.raises(RuleViolated, match="started_by_physician"):
        step(confirmed, "contest", APPLICANT, SAID)
    with pytest.raises(RuleViolated, match="not_ex_officio"):
        step(accepted(confirmed), "terminate", DECIDER, with_reason("ground_not_given", note="x"))


def test_an_institution_that_says_it_reported_for_another_takes_nothing_back():
    """Only the case's own institution can have reported it."""
    case = reported()
    other = replace(case, starter_id=OTHER_HOSPITAL)
    for clerk in (CLERK, staff("clerk", OTHER_HOSPITAL)):
        with pytest.raises(PermissionDenied, match="not_your_step"):
            step(other, "withdraw", clerk)


def test_an_annulled_qualification_ends_an_own_wish_and_no_proceeding_of_others():
    """E55; a cancellation may rest on that very annulment (domain §3.13 X11)."""
    table, annulled = workflow("CANCEL"), event("qualification_annulled")
    assert is_possible(table, case_of(), "qualification_annulled", annulled, a_context())
    assert not is_possible(table, reported(), "qualification_annulled", annulled, a_context())
    assert not is_possible(table, case_of(started_by="system"), "qualification_annulled", annulled, a_context())


# --- leaving ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", LEAVING)
@pytest.mark.parametrize("status", ["suspended", "cancelled"])
def test_whoever_leaves_can_leave_a_closed_hospital(kind, status):
    """No licence is needed to stop: neither to confirm where nobody is left to, nor to approve."""
    case = case_of(kind, institution=an_institution(licence_status=status))
    if status == "suspended":
        case = step(case, "confirm", CLERK).case
    assert case.state == "ORG_CONFIRMED"
    assert step(accepted(case), "approve", DECIDER).case.state == "APPROVED"


@pytest.mark.parametrize("kind", LEAVING)
def test_the_news_of_a_lost_licence_ends_no_case_of_who_leaves(kind):
    assert not [row for row in workflow(kind).actions if row.name == "licence_cancelled"]
    lost = settled(replace(case_of(kind), licence_status="cancelled"), a_context())
    assert lost.state == "ORG_CONFIRMED"


@pytest.mark.parametrize("kind", PRACTISING)
@pytest.mark.parametrize("status", ["suspended", "cancelled"])
def test_nobody_begins_or_goes_on_at_an_institution_without_licence(kind, status):
    """Domain §3.11: licence of the institution invalid."""
    case = replace(accepted(step(case_of(kind), "confirm", CLERK).case), licence_status=status)
    while case.state == "PRE_REVIEW":
        case = step(case, "agree", staff("officer", PROVINCE.id)).case
    with pytest.raises(RuleViolated, match="institution_not_licensed"):
        step(case, "approve", DECIDER)


@pytest.mark.parametrize("kind", [*LEAVING, "MULTI_ADD"])
def test_a_ground_against_practising_is_none_against_leaving_or_filing(kind):
    """A cancellation can't be refused for health or punishments (医师法 art.16, 17)."""
    codes = set(workflow(kind).reason_codes("refuse"))
    grounds = {rule.code for rule in workflow("REG").reasons.values() if rule.article.startswith("医师法 art.16")}
    assert grounds
    assert not codes & (grounds | {"health_unfit", "conditions_not_met"})
    assert codes & {
        *("grounds_not_proved", "filing_not_covered", "filing_not_active"),
        *("military_acceptance_missing", "only_place"),
    }


@pytest.mark.parametrize("kind", [*LEAVING, "MULTI_ADD"])
def test_no_tier_looks_first_and_no_certificate_is_waited_for(kind):
    """Domain §3.0: the province is told, or has no part in it."""
    tiered = {
        "policy": a_policy(review__pre_tiers=["county", "province"]),
        "institution": an_institution(authority=CITY),
    }
    case, city = case_of(kind, **tiered), staff("officer", CITY.id)
    context = a_context(policy=case.policy)
    case = step(case, "confirm", CLERK, context).case
    case = step(case, "receive_paper", city, replace(context, papers=case.paper_materials)).case
    case = settled(step(case, "accept", city, context).case, context)
    assert (case.state, case.pre_review_tiers) == ("ACCEPTED", ())
    assert step(case, "approve", city, context).case.running_clock is None


# --- the end of a filing ----------------------------------------------------------------------------------------------


def test_where_the_further_institution_is_silent_the_physicians_wish_is_enough():
    """Domain §3.8 `multi.del_silence`: on the day after the tenth working day, and not on the tenth."""
    case = case_of("MULTI_DEL")
    assert case.running_clock.due_on == date(2022, 11, 21)
    with pytest.raises(Conflict, match="clock_still_running"):
        step(case, "confirm_by_silence", timer("institution"), a_context(days_later(14)))
    late = a_context(days_later(15))
    assert step(case, "confirm_by_silence", timer("institution"), late).case.state == "ORG_CONFIRMED"
    for action in ("reject", "return_to_applicant"):
        with pytest.raises(RuleViolated, match="answer_too_late"):
            step(case, action, CLERK, replace(late, reasons=(Reason("other", note="x"),), note="x"))
    assert step(case, "confirm", CLERK, late).case.state == "ORG_CONFIRMED"


@pytest.mark.parametrize("kind", [kind for kind in (*LEAVING, *PRACTISING) if kind != "MULTI_DEL"])
def test_elsewhere_an_institutions_silence_is_never_a_confirmation(kind):
    """Domain §9.1: reminders only."""
    assert workflow(kind).clocks["institution"].then == "remind"


# --- out of the armed forces ------------------------------------------------------------------------------------------


def test_the_province_agrees_before_a_military_physician_is_registered():
    """Domain §3.3 `mil.province_confirm`: after acceptance, before the decision."""
    case = accepted(step(case_of("MIL_IN"), "confirm", CLERK).case)
    assert (case.state, case.pre_review_tiers) == ("PRE_REVIEW", ("province",))
    agreed = settled(step(case, "agree", staff("officer", PROVINCE.id)).case, a_context())
    assert step(agreed, "approve", DECIDER).case.state == "APPROVED"


def test_without_the_province_a_military_physician_is_not_registered():
    """A confirmation is more than an opinion: what is left is a refusal with its reason."""
    case = accepted(step(case_of("MIL_IN"), "confirm", CLERK).case)
    no = with_reason("other", note="安置证明存疑")
    case = settled(step(case, "object", staff("officer", PROVINCE.id), no).case, a_context())
    assert (case.state, case.answers[0].answer) == ("ACCEPTED", "objected")
    with pytest.raises(RuleViolated, match="province_objected"):
        step(case, "approve", DECIDER)
    refusal = with_reason("province_did_not_confirm", note="省级未予确认")
    assert step(case, "refuse", DECIDER, refusal).case.state == "REFUSED"


def test_another_tiers_objection_stays_an_opinion_there_too():
    policy = a_policy(review__pre_tiers=["county"])
    context, city = a_context(policy=policy), staff("officer", CITY.id)
    case = case_of("MIL_IN", context, institution=an_institution(authority=CITY), policy=policy)
    case = step(case, "confirm", CLERK, context).case
    case = step(case, "receive_paper", city, replace(context, papers=case.paper_materials)).case
    case = settled(step(case, "accept", city, context).case, context)
    assert case.pre_review_tiers == ("county", "province")
    objection = with_reason("other", note="存疑", policy=policy)
    case = settled(step(case, "object", staff("officer", COUNTY.id), objection).case, context)
    case = settled(step(case, "agree", staff("officer", PROVINCE.id), context).case, context)
    assert (case.state, case.answers) == ("ACCEPTED", ())
    assert step(case, "approve", city, context).case.state == "APPROVED"


@pytest.mark.parametrize(
    ("authority", "knobs"), [(PROVINCE, {}), (COUNTY, {"mil__province_confirm": False})], ids=["decides", "off"]
)
def test_where_the_province_decides_or_the_policy_does_not_ask_nothing_is_added(authority, knobs):
    policy = a_policy(**knobs)
    context, officer = a_context(policy=policy), staff("officer", authority.id)
    case = case_of("MIL_IN", context, institution=an_institution(authority=authority), policy=policy)
    case = step(case, "confirm", CLERK, context).case
    case = step(case, "receive_paper", officer, replace(context, papers=case.paper_materials)).case
    assert settled(step(case, "accept", officer, context).case, context).state == "ACCEPTED"


def test_a_military_certificate_is_exchanged_first():
    """E66: MIL_IN without exchanged certificate is a supplement with the exchange path."""
    confirmed = step(case_of("MIL_IN"), "confirm", CLERK).case
    case = step(confirmed, "receive_paper", WINDOW, a_context(papers=())).case
    asked = step(case, "supplement", WINDOW, with_reason("certificate_not_exchanged")).case
    assert (asked.state, asked.reasons) == (
        "SUPPLEMENT",
        (Reason("certificate_not_exchanged", "exchanged_certificate"),),
    )


def test_a_change_is_decided_within_twenty_days_of_its_receipt():
    """医师执业注册管理办法 art.21: from receipt, not from acceptance."""
    case = step(case_of("CHANGE"), "confirm", CLERK).case
    case = step(case, "receive_paper", WINDOW, a_context(papers=case.paper_materials)).case
    case = step(case, "accept", WINDOW, a_context(days_later(3))).case
    assert (case.running_clock.started_on, case.running_clock.due_on) == (TODAY, date(2022, 12, 5))


def test_a_rejected_wish_to_leave_never_reaches_the_authority():
    """E28, for whoever is not registered there."""
    rejected = step(case_of(), "reject", CLERK, with_reason("not_registered_here"))
    assert (rejected.case.state, rejected.case.reasons) == (
        "ORG_REJECTED",
        (Reason("not_registered_here", "institution"),),
    )
    assert rejected.step.organisation_id == HOSPITAL

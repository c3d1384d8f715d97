"""What a submission, a step, a task and a decision hold, field by field, and what each refusal of a step says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.review.domain.case import Case, Clock, Decision, Policy, Reason, Step, TaskFacts, WorkflowPin
from services.review.domain.conditions import CONDITIONS
from services.review.domain.deadlines import recomputed, wake_on, with_clock_of, without_clock
from services.review.domain.submissions import Reassessment, assessed_anew, new_case, submitted_again
from services.review.domain.transitions import task_of
from services.review.domain.work_list import CLAIM_LASTS, Task, require_free
from shared.platform.errors import Conflict, DomainError, InvalidInput, PermissionDenied, RuleViolated
from shared.platform.ids import new_id
from shared.platform.working_days import WorkingDays, YearTable

from .makers import (
    CALENDAR,
    CITY,
    CLERK,
    COUNTY,
    DECIDER,
    ELSEWHERE,
    HOSPITAL,
    MONDAY,
    OFFICER,
    OTHER_HOSPITAL,
    PERSON,
    SYSTEM,
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
    staff,
    step,
    timer,
    with_reason,
    workflow,
)

TODAY = date(2022, 11, 7)
STAFF = f"staff:{OFFICER}"
WORDS = "刑罚执行完毕未满二年"


def refusal(act) -> tuple[type[DomainError], str, dict]:
    """Kind, code and facts of what an act is refused with."""
    with pytest.raises(DomainError) as refused:
        act()
    return type(refused.value), refused.value.code, dict(refused.value.facts)


# --- submissions ------------------------------------------------------------------------------------------------------


def test_a_case_is_what_was_submitted():
    """Design §2: nothing of it is asked for again; the workflow is pinned by name, version and digest."""
    told, id_ = a_submission(institution=an_institution(licence_status="suspended")), new_id()
    table = workflow()
    assert new_case(told, table, case_id=id_, now=MONDAY, today=TODAY) == Case(
        id=id_,
        version=0,
        application_id=told.application_id,
        number="ZC20221107-0001",
        type="REG",
        sub_kind="FIRST",
        submission=1,
        province="43",
        person_id=PERSON,
        applicant_name="阿依·买买提",
        level="1",
        category="10",
        institution=told.institution,
        workflow=WorkflowPin("REG", table.version, table.digest),
        policy=told.policy,
        state="SUBMITTED",
        opened_at=MONDAY,
        entered_on=TODAY,
        licence_status="suspended",
        outcomes=told.outcomes,
        materials=told.materials,
        paper_materials=told.paper_materials,
    )
    assert table.digest


def test_what_was_submitted_again_replaces_all_that_was_said_before():
    """Submission n+1: another institution, other answers, other papers; those handed in before lie elsewhere."""
    case = step(confirmed(), "receive_paper", WINDOW, a_context(papers=("employment_proof",))).case
    anew = a_submission(
        submission=2,
        sub_kind="RE",
        applicant_name="阿依古丽",
        level="2",
        category="41",
        institution=an_institution(authority=CITY, hospital=OTHER_HOSPITAL, licence_status="suspended"),
        outcomes=(an_outcome("scope_count", "failed"),),
        materials=("photo",),
        paper_materials=("id_copy",),
        policy=a_policy(number="43-7"),
    )
    assert submitted_again(case, anew) == replace(
        case,
        submission=2,
        sub_kind="RE",
        applicant_name="阿依古丽",
        level="2",
        category="41",
        institution=anew.institution,
        policy=anew.policy,
        licence_status="suspended",
        outcomes=anew.outcomes,
        materials=("photo",),
        paper_materials=("id_copy",),
        paper_received=(),
    )


@pytest.mark.parametrize(
    ("remedy", "target"),
    [
        ({"material": "photo", "step": "materials"}, "photo"),
        ({"step": "personal", "field": "photo_taken_on"}, "personal"),
        ({"field": "health_fit"}, "health_fit"),
        ({"business": "CHANGE"}, "application"),
        ({}, "application"),
    ],
)
def test_a_point_speaks_of_what_the_applicant_can_change(remedy, target):
    """行政许可法 art.32(4): the material first, then the page, then the field; else the application as a whole."""
    outcome = {**an_outcome("a_rule", "failed"), "remedy": remedy}
    _, points = assessed_anew(received(), Reassessment(a_policy(), (outcome,), newly_failed=("a_rule",)))
    assert points == (Reason("a_rule_failed", target),)


# --- steps, tasks, decisions ------------------------------------------------------------------------------------------


def test_a_step_is_recorded_with_who_took_it_and_why():
    """行政许可法 art.38; the history of a case is read years later, so nothing of a step is left out."""
    said = with_reason("wrong_authority", note=" 许可机关已变更 ", right_authority=ELSEWHERE)
    taken = step(received(), "not_accept", WINDOW, said)
    assert taken.step == Step(
        position=4,
        at=MONDAY,
        action="not_accept",
        from_state="RECEIVED",
        to_state="NOT_ACCEPTED",
        actor=STAFF,
        actor_role="window",
        organisation_id=COUNTY.id,
        organisation_name="示例区卫生健康局",
        reasons=taken.case.reasons,
        note="许可机关已变更",
        effective_on=TODAY,
        submission=1,
        right_authority=ELSEWHERE,
    )
    assert taken.case.reasons[0].code == "wrong_authority"
    assert (taken.action.name, taken.keeps_task) == ("not_accept", False)


def test_the_systems_own_step_has_no_organisation_and_no_authority_besides():
    """An event or a timer acts for nobody; a competent authority is named with a reason only."""
    lost = step(in_state("ORG_REVIEW"), "licence_cancelled", event("licence_cancelled"))
    assert (lost.step.organisation_id, lost.step.organisation_name) == (None, "")
    assert (lost.step.actor, lost.step.actor_role) == ("service:applications", "service")
    confirmed_now = step(opened(), "confirm", CLERK, a_context(right_authority=ELSEWHERE))
    assert confirmed_now.step.right_authority is None
    assert confirmed_now.step.organisation_id == HOSPITAL
    assert SYSTEM.id == "service:review"


def test_a_step_that_changes_the_state_sets_the_day_from_which_it_stands():
    """Clocks that count from the entry begin anew; the legal day of a later step is its own, not that of acceptance."""
    later = a_context(days_later(3))
    moved = step(opened(), "confirm", CLERK, later)
    assert (moved.case.entered_on, moved.step.effective_on) == (date(2022, 11, 10), date(2022, 11, 10))
    approved = step(accepted(), "approve", DECIDER, later)
    assert (approved.case.accepted_on, approved.step.effective_on) == (TODAY, date(2022, 11, 10))
    more = step(received(), "receive_paper", WINDOW, a_context(days_later(1), papers=("application_form",)))
    assert (more.keeps_task, more.case.entered_on) == (True, TODAY)


def test_a_decision_says_who_decided_when_and_what_can_be_done_about_it():
    """行政许可法 art.38: reasons, and the ways to have it reviewed; 医师法 art.13."""
    refused = step(accepted(), "refuse", DECIDER, with_reason("criminal_penalty", note=f" {WORDS} "))
    assert refused.decision == Decision(
        outcome="refused",
        decided_on=TODAY,
        decided_at=MONDAY,
        authority=COUNTY,
        decided_by=STAFF,
        reasons=(Reason("criminal_penalty", "applicant", WORDS),),
        note=WORDS,
        remedies=("administrative_review", "administrative_suit"),
    )


def test_a_task_says_on_whose_desk_and_until_when():
    """Design D17: a work list shows it without asking the case."""
    due = accepted().running_clock.due_on
    assert task_of(workflow(), accepted(), a_context()) == TaskFacts(
        step="decide",
        tab="decide",
        desk="officer",
        waits=False,
        organisation_id=COUNTY.id,
        organisation_name="示例区卫生健康局",
        due_on=due,
        provisional=False,
    )
    waiting = task_of(workflow(), in_state("SUPPLEMENT"), a_context())
    assert waiting is not None
    assert (waiting.tab, waiting.waits, waiting.due_on) == ("supplementing", True, None)
    confirm = task_of(workflow(), opened(), a_context())
    assert (confirm.step, confirm.organisation_id, confirm.organisation_name) == ("confirm", HOSPITAL, "示例人民医院")


def test_a_limit_of_an_unpublished_year_is_shown_as_provisional():
    """Design D16."""
    last = CALENDAR.published_through
    short = WorkingDays({year: table for year, table in CALENDAR.years.items() if year < last})
    moment = days_later((date(last - 1, 12, 20) - TODAY).days)
    context = replace(a_context(moment), calendar=short)
    case = accepted(opened(now=moment), context=context)
    assert task_of(workflow(), case, context).provisional is True


def test_the_right_authority_is_told_with_its_name():
    """E31; 行政许可法 art.32(2)."""
    refused = refusal(lambda: step(received(), "accept", WINDOW, a_context(present_authority=ELSEWHERE)))
    facts = {"right_authority_id": str(ELSEWHERE.id), "right_authority_name": "另一区卫生健康局"}
    assert refused == (RuleViolated, "not_competent", facts)
    assert CONDITIONS["still_competent"].facts(received(), a_context()) == {}


REASONS = {
    "expired": Reason("photo_unfit"),
    "strange": Reason("unheard_of"),
    "unread": Reason("document_unreadable", "diary"),
    "other": Reason("other"),
}


def returned(*names: str, note: str = ""):
    """A return with some reasons."""
    reasons = tuple(REASONS[name] for name in names)
    return step(opened(), "return_to_applicant", CLERK, a_context(reasons=reasons, note=note))


def noticed_again():
    """A second notice that raises a new point."""
    case = step(received(), "supplement", WINDOW, with_reason("photo_unfit")).case
    case = step(case, "supplemented", event("application_supplemented")).case
    return step(case, "supplement", WINDOW, with_reason("employment_proof_missing_seal"))


@pytest.mark.parametrize(
    ("act", "refused"),
    [
        (lambda: step(opened(), "dance", CLERK), (InvalidInput, "action_unknown", {"action": "dance"})),
        (
            lambda: step(opened(), "approve", DECIDER),
            (Conflict, "action_not_possible", {"action": "approve", "state": "ORG_REVIEW"}),
        ),
        (
            lambda: step(opened(), "confirm", DECIDER),
            (PermissionDenied, "not_your_step", {"action": "confirm", "state": "ORG_REVIEW"}),
        ),
        (
            lambda: step(opened(), "confirm", staff("clerk", HOSPITAL, PERSON)),
            (PermissionDenied, "own_application", {}),
        ),
        (
            lambda: step(received(), "deem_accepted", timer("supplement_notice")),
            (Conflict, "clock_still_running", {"clock": "supplement_notice"}),
        ),
        (
            lambda: step(
                replace(received(), clocks=()), "deem_accepted", timer("supplement_notice"), a_context(days_later(30))
            ),
            (Conflict, "clock_still_running", {"clock": "supplement_notice"}),
        ),
        (lambda: step(confirmed(), "receive_paper", WINDOW), (InvalidInput, "papers_missing", {})),
        (
            lambda: step(confirmed(), "receive_paper", WINDOW, a_context(papers=("diary", "poem"))),
            (InvalidInput, "paper_unknown", {"papers": ["diary", "poem"]}),
        ),
        (
            lambda: step(opened(), "confirm", CLERK, with_reason("other")),
            (InvalidInput, "reasons_not_expected", {"action": "confirm"}),
        ),
        (lambda: returned(), (RuleViolated, "reasons_required", {"action": "return_to_applicant"})),
        (
            lambda: step(accepted(), "refuse", DECIDER, with_reason("criminal_penalty")),
            (RuleViolated, "note_required", {"action": "refuse"}),
        ),
        (lambda: returned("expired", "expired"), (InvalidInput, "reason_given_twice", {})),
        (
            lambda: returned("strange"),
            (InvalidInput, "reason_unknown", {"reason": "unheard_of", "action": "return_to_applicant"}),
        ),
        (
            lambda: returned("unread"),
            (
                InvalidInput,
                "reason_target_unknown",
                {
                    "reason": "document_unreadable",
                    "target": "diary",
                    "targets": list(workflow().reasons["document_unreadable"].targets),
                },
            ),
        ),
        (lambda: returned("other"), (RuleViolated, "reason_note_required", {"reason": "other"})),
        (
            lambda: step(received(), "not_accept", WINDOW, with_reason("wrong_authority")),
            (RuleViolated, "right_authority_required", {}),
        ),
        (noticed_again, (RuleViolated, "supplement_all_at_once", {"targets": ["employment_proof"]})),
        *(
            (
                lambda number=number: submitted_again(opened(), a_submission(submission=number)),
                (Conflict, "submission_out_of_order", {"submission": number, "expected": 2}),
            )
            for number in (1, 3)
        ),
    ],
)
def test_a_refused_step_says_why(act, refused):
    """行政许可法 art.32, 38: one code a reason, with the facts that its sentence needs."""
    assert refusal(act) == refused


# --- clocks -----------------------------------------------------------------------------------------------------------


def test_a_clock_is_kept_with_what_it_rests_on_and_runs_or_stands():
    """行政许可法 art.32(4), 医师法 art.13: the basis is printed beside the last day."""
    case = accepted()
    notice, decision = case.clocks[-2:]
    assert notice == Clock("supplement_notice", TODAY, 5, date(2022, 11, 14), False, "行政许可法 art.32(4)", False)
    assert decision == Clock("decision", TODAY, 20, date(2022, 12, 5), False, "医师法 art.13", True)
    stopped = without_clock(case, "decision")
    assert [clock.running for clock in stopped.clocks] == [False] * len(case.clocks)
    assert without_clock(case, "certificate") == case


def test_a_provisional_limit_moves_with_the_calendar():
    """Design D16: a free day that was announced later puts the last day off; what was told of it stays told."""
    clock = replace(accepted().running_clock, provisional=True, near_told=5)
    off = YearTable(frozenset({date(2022, 11, 8), date(2022, 11, 9)}), frozenset())
    moved = recomputed(replace(accepted(), clocks=(clock,)), WorkingDays({**CALENDAR.years, 2022: off}))
    assert moved.clocks == (replace(clock, due_on=date(2022, 12, 7), provisional=False),)


def test_after_the_last_threshold_a_clock_wakes_on_the_day_after_its_end():
    """Domain §9.1: that it has passed is told once, on the first day on which it is true."""
    clock = replace(accepted().running_clock, near_told=0)
    assert wake_on(clock, CALENDAR) == clock.due_on + timedelta(days=1)
    assert wake_on(replace(clock, passed_told=True), CALENDAR) is None


def test_a_clock_without_its_first_day_is_a_fault_of_the_table():
    """A state can't count from an acceptance that never was."""
    table, case = workflow(), replace(received(), accepted_on=None)
    with pytest.raises(ValueError) as fault:
        with_clock_of(table, case, table.states["ACCEPTED"], CALENDAR)
    assert str(fault.value) == f"clock decision counts from a day that case {case.id} hasn't got"


def test_a_knob_of_another_kind_is_a_fault_of_the_program():
    """The key is named, so that it is found."""
    policy = Policy("n", "d", TODAY, {"a.text": "x", "a.number": 5})
    for read, key in ((policy.whole, "a.text"), (policy.texts, "a.number")):
        with pytest.raises(TypeError) as fault:
            read(key)
        assert str(fault.value) == key


# --- the work list ----------------------------------------------------------------------------------------------------

COLLEAGUE, MYSELF = new_id(), new_id()
TASK = Task(
    id=new_id(),
    case_id=new_id(),
    organisation_id=COUNTY.id,
    desk="officer",
    step="decide",
    tab="decide",
    status="OPEN",
    waits=False,
    opened_at=MONDAY,
    due_on=None,
    provisional=False,
    claimed_by=COLLEAGUE,
    claimed_until=MONDAY + CLAIM_LASTS,
    done_at=None,
)


def test_who_meets_a_colleagues_task_is_told_until_when():
    """Two hours, so that a task doesn't lie with somebody who went home."""
    assert refusal(lambda: require_free(TASK, MYSELF, "officer", MONDAY)) == (
        Conflict,
        "task_claimed",
        {"claimed_until": "2022-11-07T03:00:00+00:00"},
    )
    done = replace(TASK, status="DONE")
    assert refusal(lambda: require_free(done, COLLEAGUE, "officer", MONDAY)) == (Conflict, "task_closed", {})


@pytest.mark.parametrize("changed", [{"claimed_by": None}, {"claimed_until": None}])
def test_half_a_claim_is_none(changed):
    """Who, without until when, or the other way round: nobody holds it."""
    assert replace(TASK, **changed).holder(MONDAY) is None
    require_free(replace(TASK, **changed), MYSELF, "officer", MONDAY)

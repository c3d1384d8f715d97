"""The side that is left is asked as the policy says, and decides nothing (domain §3.5, §3.7; E47; ADR 0013)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from services.review.domain.case import Answer, Case, Reason
from services.review.domain.release import acting_next
from services.review.domain.submissions import submitted_again
from services.review.domain.transitions import is_possible, options, task_of
from services.review.domain.workflow import Unit
from services.review.news import advanced_news, case_facts
from services.review.views import case_view
from shared.platform.errors import Conflict, PermissionDenied, RuleViolated
from shared.platform.ids import new_id

from .kinds import LEFT_BEHIND, SAME_AUTHORITY
from .makers import (
    CALENDAR,
    CLERK,
    COUNTY,
    DECIDER,
    ELSEWHERE,
    HOSPITAL,
    MONDAY,
    OLD_CLERK,
    OLD_HOSPITAL,
    OLD_OFFICER,
    OTHER_HOSPITAL,
    WINDOW,
    a_context,
    a_policy,
    a_submission,
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

SILENCE = timer("release")
TODAY = date(2022, 11, 7)


def confirmed(kind: str = "CHANGE", now: datetime = MONDAY, releasing: Any = LEFT_BEHIND, **knobs: Any) -> Case:
    """A case that its new institution has confirmed, and what the system does then."""
    submission = a_submission(type=kind, releasing=releasing, policy=a_policy(**knobs))
    context = a_context(now)
    return settled(step(opened(submission, now), "confirm", CLERK, context).case, context)


def taken(case: Case, action: str, actor: Any, context: Any = None) -> Case:
    """The case after a step and what the system does then."""
    context = context or a_context()
    return settled(step(case, action, actor, context).case, context)


def desk(case: Case) -> tuple[str, Any] | None:
    """On whose desk a case lies."""
    task = task_of(workflow(case.type), case, a_context())
    return None if task is None else (task.step, task.organisation_id)


# --- who is asked -----------------------------------------------------------------------------------------------------


def test_the_old_institution_is_asked_first_and_its_authority_next():
    """`change.release_mode` NOTIFY: two tasks, one after another, before anything is received."""
    case = confirmed()
    assert (case.state, case.received_on, desk(case)) == ("RELEASE", None, ("release", OLD_HOSPITAL))
    case = taken(case, "release", OLD_CLERK)
    assert (case.state, desk(case)) == ("RELEASE", ("release", ELSEWHERE.id))
    with pytest.raises(PermissionDenied, match="not_your_step"):
        step(case, "release", OLD_CLERK)
    case = taken(case, "release", OLD_OFFICER)
    assert (case.state, desk(case)) == ("ORG_CONFIRMED", ("receive", COUNTY.id))
    assert [(answer.unit, answer.answer) for answer in case.answers] == [
        ("releasing_institution", "released"),
        ("releasing_authority", "released"),
    ]


def test_where_one_authority_is_competent_for_both_only_the_institution_is_asked():
    case = confirmed(releasing=SAME_AUTHORITY)
    assert taken(case, "release", OLD_CLERK).state == "ORG_CONFIRMED"


@pytest.mark.parametrize("releasing", [None, replace(SAME_AUTHORITY, id=HOSPITAL)], ids=["nobody", "itself"])
def test_without_another_side_nobody_is_asked(releasing):
    """A change of scope, category or person has no old side (domain §3.5)."""
    assert confirmed(releasing=releasing).state == "ORG_CONFIRMED"


@pytest.mark.parametrize(
    ("kind", "knobs", "state"),
    [
        ("CHANGE", {"change__release_mode": "NONE"}, "ORG_CONFIRMED"),
        ("CHANGE", {"change__release_mode": "NOTIFY"}, "RELEASE"),
        ("CHANGE", {"change__release_mode": "CONSENT"}, "RELEASE"),
        ("CHANGE", {"change__release_mode": "NONE", "multi__main_consent": "CONSENT"}, "ORG_CONFIRMED"),
        ("MULTI_ADD", {"multi__main_consent": "NOTIFY"}, "ORG_CONFIRMED"),
        ("MULTI_ADD", {"multi__main_consent": "CONSENT"}, "RELEASE"),
        ("MULTI_ADD", {"multi__main_consent": "NOTIFY", "change__release_mode": "CONSENT"}, "ORG_CONFIRMED"),
        ("REG", {"change__release_mode": "CONSENT", "multi__main_consent": "CONSENT"}, "ORG_CONFIRMED"),
    ],
)
def test_the_policy_says_whether_anybody_is_asked(kind, knobs, state):
    """Domain §8; ADD_PLACE tells the old side and asks it nothing (§3.1)."""
    assert confirmed(kind, **knobs).state == state


def test_the_main_institution_alone_is_asked_for_a_further_filing():
    """Domain §3.7: its authority has no say."""
    case = confirmed("MULTI_ADD", multi__main_consent="CONSENT")
    assert taken(case, "release", OLD_CLERK).state == "ORG_CONFIRMED"


def test_the_policy_of_the_submission_counts_whatever_holds_meanwhile():
    """A change of the policy changes nothing for who has submitted; receipt pins the new one for what follows."""
    stricter = a_context(policy=a_policy(change__release_mode="CONSENT"))
    case = opened(a_submission(type="CHANGE", releasing=LEFT_BEHIND, policy=a_policy(change__release_mode="NONE")))
    assert settled(step(case, "confirm", CLERK, stricter).case, stricter).state == "ORG_CONFIRMED"


def test_where_no_paper_is_awaited_the_last_answer_is_the_receipt():
    """`paper.required` false: the other side is asked before, all the same."""
    paperless = a_context(policy=a_policy(paper__required=False))
    case = settled(
        step(opened(a_submission(type="CHANGE", releasing=SAME_AUTHORITY)), "confirm", CLERK).case, paperless
    )
    assert case.state == "RELEASE"
    assert taken(case, "release", OLD_CLERK, paperless).state == "RECEIVED"


def test_who_submits_again_may_leave_another_institution():
    """A returned application: whom the policy has asked is found anew."""
    case = opened(a_submission(type="CHANGE", releasing=LEFT_BEHIND))
    case = step(case, "return_to_applicant", CLERK, with_reason("photo_unfit")).case
    anew = a_submission(type="CHANGE", submission=2, releasing=None, policy=a_policy(change__release_mode="NONE"))
    again = submitted_again(case, anew, workflow("CHANGE"))
    assert (again.releasing, again.release.units) == (None, ())


# --- silence ----------------------------------------------------------------------------------------------------------


def test_silence_lets_go_on_the_day_after_the_last_and_not_before():
    """NOTIFY: `change.release_days` working days, each for himself; 2022-11-07 and ten are 2022-11-21."""
    case = confirmed()
    assert (case.running_clock.name, case.running_clock.due_on) == ("release", date(2022, 11, 21))
    with pytest.raises(Conflict, match="clock_still_running"):
        step(case, "release_by_silence", SILENCE, a_context(days_later(14)))
    case = taken(case, "release_by_silence", SILENCE, a_context(days_later(15)))
    assert (case.state, desk(case)) == ("RELEASE", ("release", ELSEWHERE.id))
    assert (case.running_clock.started_on, case.running_clock.due_on) == (date(2022, 11, 22), date(2022, 12, 6))
    with pytest.raises(Conflict, match="clock_still_running"):
        step(case, "release_by_silence", SILENCE, a_context(days_later(29)))
    case = taken(case, "release_by_silence", SILENCE, a_context(days_later(30)))
    assert case.state == "ORG_CONFIRMED"
    assert case.answers == (
        Answer("releasing_institution", "silent", date(2022, 11, 22), OLD_HOSPITAL, "示例人民医院"),
        Answer("releasing_authority", "silent", date(2022, 12, 7), ELSEWHERE.id, ELSEWHERE.name),
    )


def test_the_period_is_the_policys():
    assert confirmed(change__release_days=3).running_clock.due_on == date(2022, 11, 10)


@pytest.mark.parametrize(
    "case", [confirmed(change__release_mode="CONSENT"), confirmed("MULTI_ADD", multi__main_consent="CONSENT")]
)
def test_where_consent_is_asked_silence_only_reminds(case):
    """CONSENT: the clock tells its end, and no step follows from it."""
    late = a_context(days_later(400))
    assert case.running_clock.due_on == date(2022, 11, 21)
    then = workflow(case.type).clocks["release"].then
    assert not is_possible(workflow(case.type), case, then, SILENCE, late)
    assert taken(case, "release", OLD_CLERK, late).answers[0].answer == "released"


def test_consent_says_why_silence_means_nothing():
    late = a_context(days_later(400))
    with pytest.raises(RuleViolated, match="silence_means_nothing"):
        step(confirmed(change__release_mode="CONSENT"), "release_by_silence", SILENCE, late)


# --- objections -------------------------------------------------------------------------------------------------------


def test_an_objection_is_kept_and_the_chain_goes_on():
    """E47: a contract dispute is recorded and shown; it is not a legal ground to refuse by itself."""
    objection = with_reason("contract_dispute", note="违约金未结清")
    with pytest.raises(RuleViolated, match="reasons_required"):
        step(confirmed(), "object_to_release", OLD_CLERK)
    case = taken(confirmed(), "object_to_release", OLD_CLERK, objection)
    case = taken(case, "release", OLD_OFFICER)
    assert case.state == "ORG_CONFIRMED"
    assert case.answers[0] == Answer(
        "releasing_institution",
        "objected",
        TODAY,
        OLD_HOSPITAL,
        "示例人民医院",
        (Reason("contract_dispute", "application", "违约金未结清"),),
        "违约金未结清",
    )
    case = taken(case, "receive_paper", WINDOW, a_context(papers=case.paper_materials))
    case = taken(case, "accept", WINDOW)
    assert step(case, "approve", DECIDER).case.state == "APPROVED"
    assert "contract_dispute" not in workflow("CHANGE").reason_codes("refuse")


def test_an_objection_is_offered_its_own_reasons():
    """The old employer doesn't speak of punishments or health (个人信息保护法 art.28)."""
    assert set(workflow("CHANGE").reason_codes("object_to_release")) == {
        *("contract_dispute", "handover_open", "discipline_open", "other")
    }
    assert "main_work_affected" in workflow("MULTI_ADD").reason_codes("object_to_release")


def seen(case: Case, steps: list[Any], *, hears: bool, asked_as: Unit | None = None, role: str = "officer") -> Any:
    """The case as somebody sees it."""
    return case_view(
        case,
        workflow(case.type),
        task=None,
        actions=(),
        steps=steps,
        calendar=CALENDAR,
        today=TODAY,
        now=MONDAY,
        viewer_id=new_id(),
        role=role,
        hears_opinions=hears,
        asked_as=asked_as,
    )


def test_each_side_sees_what_is_its_business():
    """Decider: all. New institution: that there was an answer. Old side: its own, and nothing of what follows."""
    sensitive = {**a_submission().outcomes[0], "sensitive": True, "rule": "N2_criminal_penalty"}
    case = replace(confirmed(), outcomes=(sensitive,))
    steps = []
    for action, actor, context in (
        ("object_to_release", OLD_CLERK, with_reason("contract_dispute", note="违约金未结清")),
        ("object_to_release", OLD_OFFICER, with_reason("other", note="请核实")),
        ("receive_paper", WINDOW, a_context(papers=case.paper_materials)),
        ("supplement", WINDOW, with_reason("photo_unfit", note="背景不白")),
    ):
        advanced = step(case, action, actor, context)
        case, steps = advanced.case, [*steps, advanced.step]
    decider, institution = seen(case, steps, hears=True), seen(case, steps, hears=False, role="clerk")
    old = seen(case, steps, hears=False, asked_as=Unit.RELEASING_INSTITUTION, role="clerk")
    authority = seen(case, steps, hears=False, asked_as=Unit.RELEASING_AUTHORITY, role="officer")

    def told(view: Any) -> list[str]:
        return [answer["organisation_name"] for answer in view["answers"]]

    assert told(decider) == ["示例人民医院", ELSEWHERE.name] == told(authority)
    assert (told(institution), told(old)) == ([], ["示例人民医院"])
    assert "违约金未结清" in str(decider)
    assert "违约金未结清" in str(old["entries"])
    assert "请核实" not in str(old)
    assert "违约金未结清" not in str(institution)
    assert len(institution["entries"]) == 4
    for view in (old, authority):
        assert [entry["action"] for entry in view["entries"]] == ["object_to_release", "object_to_release"]
        assert (view["reasons"], view["outcomes"]) == ([], [])
        assert "背景不白" not in str(view)
    assert decider["outcomes"] == [sensitive]


def test_the_news_of_an_objection_tell_that_there_was_one_and_not_what_it_says():
    """Whoever follows the case's events keeps them for the new institution as well."""
    taken_step = step(confirmed(), "object_to_release", OLD_CLERK, with_reason("other", note="违约金未结清"))
    news = advanced_news(workflow("CHANGE"), taken_step.case, taken_step.step)
    assert (news["action"], news["reasons"], news["note"]) == ("object_to_release", [], "")
    assert (news["acts_next"], news["act_until"]) == ("other_side", date(2022, 11, 21))


def test_events_name_the_other_side():
    """Whoever is told besides: the institution, and its authority where that is another one."""
    names = ("releasing_institution_id", "releasing_authority_id", "started_by")

    def told(case: Case) -> list[Any]:
        return [case_facts(case)[name] for name in names]

    assert told(confirmed()) == [OLD_HOSPITAL, ELSEWHERE.id, "physician"]
    assert told(confirmed(releasing=SAME_AUTHORITY)) == [OLD_HOSPITAL, None, "physician"]
    assert told(confirmed(releasing=None)) == [None, None, "physician"]


def test_a_state_that_is_only_passed_asks_nobody():
    """The paper is not asked for while the other side is still to be asked."""
    confirmation = step(opened(a_submission(type="CHANGE", releasing=LEFT_BEHIND)), "confirm", CLERK)
    news = advanced_news(workflow("CHANGE"), confirmation.case, confirmation.step, passes=True)
    assert (news["to_state"], news["acts_next"], news["act_until"]) == ("ORG_CONFIRMED", "none", None)
    assert acting_next(workflow("CHANGE"), confirmation.case) == "applicant"


# --- a hospital that is no more ---------------------------------------------------------------------------------------

GONE = replace(LEFT_BEHIND, licence_status="cancelled")


@pytest.mark.parametrize("mode", ["NOTIFY", "CONSENT"])
def test_a_closed_institution_is_not_asked_and_holds_nobody_back(mode):
    """Nobody is there to answer; its authority is."""
    case = confirmed(releasing=GONE, change__release_mode=mode)
    assert desk(case) == ("release", ELSEWHERE.id)
    assert confirmed(releasing=replace(SAME_AUTHORITY, licence_status="cancelled")).state == "ORG_CONFIRMED"


def test_an_institution_that_closes_while_it_is_asked_is_passed_over():
    case = settled(replace(confirmed(change__release_mode="CONSENT"), releasing=GONE), a_context())
    assert (case.state, desk(case)) == ("RELEASE", ("release", ELSEWHERE.id))
    assert (case.answers[0].unit, case.answers[0].answer) == ("releasing_institution", "absent")
    assert taken(case, "release", OLD_OFFICER).state == "ORG_CONFIRMED"


def test_strangers_have_no_part_in_a_release():
    case = confirmed()
    for actor in (staff("clerk", OTHER_HOSPITAL), staff("clerk", HOSPITAL), OLD_OFFICER, WINDOW, event("release")):
        with pytest.raises(PermissionDenied, match="not_your_step"):
            step(case, "release", actor)
        assert not {row.name for row in options(workflow("CHANGE"), case, actor, a_context())} & {"release"}

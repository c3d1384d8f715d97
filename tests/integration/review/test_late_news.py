"""News that no longer applies to its case is taken and changes nothing, so that the news behind it is heard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from services.review.domain.case import Case, Reason
from services.review.entrypoints.events import Events, PresentLicence
from shared.contracts import applications as contracts
from shared.platform.errors import Conflict
from shared.platform.events import Event
from shared.platform.ids import new_id
from tests.integration.review.desk import Desk
from tests.unit.review.makers import (
    APPLICANT,
    CLERK,
    DECIDER,
    WINDOW,
    a_submission,
    an_outcome,
    event,
)

PAPERS = ["employment_proof", "application_form"]


@dataclass
class StandingClock:
    """The desk's moment."""

    moment: datetime

    def now(self) -> datetime:
        """The moment."""
        return self.moment


def hear(desk: Desk, handler: str, contract: Any, case: Case, *prepared: Any, **data: Any) -> Case:
    """Give one event to the service's own handler, in a transaction as the inbox does; the case after it."""
    events = Events()
    # What the container gives a worker, from the desk.
    vars(events).update(workflows=desk.workflows, policies=desk.policies, clock=StandingClock(desk.now))
    told = Event(
        id=new_id(),
        type=contract.name,
        occurred_at=desk.now,
        origin="test",
        province="43",
        aggregate_id=case.application_id,
        sequence=2,
        correlation_id="test",
        actor="service:applications",
        data={"application_id": case.application_id, **data},
    )
    with desk.open_unit() as uow:
        getattr(events, handler)(told, uow, *(prepared or (None,)))
        uow.commit()
    return desk.case(case.id)


def supplement(desk: Desk, case: Case, notice: int) -> Case:
    """The applicant's answer to a notice."""
    return hear(
        desk,
        "application_supplemented",
        contracts.APPLICATION_SUPPLEMENTED,
        case,
        notice=notice,
        materials=["photo", "health_check"],
        paper_materials=PAPERS,
        outcomes=[an_outcome("scope_covered")],
        note="已更换",
    )


def pin_of(desk: Desk, case: Case) -> dict[str, Any]:
    """What a service with the same files pins on the case's day."""
    own = desk.policies.at(case.policy.on, case.institution.division)
    return {"number": own.number, "hash": own.digest, "on": own.on}


def reassessed(desk: Desk, case: Case) -> Case:
    """A rule that asks for more under the policy of the receipt."""
    return hear(
        desk,
        "application_reassessed",
        contracts.APPLICATION_REASSESSED,
        case,
        policy=pin_of(desk, case),
        outcomes=[an_outcome("scope_covered", "failed") | {"remedy": {"step": "scope"}}],
        newly_failed=["scope_covered"],
        missing_materials=["health_check"],
        paper_materials=PAPERS,
    )


def received(desk: Desk) -> Case:
    """A case at the window."""
    case = desk.take(desk.open(), "confirm", CLERK)
    return desk.take(case, "receive_paper", WINDOW, papers=tuple(PAPERS))


def asked(desk: Desk) -> Case:
    """A case whose applicant is asked for more, by a rule: its first notice."""
    return reassessed(desk, received(desk))


def test_a_notice_is_answered_once(desk: Desk) -> None:
    """A double click under another key, and the same event replayed: the case is received once."""
    case = supplement(desk, asked(desk), notice=1)
    assert (case.state, case.materials) == ("RECEIVED", ("photo", "employment_proof", "health_check"))
    assert [outcome["result"] for outcome in case.outcomes] == ["passed"]
    assert supplement(desk, case, notice=1) == case


def test_a_rule_that_fails_anew_tells_the_page_and_the_documents(desk: Desk) -> None:
    """行政许可法 art.32(4): all at once, each at the place where it can be answered."""
    case = asked(desk)
    assert (case.state, case.notice) == ("SUPPLEMENT", 1)
    assert [(reason.code, reason.target) for reason in case.reasons] == [
        ("scope_covered_failed", "scope"),
        ("document_missing", "health_check"),
    ]
    assert case.outcomes[0]["remedy"] == {"step": "scope"}
    news = desk.news(case.id)[-1]["data"]
    assert (news["to_state"], news["notice"]) == ("SUPPLEMENT", 1)


def test_an_answer_to_an_older_notice_does_not_answer_the_newer(desk: Desk) -> None:
    """The officer's notice and the rule's cross the applicant's answer: both have to be answered."""
    case = reassessed(desk, asked(desk))
    assert (case.state, case.notice) == ("SUPPLEMENT", 2)
    assert supplement(desk, case, notice=1) == case
    assert supplement(desk, case, notice=2).state == "RECEIVED"


@pytest.mark.parametrize("ended", ["ACCEPTED", "WITHDRAWN", "APPROVED"])
def test_an_answer_that_comes_too_late_is_no_fault(desk: Desk, ended: str) -> None:
    """It is received and changes nothing: raising would stop everything behind it."""
    case = received(desk)
    if ended == "WITHDRAWN":
        case = desk.take(case, "withdraw", APPLICANT)
    else:
        case = desk.take(case, "accept", WINDOW)
        case = desk.take(case, "approve", DECIDER) if ended == "APPROVED" else case
    assert case.state == ended
    assert supplement(desk, case, notice=0) == case


def test_an_effect_that_is_blocked_twice_is_one_task(desk: Desk) -> None:
    """办理受阻 told again finds the case with its officer already."""
    case = desk.take(
        desk.take(desk.take(received(desk), "accept", WINDOW), "approve", DECIDER),
        "effect_blocked",
        event("effect_blocked"),
    )
    reasons = [{"code": "licence_cancelled", "target": "institution", "note": ""}]
    again = hear(desk, "effect_blocked", contracts.EFFECT_BLOCKED, case, outcomes=[], reasons=reasons)
    assert again == case


@pytest.mark.parametrize("submission", [1, 2])
def test_a_submission_of_before_changes_nothing(desk: Desk, submission: int) -> None:
    """A case that has gone on, and one that was told of this submission already."""
    case = desk.open(replace(a_submission(), submission=1))
    whole = submission_of(desk, case, submission)
    licence = PresentLicence("valid")
    assert hear(desk, "application_submitted", contracts.APPLICATION_SUBMITTED, case, licence, **whole) == case


def submission_of(desk: Desk, case: Case, submission: int) -> dict[str, Any]:
    """What is announced of a submission."""
    return {
        "number": case.number,
        "type": case.type,
        "sub_kind": case.sub_kind,
        "submission": submission,
        "person_id": case.person_id,
        "applicant_name": case.applicant_name,
        "level": case.level,
        "category": case.category,
        "institution": case.institution.snapshot,
        "outcomes": [],
        "materials": [],
        "paper_materials": PAPERS,
        "policy": pin_of(desk, case),
    }


def test_a_suspension_that_came_before_the_submission_is_taken_over(desk: Desk) -> None:
    """E45: news of the licence and of the application come in any order, and nothing tells the former again."""
    reasons = (Reason("employment_proof_mismatch", "employment_proof"),)
    case = desk.take(desk.open(), "return_to_applicant", CLERK, reasons=reasons)
    licence = PresentLicence("suspended")
    heard = hear(
        desk,
        "application_submitted",
        contracts.APPLICATION_SUBMITTED,
        case,
        licence,
        **submission_of(desk, case, case.submission + 1),
    )
    assert (heard.state, heard.licence_status) == ("ORG_REVIEW", "suspended")


def test_news_under_a_policy_that_our_files_dont_have_changes_nothing(desk: Desk) -> None:
    """Design §2: the case stays as it was, and the news waits in the inbox until the files agree."""
    case = received(desk)
    pin = pin_of(desk, case) | {"hash": "0" * 64}
    with pytest.raises(Conflict, match="policy_differs"):
        hear(
            desk,
            "application_reassessed",
            contracts.APPLICATION_REASSESSED,
            case,
            policy=pin,
            outcomes=[],
            newly_failed=[],
            missing_materials=[],
            paper_materials=PAPERS,
        )
    assert desk.case(case.id) == case

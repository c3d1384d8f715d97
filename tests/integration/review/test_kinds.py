"""Every kind of business on a real database: approved, returned, refused, taken back, with news, tasks and clocks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text, update

from services.review import unit_of_work
from services.review.domain.case import Case, Reason
from services.review.domain.submissions import submitted_again
from services.review.domain.workflow import Unit
from services.review.entrypoints.events import PresentLicence
from services.review.models import CaseRow
from services.review.repository.mapping import with_licence
from services.review.workflow_files import digest_of
from shared.contracts import accounts, applications
from shared.platform.errors import Conflict
from shared.trade.statuses import BusinessType
from tests.integration.review.desk import CLERK_VIEW, Desk, viewer
from tests.integration.review.test_casework import told_deadlines
from tests.integration.review.test_late_news import hear, submission_of
from tests.unit.review.kinds import BY_INSTITUTION, LEFT_BEHIND, SAME_AUTHORITY
from tests.unit.review.makers import (
    APPLICANT,
    CLERK,
    DECIDER,
    ELSEWHERE,
    OLD_CLERK,
    OLD_HOSPITAL,
    OLD_OFFICER,
    PROVINCE,
    ROOT,
    WINDOW,
    a_policy,
    a_submission,
    event,
    staff,
)

WORDS = "与原单位核实的事实"
WHY = {"reasons": (Reason("other", note=WORDS),), "note": WORDS}
FROM_ELSEWHERE = {"releasing": LEFT_BEHIND}
CHANGE = {"type": "CHANGE", **FROM_ELSEWHERE}


def opened(desk: Desk, kind: str, **said: Any) -> Case:
    """A case of a kind; a change leaves another institution, of another authority."""
    return desk.open(type=kind, **{**(FROM_ELSEWHERE if kind == "CHANGE" else {}), **said})


def received(desk: Desk, case: Case) -> Case:
    """The case at the window, confirmed and released where somebody has to."""
    if case.state == "ORG_REVIEW":
        case = desk.take(case, "confirm", CLERK)
    for unit in (OLD_CLERK, OLD_OFFICER):
        case = desk.take(case, "release", unit) if case.state == "RELEASE" else case
    return desk.take(case, "receive_paper", WINDOW, papers=case.paper_materials)


def accepted(desk: Desk, case: Case) -> Case:
    """The case before its officer."""
    case = desk.take(received(desk, case), "accept", WINDOW)
    return desk.take(case, "agree", staff("officer", PROVINCE.id)) if case.state == "PRE_REVIEW" else case


def events(desk: Desk, case: Case, name: str) -> list[dict[str, Any]]:
    """The data of a case's news of one type."""
    return [news["data"] for news in desk.news(case.id) if news["type"] == f"review.{name}.v1"]


@pytest.mark.parametrize("kind", BusinessType)
def test_a_case_of_each_kind_is_approved_returned_refused_and_taken_back(desk: Desk, kind: str) -> None:
    approved = desk.take(accepted(desk, opened(desk, kind)), "approve", DECIDER)
    assert (approved.state, approved.decision_number) == ("APPROVED", f"430102-{kind}-2022-000001")
    assert desk.case(approved.id) == approved
    assert [news["outcome"] for news in events(desk, approved, "case_decided")] == ["approved"]
    chain = [(news["from_state"], news["to_state"]) for news in events(desk, approved, "case_advanced")]
    assert all(before[1] == after[0] for before, after in pairwise(chain))

    returned = desk.take(opened(desk, kind), "return_to_applicant", CLERK, **WHY)
    with desk.unit() as work:
        present = work.uow.cases.get(returned.id)
        again = a_submission(type=kind, submission=2, releasing=present.releasing)
        present = submitted_again(present, again, work.workflow_of(present))
        returned = work.take(present, "resubmit", event("application_submitted"))
    assert (returned.state, returned.submission) == ("ORG_REVIEW", 2)
    assert desk.take(accepted(desk, returned), "approve", DECIDER).state == "APPROVED"

    refused = desk.take(accepted(desk, opened(desk, kind)), "refuse", DECIDER, **WHY)
    decided = events(desk, refused, "case_decided")[0]
    assert (decided["outcome"], decided["remedies"]) == ("refused", ["administrative_review", "administrative_suit"])

    taken_back = desk.take(received(desk, opened(desk, kind)), "withdraw", APPLICANT)
    with desk.unit(read_only=True) as work:
        assert (taken_back.state, work.uow.tasks.open_of(taken_back.id)) == ("WITHDRAWN", None)


# --- the other side ---------------------------------------------------------------------------------------------------


def listed(desk: Desk, who: Any, tab: str) -> int:
    with desk.unit(read_only=True) as work:
        return work.uow.tasks.tallies(who, work.today)[tab].count


def test_who_is_asked_finds_it_in_the_own_list_and_nobody_is_told_of_a_task_that_is_gone(desk: Desk) -> None:
    """Domain §3.5: two tasks, one after another; the window hears of the case when the file may come."""
    case = desk.take(opened(desk, "CHANGE"), "confirm", CLERK)
    old_clerk, old_officer = viewer("clerk", OLD_HOSPITAL), viewer("officer", ELSEWHERE.id)
    assert (listed(desk, old_clerk, "release"), listed(desk, old_officer, "release")) == (1, 0)
    assert listed(desk, CLERK_VIEW, "done") == 1
    case = desk.take(case, "object_to_release", OLD_CLERK, **WHY)
    assert (listed(desk, old_clerk, "release"), listed(desk, old_officer, "release")) == (0, 1)
    assert listed(desk, old_clerk, "done_today") == 1
    case = desk.take(case, "release", OLD_OFFICER)
    assert desk.case(case.id) == case
    tasks = [(news["step"], news["organisation_id"], news["role"]) for news in events(desk, case, "task_opened")]
    assert tasks[1:3] == [("release", str(OLD_HOSPITAL), "clerk"), ("release", str(ELSEWHERE.id), "officer")]
    assert [step for step, *_ in tasks] == ["confirm", "release", "release", "receive"]
    confirmed = next(news for news in events(desk, case, "case_advanced") if news["action"] == "confirm")
    assert (confirmed["to_state"], confirmed["acts_next"]) == ("ORG_CONFIRMED", "none")
    last = events(desk, case, "case_advanced")[-1]
    assert (last["from_state"], last["to_state"], last["acts_next"]) == ("RELEASE", "ORG_CONFIRMED", "applicant")
    assert (last["releasing_institution_id"], last["releasing_authority_id"]) == (str(OLD_HOSPITAL), str(ELSEWHERE.id))


def test_what_the_other_side_and_the_physician_say_rests_sealed(desk: Desk) -> None:
    """Domain §10.2: free text may name anybody."""
    objected = desk.take(desk.take(opened(desk, "CHANGE"), "confirm", CLERK), "object_to_release", OLD_CLERK, **WHY)
    contested = desk.take(desk.open(type="CANCEL", **BY_INSTITUTION), "contest", APPLICANT, note=WORDS)
    assert [desk.case(case.id).answers[0].note for case in (objected, contested)] == [WORDS, WORDS]
    with desk.open_unit(read_only=True) as uow:
        kept = str([uow.session.execute(text(f"SELECT * FROM {table}")).all() for table in ("cases", "case_steps")])
    assert WORDS not in kept
    assert json.dumps(WORDS)[1:-1] not in kept
    assert WORDS not in str(desk.news())


def test_silence_lets_go_by_the_timer_and_only_where_the_policy_says_so(desk: Desk) -> None:
    """`change.release_mode`: at NOTIFY each has ten working days, at CONSENT they are reminded and no more."""
    lets_go = desk.take(opened(desk, "CHANGE"), "confirm", CLERK)
    consent = desk.open(**CHANGE, policy=a_policy(change__release_mode="CONSENT"))
    consent = desk.take(consent, "confirm", CLERK)
    desk.days_go_by(14)  # 2022-11-21, the tenth working day
    desk.fire_clocks()
    assert desk.case(lets_go.id).release.asked == (Unit.RELEASING_INSTITUTION,)
    desk.days_go_by(1)
    desk.fire_clocks()
    assert desk.case(lets_go.id).release.asked == (Unit.RELEASING_INSTITUTION, Unit.RELEASING_AUTHORITY)
    desk.days_go_by(15)
    desk.fire_clocks()
    assert (desk.case(lets_go.id).state, desk.case(consent.id).state) == ("ORG_CONFIRMED", "RELEASE")
    assert [answer.answer for answer in desk.case(lets_go.id).answers] == ["silent", "silent"]
    assert told_deadlines(desk, consent.id)[-1] == ("deadline_passed", "release", -1)
    desk.days_go_by(60)
    assert desk.fire_clocks() == 0
    passed = [news for news in events(desk, consent, "deadline_passed") if news["clock"] == "release"]
    assert [(news["organisation_id"], news["role"]) for news in passed] == [(str(OLD_HOSPITAL), "clerk")]


def licence_news(desk: Desk, case: Case, institution: Any, status: str) -> Case:
    """A licence changes, as `accounts` tells it."""
    return hear(
        desk, "licence_status_changed", accounts.LICENCE_STATUS_CHANGED, case, institution_id=institution, status=status
    )


def test_an_old_institution_that_closes_holds_nobody_back(desk: Desk) -> None:
    """Neither while it is asked, nor where it was closed before the case was opened."""
    case = desk.take(desk.open(**CHANGE, policy=a_policy(change__release_mode="CONSENT")), "confirm", CLERK)
    assert licence_news(desk, case, OLD_HOSPITAL, "suspended").release.asked == (Unit.RELEASING_INSTITUTION,)
    case = licence_news(desk, case, OLD_HOSPITAL, "cancelled")
    assert (case.release.asked, case.answers[0].answer) == (
        (Unit.RELEASING_INSTITUTION, Unit.RELEASING_AUTHORITY),
        "absent",
    )
    closed = with_licence(LEFT_BEHIND, "cancelled")
    case = desk.take(desk.open(type="CHANGE", releasing=closed), "confirm", CLERK)
    assert case.release.asked == (Unit.RELEASING_AUTHORITY,)


# --- starts by others, and leaving ------------------------------------------------------------------------------------


def told_of(desk: Desk, submission: Any) -> Case:
    """A case that is opened by the news of its submission."""
    like = desk.open(submission)  # only to borrow what is announced of it
    told = submission_of(desk, like, 1) | {"person_id": like.person_id}
    with desk.open_unit() as uow:
        uow.session.execute(update(CaseRow).where(CaseRow.id == like.id).values(application_id=like.id))
        uow.commit()
    hear(
        desk,
        "application_submitted",
        applications.APPLICATION_SUBMITTED,
        like,
        PresentLicence("valid", "valid"),
        **told,
    )
    with desk.unit(read_only=True) as work:
        found = work.uow.cases.of_application(like.application_id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("said", "state", "role"),
    [
        ({"type": "CANCEL", **BY_INSTITUTION}, "ORG_CONFIRMED", "clerk"),
        ({"type": "MULTI_DEL", **BY_INSTITUTION}, "ORG_CONFIRMED", "clerk"),
        ({"type": "CANCEL", "started_by": "authority"}, "ACCEPTED", "officer"),
        ({"type": "CANCEL", "started_by": "system"}, "ACCEPTED", "service"),
        ({"type": "CANCEL"}, "ORG_REVIEW", "physician"),
        ({"type": "MULTI_ADD", "releasing": SAME_AUTHORITY}, "ORG_REVIEW", "physician"),
    ],
)
def test_a_submission_says_who_started_it(desk: Desk, said: dict[str, Any], state: str, role: str) -> None:
    case = told_of(desk, a_submission(**said))
    assert (case.state, case.started_by) == (state, said.get("started_by", "physician"))
    assert (case.releasing is None) == ("releasing" not in said)
    first = events(desk, case, "case_advanced")[0]
    assert (first["actor_role"], first["started_by"], first["to_state"]) == (role, case.started_by, state)


def test_a_report_is_taken_back_by_who_made_it_while_the_window_holds_it(desk: Desk) -> None:
    case = received(desk, desk.open(type="CANCEL", **BY_INSTITUTION))
    case = desk.take(case, "contest", APPLICANT, note=WORDS)
    with pytest.raises(Conflict, match="case_changed"):
        desk.take(replace(case, version=case.version - 1), "accept", WINDOW)  # the window reads the objection first
    assert desk.take(case, "withdraw", CLERK).state == "WITHDRAWN"


def test_what_begins_ex_officio_is_one_officers_task_and_waits_for_no_certificate(desk: Desk) -> None:
    case = desk.open(type="CANCEL", started_by="system")
    assert [news["step"] for news in events(desk, case, "task_opened")] == ["decide"]
    case = desk.take(case, "approve", DECIDER)
    desk.days_go_by(60)
    assert (desk.fire_clocks(), case.state) == (0, "APPROVED")


@pytest.mark.parametrize("kind", ["CANCEL", "MULTI_DEL", "MIL_OUT", "PLACE_DEL"])
def test_whoever_leaves_goes_on_when_the_hospital_closes(desk: Desk, kind: str) -> None:
    """E45 is for those who want to practise there."""
    waiting = opened(desk, kind)
    going = accepted(desk, opened(desk, kind))
    heard = licence_news(desk, waiting, waiting.institution.id, "cancelled")
    assert (heard.state, heard.licence_status) == ("ORG_CONFIRMED", "cancelled")
    assert desk.take(desk.case(going.id), "approve", DECIDER).state == "APPROVED"


def test_an_unconfirmed_end_of_a_filing_goes_on_by_the_timer(desk: Desk) -> None:
    """`multi.del_silence`: ten working days."""
    case = opened(desk, "MULTI_DEL")
    desk.days_go_by(14)
    desk.fire_clocks()
    assert desk.case(case.id).state == "ORG_REVIEW"
    desk.days_go_by(1)
    desk.fire_clocks()
    assert desk.case(case.id).state == "ORG_CONFIRMED"


# --- what was there before --------------------------------------------------------------------------------------------


def test_a_case_of_the_release_before_goes_on_by_its_own_text(database_url: str, desk: Desk) -> None:
    """Opened on REG's own file, before there were parts or another side: read, and dealt with to its end."""
    before = (ROOT / "tests" / "unit" / "review" / "texts" / "REG-1.toml").read_text(encoding="utf-8")
    case = desk.open()
    with desk.unit() as work:
        work.uow.workflow_texts.remember(digest_of(before), "REG", 1, before)
        values = {"workflow_digest": digest_of(before)}
        work.uow.session.execute(update(CaseRow).where(CaseRow.id == case.id).values(**values))
    config = Config()
    config.set_main_option("script_location", str(Path(unit_of_work.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = database_url
    command.downgrade(config, "0004")
    command.upgrade(config, "head")
    found = desk.case(case.id)
    assert found == replace(case, workflow=replace(case.workflow, digest=digest_of(before)))
    case = desk.take(accepted(desk, found), "approve", DECIDER)
    assert (case.state, case.workflow.digest, case.decided_on) == ("APPROVED", digest_of(before), date(2022, 11, 7))

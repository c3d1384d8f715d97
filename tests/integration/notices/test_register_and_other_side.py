"""The register's changes, filings and lapses, and the other side of a case, over the real bus: each told once."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.contracts import applications, review, sync
from shared.platform.identity import Actor
from shared.platform.ids import new_id
from tests.support.processes import eventually
from tests.unit.notices import facts

from .conftest import World
from .test_notices import a_clerk, a_doctor, first_message, has_contact, inbox, move_into_the_day, texts_to
from .test_reminders import a_case, move_to_the_next_reminder, told
from .test_whom_it_concerns import applies, is_changed, is_recognised, is_registered, staff_of, templates

pytestmark = [pytest.mark.broker, pytest.mark.slow]

OLD_CODE, NEW_CODE = "210430121000045", "110430102000123"


def a_place() -> tuple[UUID, Actor]:
    """An institution and one of its clerks."""
    institution_id = new_id()
    return institution_id, a_clerk(institution_id)[1]


def an_office() -> tuple[UUID, Actor]:
    """An authority and one of its officers."""
    authority_id = new_id()
    return authority_id, staff_of(authority_id, "officer")[1]


def bodies(world: World, reader: Actor, template: str) -> list[str]:
    return [item["body"] for item in inbox(world, reader, limit=100)["items"] if item["template"] == template]


def test_a_move_is_told_to_the_new_side_the_old_side_and_those_with_a_filing(world: World):
    """domain.md §3.5, §9.1: P, N-Org, O-Org, O-Auth, filed institutions; each once, though it comes three times."""
    person_id, doctor = a_doctor()
    has_contact(world, person_id, "13800000050")
    (old, old_clerk), (new, new_clerk), (further, further_clerk) = a_place(), a_place(), a_place()
    (old_authority, old_officer), (new_authority, new_officer) = an_office(), an_office()
    qualification_id = is_recognised(world, person_id)
    application_id = applies(world, person_id, qualification_id, new, new_authority, type="CHANGE")
    first_message(world, doctor, "submitted")
    registration_id = is_registered(world, person_id, qualification_id, institution_id=old, authority_id=old_authority)
    is_registered(
        world,
        person_id,
        qualification_id,
        registration_id=registration_id,
        change="changed",
        business="CHANGE",
        application_id=application_id,
        institution_id=new,
        authority_id=new_authority,
        informs_institutions=[old, further],
        informs_authorities=[old_authority],
    )
    is_registered(
        world,
        person_id,
        qualification_id,
        registration_id=registration_id,
        change="suspended",
        institution_id=new,
        authority_id=new_authority,
        informs_institutions=[further],
        until=date(2027, 5, 31),
    )
    assert "2027年5月31日" in first_message(world, doctor, "registration_suspended")["body"]
    assert templates(world, new_clerk) == ["registration_changed", "registration_suspended"]
    assert templates(world, old_clerk) == ["approved", "registration_changed_former"]
    assert templates(world, further_clerk) == ["registration_changed_institution", "registration_suspended"]
    assert templates(world, old_officer) == ["registration_changed_authority"]
    assert templates(world, new_officer) == []
    assert templates(world, doctor).count("registration_changed") == 1
    eventually(lambda: len([text for text in texts_to(world, "13800000050") if "变更已准予" in text]) == 1)


def test_a_departure_rests_on_nothing_until_the_registration_is_taken_up_again(world: World):
    """domain.md §3.14: only ACTIVE and SUSPENDED count as registered; §3.5: left ones may be changed for two years."""
    person_id, doctor = a_doctor()
    qualification_id = is_recognised(world, person_id)
    (old, old_clerk), (new, new_clerk) = a_place(), a_place()
    authority_id, officer = an_office()
    at_old = {"institution_id": old, "authority_id": authority_id}
    registration_id = is_registered(world, person_id, qualification_id, **at_old)
    again = {"registration_id": registration_id, "authority_id": authority_id}
    is_registered(world, person_id, qualification_id, change="suspended", institution_id=old, **again)
    first_message(world, old_clerk, "registration_suspended")
    is_changed(world, sync.QUALIFICATION_CORRECTED, qualification_id, "corrected")
    first_message(world, old_clerk, "qualification_corrected_staff")
    is_registered(
        world,
        person_id,
        qualification_id,
        change="left",
        institution_id=old,
        decided_on=date(2026, 12, 1),
        **again,
    )
    assert "2028年12月1日" in first_message(world, doctor, "registration_left")["body"]
    is_changed(world, sync.QUALIFICATION_CORRECTED, qualification_id, "corrected")
    eventually(lambda: told(world, doctor, "qualification_corrected") == 2)
    assert told(world, officer, "qualification_corrected_staff") == 1
    is_registered(world, person_id, qualification_id, change="changed", institution_id=new, **again)
    first_message(world, new_clerk, "registration_changed")
    is_changed(world, sync.QUALIFICATION_CORRECTED, qualification_id, "corrected")
    first_message(world, new_clerk, "qualification_corrected_staff")
    assert told(world, officer, "qualification_corrected_staff") == 2
    assert told(world, old_clerk, "qualification_corrected_staff") == 1
    assert "registration_left" not in templates(world, old_clerk)


@pytest.mark.parametrize("first", ["superseded", "opened"])
def test_of_a_registration_and_what_replaces_it_the_later_news_names_both_codes(world: World, first: str):
    """domain.md §9.1: assistant registration superseded, both codes; the two may come in either order."""
    person_id, doctor = a_doctor()
    assistant, licensed = is_recognised(world, person_id), is_recognised(world, person_id)
    institution_id, clerk = a_place()
    authority_id, officer = an_office()
    application_id = applies(world, person_id, licensed, institution_id, authority_id, type="UPGRADE")
    first_message(world, doctor, "submitted")
    where = {"institution_id": institution_id, "authority_id": authority_id}
    old = is_registered(world, person_id, assistant, practice_code=OLD_CODE, **where)
    first_message(world, clerk, "approved")
    by_decision = where | {"application_id": application_id, "business": "UPGRADE"}

    def is_superseded() -> None:
        is_registered(
            world,
            person_id,
            assistant,
            registration_id=old,
            change="superseded",
            practice_code=OLD_CODE,
            **by_decision,
        )
        first_message(world, doctor, "registration_superseded")

    def is_opened() -> None:
        is_registered(world, person_id, licensed, practice_code=NEW_CODE, **by_decision)
        eventually(lambda: told(world, doctor, "approved") == 2)

    steps = [is_superseded, is_opened] if first == "superseded" else [is_opened, is_superseded]
    for step in steps:
        step()
    later = bodies(world, doctor, "approved" if first == "superseded" else "registration_superseded")
    assert any(OLD_CODE in body and NEW_CODE in body for body in later)
    assert told(world, clerk, "registration_superseded") == 1
    assert templates(world, officer) == []


def test_a_cancellation_is_told_wherever_the_doctor_is_registered(world: World):
    """domain.md §9.1: P, all Orgs, other Auths of the doctor; the authority whose registration another one ended."""
    person_id, doctor = a_doctor()
    (here, clerk), (there, other_clerk), (further, further_clerk), (past, past_clerk) = (a_place() for _ in range(4))
    (authority_id, officer), (other_authority, other_officer) = an_office(), an_office()
    qualification_id, second = is_recognised(world, person_id), is_recognised(world, person_id)
    eventually(lambda: told(world, doctor, "qualification_recognised") == 2)
    application_id = applies(world, person_id, qualification_id, here, authority_id, type="CANCEL")
    first_message(world, doctor, "submitted")
    registration_id = is_registered(world, person_id, qualification_id, institution_id=here, authority_id=authority_id)
    is_registered(world, person_id, second, institution_id=there, authority_id=other_authority)
    gone = is_registered(world, person_id, second, institution_id=past, authority_id=new_id())
    is_registered(
        world,
        person_id,
        second,
        registration_id=gone,
        change="superseded",
        institution_id=past,
        authority_id=new_id(),
    )
    first_message(world, other_clerk, "approved")
    first_message(world, past_clerk, "registration_superseded")
    is_registered(
        world,
        person_id,
        qualification_id,
        registration_id=registration_id,
        change="revoked",
        business="CANCEL",
        application_id=application_id,
        institution_id=here,
        authority_id=authority_id,
        informs_institutions=[further],
    )
    first_message(world, other_officer, "registration_news_authority")
    assert told(world, doctor, "registration_ended") == told(world, clerk, "registration_ended") == 1
    for reader in (other_clerk, further_clerk):
        assert told(world, reader, "registration_news_institution") == 1
    assert told(world, past_clerk, "registration_news_institution") == 0
    assert templates(world, officer) == []
    assert "吊销" in first_message(world, other_clerk, "registration_news_institution")["title"]


def test_a_filing_is_told_to_the_doctor_and_both_institutions(world: World):
    """domain.md §3.7, §9.1: filed, thirty days before its end, ended."""
    person_id, doctor = a_doctor()
    (main, main_clerk), (further, further_clerk) = a_place(), a_place()
    authority_id, officer = an_office()
    filing_id = new_id()
    parties = {
        "filing_id": filing_id,
        "person_id": person_id,
        "institution_id": further,
        "main_institution_id": main,
        "authority_id": authority_id,
    }
    for change, reason in (("filed", ""), ("ends_soon", ""), ("ended", "registration_ended")):
        body = world.announce(applications.FILING_CHANGED, filing_id, facts.filing(change, reason=reason) | parties)
        for _ in range(2):
            world.publish(applications.FILING_CHANGED, body)
    first_message(world, officer, "filing_ended_authority")
    for reader in (doctor, main_clerk, further_clerk):
        assert templates(world, reader) == ["filing_ended", "filing_ends_soon", "filing_filed"]
    assert templates(world, officer) == ["filing_ended_authority"]


def test_a_lapse_is_told_to_the_doctor_the_last_institution_and_the_authority(world: World):
    """domain.md §9.1, 医师执业注册管理办法 art.19: ninety and thirty days before, with the training path."""
    person_id, doctor = a_doctor()
    (institution_id, clerk), (authority_id, officer) = a_place(), an_office()
    where = {"institution_id": institution_id, "authority_id": authority_id}
    qualification_id = is_recognised(world, person_id)
    registration_id = is_registered(world, person_id, qualification_id, practice_code=NEW_CODE, **where)
    is_registered(
        world,
        person_id,
        qualification_id,
        registration_id=registration_id,
        change="left",
        practice_code=NEW_CODE,
        **where,
    )
    for days in (90, 30):
        near = facts.lapse(days) | where | {"registration_id": registration_id, "person_id": person_id}
        body = world.announce(applications.LAPSE_NEAR, registration_id, near)
        world.publish(applications.LAPSE_NEAR, body)
    for reader, template in (
        (doctor, "lapse_near"),
        (clerk, "lapse_near_institution"),
        (officer, "lapse_near_authority"),
    ):
        eventually(lambda reader=reader, template=template: told(world, reader, template) == 2)
        for body in bodies(world, reader, template):
            assert NEW_CODE in body
            assert "不少于6个月" in body  # national.toml


def test_a_report_is_told_to_the_physician_as_the_institutions(world: World):
    """domain.md §3.6: the doctor is notified and may object; it is no submission of their own."""
    person_id, doctor = a_doctor()
    has_contact(world, person_id, "13800000051")
    institution_id, _ = a_place()
    applies(world, person_id, new_id(), institution_id, new_id(), type="CANCEL", sub_kind="", started_by="institution")
    assert "提出异议" in first_message(world, doctor, "reported_by_institution")["body"]
    assert templates(world, doctor) == ["reported_by_institution"]
    eventually(lambda: [text for text in texts_to(world, "13800000051") if "注销注册" in text])


def test_the_other_side_is_asked_reminded_until_it_answers_and_its_objection_told(world: World):
    """domain.md §3.5, E47: O-Org and O-Auth one after the other; the applicant hears of an objection in the mailbox."""
    person_id, doctor = a_doctor()
    has_contact(world, person_id, "13800000052")
    (old, old_clerk), (old_authority, old_officer) = a_place(), an_office()
    case = a_case(new_id(), person_id) | {"type": "CHANGE", "sub_kind": "ORG_IN_PROVINCE"}

    def opens(role: str, organisation_id: UUID) -> None:
        world.announce(review.TASK_OPENED, case["case_id"], facts.task("release", role, organisation_id) | case)

    def advances(from_state: str, to_state: str, **step: Any) -> None:
        news = facts.advanced(from_state, to_state, **step) | case
        body = world.announce(review.CASE_ADVANCED, case["case_id"], news)
        world.publish(review.CASE_ADVANCED, body)

    move_into_the_day(world)
    advances("ORG_REVIEW", "ORG_CONFIRMED", action="confirm", acts_next="none")
    advances("ORG_CONFIRMED", "RELEASE", action="ask_release", acts_next="other_side")
    opens("clerk", old)
    assert "等待答复到2026年12月4日" in first_message(world, old_clerk, "to_release")["body"]
    late = facts.deadline("clerk", old, -1, clock="release") | case
    world.announce(review.DEADLINE_PASSED, case["case_id"], late)
    first_message(world, old_clerk, "answer_overdue")
    move_to_the_next_reminder(world)
    eventually(lambda: told(world, old_clerk, "overdue_answer_reminder") == 1, within=40)
    advances("RELEASE", "RELEASE", action="object_to_release", acts_next="other_side")
    opens("officer", old_authority)
    first_message(world, old_officer, "to_release_authority")
    # Another case shows that reminders still go out, and that those of what was answered have ended.
    waiting_at, waiting = a_place()
    other = a_case(waiting_at, person_id)
    world.announce(
        review.DEADLINE_PASSED, other["case_id"], facts.deadline("clerk", waiting_at, -1, clock="release") | other
    )
    first_message(world, waiting, "answer_overdue")
    move_to_the_next_reminder(world)
    eventually(lambda: told(world, waiting, "overdue_answer_reminder") == 1, within=40)
    assert told(world, old_clerk, "overdue_answer_reminder") == 1
    advances("RELEASE", "ORG_CONFIRMED", action="release", acts_next="applicant")
    first_message(world, doctor, "papers_awaited")
    assert templates(world, doctor) == ["org_confirmed_goes_on", "papers_awaited", "release_objected"]
    eventually(lambda: texts_to(world, "13800000052"))
    assert ["请携带纸质材料" in text for text in texts_to(world, "13800000052")] == [True]

"""Who hears of what concerns a qualification, a gate or an account, as the read models know it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.gateway.http_schemas import over_http
from shared.contracts import accounts, applications, notices, review, sync
from shared.platform.contract import EventType
from shared.platform.identity import Actor
from shared.platform.ids import new_id
from tests.contract.samples import sample
from tests.support.processes import eventually
from tests.unit.notices import facts

from .conftest import World
from .test_notices import a_clerk, a_doctor, first_message, has_contact, inbox, texts_to
from .test_reminders import joins

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def like_the_sample(event: EventType, **changes: Any) -> dict[str, Any]:
    """The data of an event, whole, as its golden sample has it."""
    data: dict[str, Any] = over_http(event.data)().load(sample(event)["data"])
    return data | changes


def staff_of(authority_id: UUID, role: str, province: str = "43") -> tuple[UUID, Actor]:
    staff_id = new_id()
    return staff_id, Actor(
        kind="staff",
        id=f"staff:{staff_id}",
        role=role,
        organisation_id=authority_id,
        organisation_kind="authority",
        province=province,
    )


def is_recognised(world: World, person_id: UUID, region: str = "43", year: int = 2026) -> UUID:
    qualification_id, account_id = new_id(), new_id()
    recognised = {
        "account_id": account_id,
        "person_id": person_id,
        "qualification_ids": [qualification_id],
        "exams": [{"qualification_id": qualification_id, "region": region, "year": year}],
    }
    world.announce(accounts.QUALIFICATION_RECOGNISED, account_id, recognised)
    return qualification_id


def is_registered(world: World, person_id: UUID, qualification_id: UUID, **where: Any) -> UUID:
    registration_id = where.pop("registration_id", None) or new_id()
    changed = like_the_sample(
        applications.REGISTRATION_CHANGED,
        registration_id=registration_id,
        application_id=None,
        person_id=person_id,
        qualification_id=qualification_id,
        **{"change": "opened"} | where,
    )
    world.announce(applications.REGISTRATION_CHANGED, registration_id, changed)
    return registration_id


def applies(world: World, person_id: UUID, qualification_id: UUID, institution_id: UUID, authority_id: UUID) -> UUID:
    application_id = new_id()
    submitted = like_the_sample(
        applications.APPLICATION_SUBMITTED,
        application_id=application_id,
        person_id=person_id,
        qualification_id=qualification_id,
    )
    institution = submitted["institution"]
    submitted["institution"] = institution | {
        "id": institution_id,
        "authority": institution["authority"] | {"id": authority_id},
    }
    world.announce(applications.APPLICATION_SUBMITTED, application_id, submitted)
    return application_id


def is_changed(world: World, event: EventType, qualification_id: UUID, reason: str) -> Any:
    return world.announce(event, qualification_id, {"qualification_id": qualification_id, "reason": reason})


def templates(world: World, reader: Actor) -> list[str]:
    return sorted(item["template"] for item in inbox(world, reader)["items"])


def test_an_annulment_is_told_to_its_holder_and_wherever_something_rests_on_it(world: World):
    """domain.md §6.7, §9.1: P, Orgs, Auths; nobody whose registration rests on another qualification (E22)."""
    person_id, doctor = a_doctor()
    has_contact(world, person_id, "13800000040")
    annulled, sound = is_recognised(world, person_id), is_recognised(world, person_id)
    authority_id, other_authority = new_id(), new_id()
    (_, clerk), (_, new_clerk), (_, untouched), (_, former) = (a_clerk(new_id()) for _ in range(4))
    (_, officer), (_, head) = staff_of(authority_id, "officer"), staff_of(other_authority, "head")
    is_registered(world, person_id, annulled, institution_id=clerk.organisation_id, authority_id=authority_id)
    is_registered(world, person_id, sound, institution_id=untouched.organisation_id, authority_id=new_id())
    gone = is_registered(world, person_id, annulled, institution_id=former.organisation_id, authority_id=new_id())
    is_registered(
        world,
        person_id,
        annulled,
        registration_id=gone,
        change="cancelled",
        institution_id=former.organisation_id,
        authority_id=new_id(),
    )
    application_id = applies(world, person_id, annulled, new_clerk.organisation_id, other_authority)
    for reader in (clerk, untouched):
        first_message(world, reader, "approved")
    first_message(world, former, "registration_ended")
    eventually(lambda: "submitted" in templates(world, doctor))

    body = is_changed(world, sync.QUALIFICATION_ANNULLED, annulled, "annulled")
    # Its end is told by another service and may well come first; the institution hears of both.
    ended = facts.advanced("ACCEPTED", "TERMINATED") | {
        "case_id": new_id(),
        "application_id": application_id,
        "person_id": person_id,
        "institution_id": new_clerk.organisation_id,
    }
    world.announce(review.CASE_ADVANCED, ended["case_id"], ended)
    world.publish(sync.QUALIFICATION_ANNULLED, body)
    assert "行政复议" in first_message(world, doctor, "qualification_annulled")["body"]
    practice_code = sample(applications.REGISTRATION_CHANGED)["data"]["practice_code"]
    assert practice_code in first_message(world, clerk, "qualification_annulled_staff")["body"]
    assert practice_code in first_message(world, officer, "qualification_annulled_staff")["body"]
    for reader in (new_clerk, head):
        assert practice_code not in first_message(world, reader, "qualification_annulled_staff")["body"]
    first_message(world, new_clerk, "terminated")
    assert templates(world, untouched) == ["approved"]
    assert "qualification_annulled_staff" not in templates(world, former)
    assert templates(world, doctor).count("qualification_annulled") == 1
    eventually(lambda: [text for text in texts_to(world, "13800000040") if "资格已被撤销" in text])


def test_a_correction_is_told_and_a_freeze_is_not(world: World):
    person_id, doctor = a_doctor()
    qualification_id = is_recognised(world, person_id)
    first_message(world, doctor, "qualification_recognised")
    is_changed(world, sync.QUALIFICATION_CORRECTED, qualification_id, "frozen")
    is_changed(world, sync.QUALIFICATION_CORRECTED, qualification_id, "unfrozen")
    is_changed(world, sync.QUALIFICATION_CORRECTED, qualification_id, "corrected")
    first_message(world, doctor, "qualification_corrected")
    assert templates(world, doctor) == ["qualification_corrected", "qualification_recognised"]


def test_a_gate_is_told_by_exam_region_and_not_by_the_province_of_the_id(world: World):
    """domain.md §6.4: the gate belongs to the exam region; the ID number may be of anywhere."""
    (passed_here, from_elsewhere), (passed_there, from_here) = a_doctor(), a_doctor()
    stranger = Actor(kind="person", id=from_elsewhere.id, role="physician", province="44")
    is_recognised(world, passed_here, region="43")
    is_recognised(world, passed_there, region="44")
    for reader in (from_elsewhere, from_here):
        first_message(world, reader, "qualification_recognised")
    gate_id = new_id()
    world.announce(sync.GATE_OPENED, gate_id, {"region": "43", "year": 2026, "round": 1})
    message = first_message(world, stranger, "gate_opened")
    assert templates(world, from_here) == ["qualification_recognised"]
    assert world.ask(notices.MARK_READ, stranger, id=message["id"])["read_at"] is not None
    assert world.ask(notices.MARK_READ, from_here, id=message["id"]) == "not_found:not_found"


def test_the_security_desk_is_whoever_has_the_role_in_the_province(world: World):
    """domain.md §9.1, §10.1: administrators stand in only where a province has nobody in that role."""
    (guard_id, guard), (_, administrator) = staff_of(new_id(), "security"), staff_of(new_id(), "administrator")
    (_, elsewhere), (_, no_guard) = staff_of(new_id(), "administrator", "44"), staff_of(new_id(), "security", "44")
    joins(world, guard_id, guard.organisation_id or new_id(), "13800000041", "security")
    # Staff and accounts are other streams: their news may pass each other, so wait for what shows the first.
    world.announce(accounts.NEW_DEVICE, device_account := new_id(), new_device("staff", guard_id, device_account))
    first_message(world, guard, "new_device")
    for province in ("43", "44"):
        account_id = new_id()
        failed = {"account_id": account_id, "person_id": new_id(), "failures": 3}
        world.announce(accounts.ACTIVATION_FAILED, account_id, failed, province=province)
    first_message(world, elsewhere, "activation_failed_desk")
    first_message(world, guard, "activation_failed_desk")
    for reader in (administrator, no_guard):
        assert "activation_failed_desk" not in templates(world, reader)


def test_a_new_device_is_told_to_person_and_staff_by_mailbox_and_phone(world: World):
    person_id, doctor = a_doctor()
    staff_id, clerk = a_clerk(new_id())
    has_contact(world, person_id, "13800000042")
    has_contact(world, staff_id, "13800000043", kind="staff")
    for kind, subject_id, reader, phone in (
        ("person", person_id, doctor, "13800000042"),
        ("staff", staff_id, clerk, "13800000043"),
    ):
        account_id = new_id()
        world.announce(accounts.NEW_DEVICE, account_id, new_device(kind, subject_id, account_id))
        first_message(world, reader, "new_device")
        eventually(lambda phone=phone: len(texts_to(world, phone)) == 1)


def new_device(kind: str, subject_id: UUID, account_id: UUID) -> dict[str, Any]:
    return {"subject_kind": kind, "subject_id": subject_id, "account_id": account_id}

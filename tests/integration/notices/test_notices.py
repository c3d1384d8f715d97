"""Messages from events to mailboxes and phones, over the real bus and on both databases."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.contracts import accounts as accounts_contracts
from shared.contracts import notices, review
from shared.platform.identity import Actor, service_actor
from shared.platform.ids import new_id
from shared.platform.working_days import SHANGHAI
from tests.support.processes import ROOT, eventually
from tests.support.rabbitmq import rabbitmq
from tests.unit.notices import facts

from .conftest import World, running

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PHONE = "13800000001"


def a_doctor() -> tuple[UUID, Actor]:
    person_id = new_id()
    return person_id, Actor(kind="person", id=f"person:{person_id}", role="physician", province="43")


def a_clerk(organisation_id: UUID) -> tuple[UUID, Actor]:
    staff_id = new_id()
    actor = Actor(
        kind="staff",
        id=f"staff:{staff_id}",
        role="clerk",
        organisation_id=organisation_id,
        organisation_kind="institution",
        province="43",
    )
    return staff_id, actor


def inbox(world: World, actor: Actor, **page: Any) -> dict[str, Any]:
    answer: dict[str, Any] = world.ask(notices.INBOX, actor, **page)
    assert isinstance(answer, dict), answer
    return answer


def first_message(world: World, actor: Actor, template: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        return next((item for item in inbox(world, actor)["items"] if item["template"] == template), None)

    found: dict[str, Any] = eventually(look)
    return found


def has_contact(
    world: World, person_id: UUID, phone: str | None, *, kind: str = "person", verified: bool = True
) -> None:
    contact = {
        "subject_kind": kind,
        "subject_id": person_id,
        "account_id": new_id(),
        "name": "测试甲",
        "phone": phone,
        "phone_verified": verified,
        "email": None,
    }
    world.announce(accounts_contracts.CONTACT_CHANGED, person_id, contact)


def is_supplemented(world: World, person_id: UUID, institution_id: UUID, **given: Any) -> Any:
    reasons = [{"code": "photo_unfit", "target": "photo", "note": ""}]
    step = facts.advanced("RECEIVED", "SUPPLEMENT", reasons=reasons) | {
        "person_id": person_id,
        "institution_id": institution_id,
        "case_id": new_id(),
    }
    return world.announce(review.CASE_ADVANCED, step["case_id"], step, **given)


def move_into_the_day(world: World) -> None:
    """To ten in the morning of the next day."""
    tomorrow = world.now().astimezone(SHANGHAI).date() + timedelta(days=1)
    world.move_to(datetime.combine(tomorrow, time(10), SHANGHAI))


def texts_to(world: World, phone: str) -> list[str]:
    page = world.ask(notices.OUTBOX, service_actor("gateway"), limit=500, channel="sms")
    return [entry["text"] for entry in page["items"] if entry["to"] == phone]


def test_each_recipient_gets_one_message_and_a_verified_phone_one_text(world: World):
    person_id, doctor = a_doctor()
    institution_id = new_id()
    _, clerk = a_clerk(institution_id)
    has_contact(world, person_id, PHONE)
    has_contact(world, person_id, "13800000002")
    body = is_supplemented(world, person_id, institution_id)
    for _ in range(3):
        world.publish(review.CASE_ADVANCED, body)
    message = first_message(world, doctor, "supplement")
    assert "证件照：不符合证件照要求" in message["body"]
    assert first_message(world, clerk, "supplement")["body"] == message["body"]
    eventually(lambda: texts_to(world, "13800000002"))
    # A later event of the same stream shows that the duplicates went through before it was counted.
    is_supplemented(world, person_id, institution_id)
    eventually(lambda: len(inbox(world, doctor)["items"]) == 2)
    eventually(lambda: len(texts_to(world, "13800000002")) == 2)
    assert texts_to(world, PHONE) == []
    assert inbox(world, doctor)["unread"] == {"count": 2, "more": False}


def test_an_unverified_phone_gets_no_text(world: World):
    person_id, doctor = a_doctor()
    has_contact(world, person_id, "13800000003", verified=False)
    is_supplemented(world, person_id, new_id())
    first_message(world, doctor, "supplement")
    other, _ = a_doctor()
    has_contact(world, other, "13800000004")
    is_supplemented(world, other, new_id())
    eventually(lambda: texts_to(world, "13800000004"))
    assert texts_to(world, "13800000003") == []


def test_everyone_at_a_desk_reads_for_themselves(world: World):
    institution_id = new_id()
    _, one = a_clerk(institution_id)
    _, other = a_clerk(institution_id)
    person_id, _ = a_doctor()
    is_supplemented(world, person_id, institution_id)
    message = first_message(world, one, "supplement")
    read = world.ask(notices.MARK_READ, one, id=message["id"])
    assert read["read_at"] is not None
    assert inbox(world, one)["unread"]["count"] == 0
    assert inbox(world, other)["unread"]["count"] == 1
    world.ask(notices.MARK_ALL_READ, other)
    assert inbox(world, other)["unread"]["count"] == 0


def test_a_strangers_message_is_not_found(world: World):
    person_id, doctor = a_doctor()
    _, stranger = a_doctor()
    is_supplemented(world, person_id, new_id())
    message = first_message(world, doctor, "supplement")
    assert world.ask(notices.MARK_READ, stranger, id=message["id"]) == "not_found:not_found"
    assert inbox(world, stranger)["items"] == []
    assert inbox(world, doctor)["unread"]["count"] == 1


def test_pages_follow_one_another_without_gap_or_repeat(world: World):
    person_id, doctor = a_doctor()
    for _ in range(5):
        is_supplemented(world, person_id, new_id())
    eventually(lambda: len(inbox(world, doctor)["items"]) == 5)
    seen, after = [], None
    for _ in range(3):
        page = inbox(world, doctor, after=after, limit=2)
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
    assert after is None
    assert seen == [item["id"] for item in inbox(world, doctor)["items"]]
    assert len(set(seen)) == 5


def test_staff_changes_decide_whose_phone_rings_on_the_last_day(world: World):
    authority_id, staff_id = new_id(), new_id()
    has_contact(world, staff_id, "13800000005", kind="staff")
    member = {
        "staff_id": staff_id,
        "account_id": new_id(),
        "organisation_id": authority_id,
        "organisation_kind": "authority",
        "role": "officer",
        "active": True,
    }
    world.announce(accounts_contracts.STAFF_CHANGED, staff_id, member)
    officer = Actor(
        kind="staff",
        id=f"staff:{staff_id}",
        role="officer",
        organisation_id=authority_id,
        organisation_kind="authority",
        province="43",
    )
    move_into_the_day(world)  # at night the text would wait
    limit = facts.deadline("officer", authority_id, 0) | {"case_id": new_id()}
    world.announce(review.DEADLINE_NEAR, limit["case_id"], limit)
    first_message(world, officer, "deadline_today")
    eventually(lambda: len(texts_to(world, "13800000005")) == 1)
    world.announce(accounts_contracts.STAFF_CHANGED, staff_id, member | {"active": False})
    second = facts.deadline("officer", authority_id, 0) | {"case_id": new_id()}
    world.announce(review.DEADLINE_NEAR, second["case_id"], second)
    eventually(lambda: len(inbox(world, officer)["items"]) == 2)
    assert len(texts_to(world, "13800000005")) == 1


def test_only_accounts_has_codes_sent_and_a_phone_is_not_flooded(world: World, accounts: Actor):
    code = {"phone": "13800000006", "code": "246802", "purpose": "bind_phone", "minutes": 10}
    assert world.ask(notices.SEND_CODE, service_actor("review"), **code) == "permission_denied:not_allowed"
    _, doctor = a_doctor()
    assert world.ask(notices.SEND_CODE, doctor, **code) == "permission_denied:role_not_allowed"
    for _ in range(10):
        assert world.ask(notices.SEND_CODE, accounts, **code) is None
    assert world.ask(notices.SEND_CODE, accounts, **code).startswith("too_many_attempts:")
    sent = texts_to(world, "13800000006")
    assert len(sent) == 10
    assert all("246802" in text for text in sent)


def test_a_captcha_answer_is_found_by_its_reference(world: World, accounts: Actor):
    captcha_id = new_id()
    assert world.ask(notices.SHOW_CODE, accounts, captcha_id=captcha_id, answer="X7K2") is None
    visitor = Actor(kind="visitor", id="visitor:1", role="visitor")
    page = world.ask(notices.OUTBOX, visitor, channel="captcha", reference=str(captcha_id))
    assert [(entry["channel"], entry["text"]) for entry in page["items"]] == [("captcha", "X7K2")]


def test_nobody_is_told_twice_when_the_service_dies_on_the_way(world: World):
    people = [a_doctor() for _ in range(8)]
    for number, (person_id, _) in enumerate(people):
        has_contact(world, person_id, f"1380000010{number}")
        is_supplemented(world, person_id, new_id())
        if number in (3, 6):
            world.system.kill("notices")
            world.system.start("notices")
    for number, (_, doctor) in enumerate(people):
        first_message(world, doctor, "supplement")
        eventually(lambda number=number: texts_to(world, f"1380000010{number}"), within=40)
    for number, (_, doctor) in enumerate(people):
        assert len(inbox(world, doctor)["items"]) == 1
        assert len(texts_to(world, f"1380000010{number}")) == 1


def test_nothing_at_rest_shows_a_phone_or_a_code(world: World):
    """domain.md §10.2: phones are sealed at rest, codes are kept nowhere but on the trial's outbox page, sealed."""
    if world.system.database_url("notices").startswith("sqlite"):
        content = b"".join(path.read_bytes() for path in (world.system.folder / "db").iterdir())
        assert b"1380000000" not in content
        assert b"246802" not in content
    assert "1380000000" not in world.system.log()
    assert "246802" not in world.system.log()


def test_a_province_that_sends_no_text_messages_still_fills_the_mailbox(tmp_path: Path):
    """Policy key `notice.channels`: the mailbox is the record, the text message goes where the province wants it."""
    provinces = shutil.copytree(ROOT / "provinces", tmp_path / "provinces")
    with (provinces / "43.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[rule]]\nkey = "notice.channels"\nvalue = ["inbox"]\nvalid_from = 2022-03-01\ndecision = "no texts"\n'
        )
    # One broker serves one system at a time, and the other tests' system is still up.
    with (
        rabbitmq(private=True) as broker,
        contextmanager(running)(broker, None, PROVINCES_DIR=str(provinces)) as world,
    ):
        (quiet, doctor), (loud, _) = a_doctor(), a_doctor()
        has_contact(world, quiet, "13800000005")
        has_contact(world, loud, "13800000006")
        is_supplemented(world, quiet, new_id())
        first_message(world, doctor, "supplement")
        is_supplemented(world, loud, new_id(), province="44")
        # Texts leave in the order in which they were laid, so the second shows that there was no first.
        eventually(lambda: texts_to(world, "13800000006"))
        assert texts_to(world, "13800000005") == []

"""Reminders of what is overdue, on a clock that is moved: to whom, how often, until when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts import accounts, review
from shared.platform.identity import Actor
from shared.platform.ids import new_id
from shared.platform.working_days import SHANGHAI, working_days
from tests.support.processes import eventually
from tests.unit.notices import facts

from .conftest import World
from .test_notices import a_clerk, a_doctor, first_message, has_contact, inbox, move_into_the_day, texts_to

pytestmark = [pytest.mark.broker, pytest.mark.slow]

REMIND_DAYS = 5  # national.toml


def joins(world: World, staff_id: UUID, organisation_id: UUID, phone: str, role: str = "clerk") -> None:
    """A member of staff with a phone that their organisation vouches for."""
    has_contact(world, staff_id, phone, kind="staff")
    kind = "institution" if role == "clerk" else "authority"
    member = {
        "staff_id": staff_id,
        "account_id": new_id(),
        "organisation_id": organisation_id,
        "organisation_kind": kind,
        "role": role,
        "active": True,
    }
    world.announce(accounts.STAFF_CHANGED, staff_id, member)


def a_case(institution_id: UUID, person_id: UUID) -> dict[str, Any]:
    """What the events of one case tell of it."""
    return {
        "case_id": new_id(),
        "application_id": new_id(),
        "person_id": person_id,
        "institution_id": institution_id,
    }


def becomes_overdue(world: World, case: dict[str, Any]) -> Any:
    limit = facts.deadline("clerk", case["institution_id"], -1) | {"clock": "institution"} | case
    return world.announce(review.DEADLINE_PASSED, case["case_id"], limit)


def is_confirmed(world: World, case: dict[str, Any]) -> None:
    world.announce(review.CASE_ADVANCED, case["case_id"], facts.advanced("ORG_REVIEW", "ORG_CONFIRMED") | case)


def told(world: World, reader: Actor, template: str) -> int:
    return sum(item["template"] == template for item in inbox(world, reader, limit=100)["items"])


def move_to_the_next_reminder(world: World) -> None:
    day = working_days().add(world.now().astimezone(SHANGHAI).date(), REMIND_DAYS).date
    world.move_to(datetime.combine(day, time(10), SHANGHAI))


def test_an_institution_is_reminded_every_five_working_days_until_it_has_acted(world: World):
    """domain.md §9.1: reminders only; each clerk once a reminder, though events come again and the process dies."""
    institution_id = new_id()
    person_id, doctor = a_doctor()
    (one, clerk), (other, _) = a_clerk(institution_id), a_clerk(institution_id)
    phones = ("13800000030", "13800000031")
    for staff_id, phone in zip((one, other), phones, strict=True):
        joins(world, staff_id, institution_id, phone)
    case = a_case(institution_id, person_id)
    move_into_the_day(world)
    body = becomes_overdue(world, case)
    for _ in range(3):
        world.publish(review.DEADLINE_PASSED, body)
    first_message(world, clerk, "deadline_passed")
    first_message(world, doctor, "institution_overdue")
    assert told(world, clerk, "overdue_reminder") == 0
    for count in (1, 2, 3):
        if count == 2:
            world.system.kill("notices")
        move_to_the_next_reminder(world)
        if count == 2:
            world.system.start("notices")
        eventually(lambda count=count: told(world, clerk, "overdue_reminder") == count, within=40)
        for phone in phones:
            eventually(lambda count=count, phone=phone: len(texts_to(world, phone)) == 1 + count, within=40)
    assert told(world, doctor, "overdue_reminder") == 0

    is_confirmed(world, case)
    first_message(world, doctor, "org_confirmed")
    # Another case shows that reminders still go out, and that this one's have ended.
    others, (_, other_clerk) = a_case(waiting := new_id(), person_id), a_clerk(waiting)
    becomes_overdue(world, others)
    first_message(world, other_clerk, "deadline_passed")
    move_to_the_next_reminder(world)
    eventually(lambda: told(world, other_clerk, "overdue_reminder") == 1, within=40)
    assert told(world, clerk, "overdue_reminder") == 3
    assert told(world, clerk, "deadline_passed") == 1
    assert [len(texts_to(world, phone)) for phone in phones] == [4, 4]
    is_confirmed(world, others)


def test_a_system_that_stood_still_for_long_reminds_once_and_not_of_each_day(world: World):
    person_id, _ = a_doctor()
    case = a_case(institution_id := new_id(), person_id)
    _, clerk = a_clerk(institution_id)
    move_into_the_day(world)
    becomes_overdue(world, case)
    first_message(world, clerk, "deadline_passed")
    world.system.advance_clock(timedelta(days=60))
    eventually(lambda: told(world, clerk, "overdue_reminder") == 1, within=40)
    move_to_the_next_reminder(world)
    eventually(lambda: told(world, clerk, "overdue_reminder") == 2, within=40)
    is_confirmed(world, case)


def test_a_returned_application_that_is_let_lie_again_is_reminded_of_its_new_period(world: World):
    person_id, doctor = a_doctor()
    case = a_case(institution_id := new_id(), person_id)
    _, clerk = a_clerk(institution_id)
    move_into_the_day(world)
    becomes_overdue(world, case)
    world.announce(review.CASE_ADVANCED, case["case_id"], facts.advanced("ORG_REVIEW", "ORG_RETURNED") | case)
    first_message(world, doctor, "org_returned")
    becomes_overdue(world, case)
    eventually(lambda: told(world, clerk, "deadline_passed") == 2)
    move_to_the_next_reminder(world)
    eventually(lambda: told(world, clerk, "overdue_reminder") == 1, within=40)
    is_confirmed(world, case)


def test_nobody_is_texted_at_night_nor_of_what_was_done_before_morning(world: World):
    """Deadlines pass at midnight: the mailbox has it at once, the phone in the morning, if it is still true."""
    authority_id, officer_id = new_id(), new_id()
    joins(world, officer_id, authority_id, "13800000032", "officer")
    officer = Actor(
        kind="staff",
        id=f"staff:{officer_id}",
        role="officer",
        organisation_id=authority_id,
        organisation_kind="authority",
        province="43",
    )
    person_id, doctor = a_doctor()
    tomorrow = world.now().astimezone(SHANGHAI).date() + timedelta(days=1)
    world.move_to(datetime.combine(tomorrow, time(0, 30), SHANGHAI))
    done, left = (a_case(new_id(), person_id) | {"number": f"ZC2026-{name}"} for name in ("done", "left"))
    for case in (done, left):
        limit = facts.deadline("officer", authority_id, 0) | case
        world.announce(review.DEADLINE_NEAR, case["case_id"], limit)
    eventually(lambda: told(world, officer, "deadline_today") == 2)
    world.announce(review.CASE_ADVANCED, done["case_id"], facts.advanced("RECEIVED", "ACCEPTED") | done)
    first_message(world, doctor, "accepted")
    assert texts_to(world, "13800000032") == []
    world.move_to(datetime.combine(tomorrow, time(8, 1), SHANGHAI))
    eventually(lambda: texts_to(world, "13800000032"))
    assert ["ZC2026-left" in text for text in texts_to(world, "13800000032")] == [True]

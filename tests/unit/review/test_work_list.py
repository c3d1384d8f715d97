"""Who sees which tab, and who may take a task that somebody holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.review.domain.work_list import CLAIM_LASTS, OPEN_TABS, TABS_OF_ROLE, Tally, Task, Viewer, require_free
from services.review.domain.workflow import DESKS
from shared.contracts.review import TABS
from shared.platform.errors import Conflict
from shared.platform.ids import new_id

from .makers import COUNTY, MONDAY, workflow

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


def test_a_task_that_a_colleague_holds_is_not_taken_from_them():
    with pytest.raises(Conflict, match="task_claimed"):
        require_free(TASK, MYSELF, "officer", MONDAY)
    require_free(TASK, COLLEAGUE, "officer", MONDAY)


def test_the_head_of_the_section_may_step_in():
    require_free(TASK, MYSELF, "head", MONDAY)


def test_a_claim_ends_by_itself():
    require_free(TASK, MYSELF, "officer", MONDAY + CLAIM_LASTS)
    with pytest.raises(Conflict, match="task_claimed"):
        require_free(TASK, MYSELF, "officer", MONDAY + CLAIM_LASTS - timedelta(seconds=1))


def test_what_is_done_is_closed_for_everybody():
    with pytest.raises(Conflict, match="task_closed"):
        require_free(replace(TASK, status="DONE"), COLLEAGUE, "head", MONDAY)


@pytest.mark.parametrize("found,count,more", [(0, 0, False), (100, 100, False), (101, 100, True)])
def test_counts_are_exact_to_a_hundred(found, count, more):
    """Design D17."""
    assert Tally.of(found) == Tally(count, more)


def test_every_tab_of_the_contract_is_some_roles_and_every_task_lies_in_one_its_desk_sees():
    assert {tab for tabs in TABS_OF_ROLE.values() for tab in tabs} == set(TABS)
    assert set(OPEN_TABS) < set(TABS)
    for state in workflow().states.values():
        if state.task is not None:
            for role in DESKS[state.task.desk]:
                assert state.task.tab in TABS_OF_ROLE[role], (state.name, role)


@pytest.mark.parametrize(
    "role,desks", [("clerk", ("clerk",)), ("window", ("window",)), ("officer", ("window", "officer")), ("examiner", ())]
)
def test_who_decides_may_also_receive_and_nobody_else_decides(role, desks):
    assert Viewer(MYSELF, COUNTY.id, role).desks == desks

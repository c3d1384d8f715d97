"""Two at once: one outcome, and the loser is told so. On PostgreSQL, where two transactions really run side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from services.review.domain.case import ActorFacts, Case, Reason
from shared.platform.engine import Database
from shared.platform.errors import Conflict
from shared.platform.ids import new_id
from shared.platform.migrations import upgrade
from tests.integration.review.conftest import MIGRATIONS
from tests.integration.review.desk import Desk, viewer
from tests.support.postgres import Postgres
from tests.unit.review.makers import APPLICANT, CLERK, DECIDER, HOSPITAL, WINDOW

pytestmark = pytest.mark.postgres
ROUNDS = 12


@pytest.fixture(scope="module")
def desk(postgres_server: Postgres, keys: Path) -> Iterator[Desk]:
    """Casework on PostgreSQL."""
    url = postgres_server.create_database()
    upgrade(MIGRATIONS, url)
    database = Database("review", url, pool_size=10)
    yield Desk(database)
    database.close()


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each of them gives or raises, all begun in the same moment."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        gate.wait(10)
        try:
            return work()
        except Conflict as conflict:
            return conflict.code

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(30) for future in [pool.submit(run, work) for work in works]]


def accepted(desk: Desk) -> Case:
    case = desk.take(desk.open(), "confirm", CLERK)
    case = desk.take(case, "receive_paper", WINDOW, papers=case.paper_materials)
    return desk.take(case, "accept", WINDOW)


def refuse(desk: Desk, case: Case, by: ActorFacts = DECIDER) -> Case:
    return desk.take(case, "refuse", by, reasons=(Reason("criminal_penalty"),), note="事实")


def told(desk: Desk, case: Case, kind: str) -> list[str]:
    return [news["data"].get("to_state", "") for news in desk.news(case.id) if kind in news["type"]]


def test_two_officers_decide_one_case_in_the_same_moment(desk: Desk) -> None:
    """Issue §4: one outcome, the loser gets a clear conflict."""
    for _ in range(ROUNDS):
        case = accepted(desk)
        answers = at_once(lambda c=case: desk.take(c, "approve", DECIDER), lambda c=case: refuse(desk, c))
        winners = [answer for answer in answers if isinstance(answer, Case)]
        assert [answer for answer in answers if not isinstance(answer, Case)] == ["case_changed"]
        assert desk.case(case.id).state == winners[0].state
        assert len(told(desk, case, "case_decided")) == 1
        with desk.unit(read_only=True) as work:
            steps = work.uow.records.steps_of(case.id)
        assert [step.position for step in steps] == list(range(1, len(steps) + 1))


def test_a_withdrawal_races_an_approval(desk: Desk) -> None:
    """Domain §3.0: withdrawn before approval, or approved; never both."""
    for _ in range(ROUNDS):
        case = accepted(desk)
        answers = at_once(
            lambda c=case: desk.take(c, "approve", DECIDER), lambda c=case: desk.take(c, "withdraw", APPLICANT)
        )
        assert sorted(isinstance(answer, Case) for answer in answers) == [False, True]
        assert "case_changed" in answers
        decided = len(told(desk, case, "case_decided"))
        assert (desk.case(case.id).state, decided) in {("APPROVED", 1), ("WITHDRAWN", 0)}


def test_two_who_ask_for_the_next_task_get_two(desk: Desk) -> None:
    """Design D18: SKIP LOCKED; nobody waits for the other and nobody gets the other's."""
    for _ in range(4):
        desk.open()
    clerks = [viewer("clerk", HOSPITAL, new_id()) for _ in range(4)]

    def ask(who: Any) -> Any:
        task = desk.in_a_unit(lambda work: work.uow.tasks.take_next(who, None, desk.now))
        return None if task is None else task.id

    got = at_once(*(lambda w=who: ask(w) for who in clerks))
    assert None not in got
    assert len(set(got)) == 4


def test_decision_numbers_are_given_once_however_many_decide(desk: Desk) -> None:
    cases = [accepted(desk) for _ in range(6)]
    decided = at_once(*(lambda c=case: desk.take(c, "approve", DECIDER) for case in cases))
    numbers = sorted(case.decision_number for case in decided)
    assert len(set(numbers)) == 6
    serials = [int(number.rsplit("-", 1)[1]) for number in numbers]
    assert serials == list(range(serials[0], serials[0] + 6))


def test_two_replicas_timers_tell_each_deadline_once(desk: Desk) -> None:
    """Design D18: timers run on every replica."""
    cases = [desk.open() for _ in range(5)]
    desk.days_go_by(20)
    at_once(desk.fire_clocks, desk.fire_clocks)
    desk.fire_clocks()
    for case in cases:
        assert len([news for news in desk.news(case.id) if "deadline_passed" in news["type"]]) == 1


def test_a_clerks_double_click_is_one_confirmation(desk: Desk) -> None:
    for _ in range(ROUNDS):
        case = desk.open()
        answers = at_once(*(lambda c=case: desk.take(c, "confirm", CLERK) for _ in range(3)))
        assert answers.count("case_changed") == 2
        assert told(desk, case, "case_advanced") == ["ORG_REVIEW", "ORG_CONFIRMED"]

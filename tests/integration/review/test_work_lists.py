"""Work lists: the own desk only, most urgent first, paged by keyset, counted to a hundred (design D17, ui §7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.review.domain.case import Case, Reason
from services.review.domain.work_list import CLAIM_LASTS, Filter, Viewer
from shared.platform.errors import InvalidInput
from shared.platform.ids import new_id
from shared.platform.working_days import local_date
from tests.integration.review.desk import CLERK_VIEW, Desk, viewer
from tests.unit.review.makers import (
    CITY,
    CLERK,
    COUNTY,
    DECIDER,
    OTHER_HOSPITAL,
    PERSON,
    WINDOW,
    a_submission,
    an_institution,
)

WINDOW_VIEW, OFFICER_VIEW = viewer("window"), viewer("officer")


def listed(desk: Desk, who: Viewer, limit: int = 100, **wanted: str) -> list[str]:
    """The numbers of the cases in a list, through all its pages."""
    numbers, after, today = [], None, local_date(desk.now)
    with desk.unit(read_only=True) as work:
        while True:
            tasks, after = work.uow.tasks.page(who, Filter(**wanted), today, after, limit)
            assert len(tasks) <= limit
            numbers += [work.uow.cases.get(task.case_id).number for task in tasks]
            if after is None:
                return numbers


def counts(desk: Desk, who: Viewer) -> dict[str, int]:
    with desk.unit(read_only=True) as work:
        return {tab: tally.count for tab, tally in work.uow.tasks.tallies(who, local_date(desk.now)).items()}


def numbered(desk: Desk, number: str, **changes: object) -> Case:
    return desk.open(replace(a_submission(), number=number, **changes))  # type: ignore[arg-type]  # any field


def test_a_task_is_on_the_desk_that_the_state_names_and_on_no_other(desk: Desk) -> None:
    case = numbered(desk, "N1")
    elsewhere = viewer("clerk", OTHER_HOSPITAL)
    assert (listed(desk, CLERK_VIEW), listed(desk, elsewhere), listed(desk, WINDOW_VIEW)) == (["N1"], [], [])
    case = desk.take(case, "confirm", CLERK)
    assert (listed(desk, CLERK_VIEW), listed(desk, WINDOW_VIEW, tab="receive")) == ([], ["N1"])
    case = desk.take(case, "receive_paper", WINDOW, papers=case.paper_materials)
    case = desk.take(case, "accept", WINDOW)
    assert (listed(desk, WINDOW_VIEW), listed(desk, OFFICER_VIEW)) == ([], ["N1"])
    assert listed(desk, viewer("officer", CITY.id)) == []


def test_the_fewest_days_left_come_first_and_pages_lose_nothing(desk: Desk) -> None:
    expected = []
    for day in range(5):
        expected += [numbered(desk, f"N{day}{nth}").number for nth in range(2)]
        desk.days_go_by(1)
    assert listed(desk, CLERK_VIEW) == expected
    for limit in (1, 2, 3, 10):
        assert listed(desk, CLERK_VIEW, limit) == expected


def test_what_is_done_is_listed_newest_first_and_by_day(desk: Desk) -> None:
    for number in ("N1", "N2", "N3"):
        desk.take(numbered(desk, number), "confirm", CLERK)
        desk.now += timedelta(minutes=1)
    assert listed(desk, CLERK_VIEW, 2, tab="done") == listed(desk, CLERK_VIEW, tab="done_today") == ["N3", "N2", "N1"]
    desk.days_go_by(1)
    assert (listed(desk, CLERK_VIEW, tab="done_today"), len(listed(desk, CLERK_VIEW, tab="done"))) == ([], 3)


def test_a_case_counts_as_done_when_the_units_part_is_over(desk: Desk) -> None:
    """今日办结: receiving and accepting don't end the authority's part; deciding does."""
    case = desk.take(numbered(desk, "N1"), "confirm", CLERK)
    case = desk.take(case, "receive_paper", WINDOW, papers=case.paper_materials)
    case = desk.take(case, "accept", WINDOW)
    assert counts(desk, OFFICER_VIEW)["done"] == 0
    desk.take(case, "refuse", DECIDER, reasons=(Reason("criminal_penalty"),), note="事实")
    assert counts(desk, OFFICER_VIEW) == {
        **dict.fromkeys(("receive", "accept", "review", "decide", "supplementing", "exception"), 0),
        "done_today": 1,
        "done": 1,
    }


def test_what_waits_for_the_applicant_is_shown_and_not_handed_out(desk: Desk) -> None:
    case = desk.take(numbered(desk, "N1"), "confirm", CLERK)
    case = desk.take(case, "receive_paper", WINDOW, papers=())
    desk.take(case, "supplement", WINDOW, reasons=(Reason("photo_unfit"),))
    assert listed(desk, WINDOW_VIEW, tab="supplementing") == ["N1"]
    assert listed(desk, WINDOW_VIEW) == []
    assert desk.in_a_unit(lambda work: work.uow.tasks.take_next(WINDOW_VIEW, None, desk.now)) is None


def test_lists_are_narrowed_by_number_name_type_and_division(desk: Desk) -> None:
    """A name is searched by its blind index, however its dot is written (E02's cousin)."""
    numbered(desk, "N1", applicant_name="阿依•买买提")
    numbered(desk, "N2", applicant_name="王𬭎")
    with desk.unit(read_only=True) as work:
        index = work.uow.cases.name_index("阿依 · 买买提")
    assert listed(desk, CLERK_VIEW, name_index=index) == ["N1"]
    assert listed(desk, CLERK_VIEW, number="N2") == ["N2"]
    assert listed(desk, CLERK_VIEW, type="CHANGE") == []
    assert listed(desk, CLERK_VIEW, division="43/4301") == ["N1", "N2"]
    assert listed(desk, CLERK_VIEW, division="43/4301/430102") == ["N1", "N2"]
    assert listed(desk, CLERK_VIEW, division="43/4302") == []


@pytest.mark.parametrize("cursor", ["x", "bm90IGEgY3Vyc29y", "WyIyMDIyLTExLTA3Il0", "W10", "é"])
def test_a_cursor_that_is_none_of_ours_is_refused(desk: Desk, cursor: str) -> None:
    for tab in (None, "done"):
        with desk.unit(read_only=True) as work, pytest.raises(InvalidInput, match="cursor_invalid"):
            work.uow.tasks.page(CLERK_VIEW, Filter(tab=tab), local_date(desk.now), cursor, 10)


# --- taking a task ----------------------------------------------------------------------------------------------------


def taken(desk: Desk, who: Viewer, tab: str | None = None) -> str | None:
    def work(casework) -> str | None:
        task = casework.uow.tasks.take_next(who, tab, desk.now)
        return None if task is None else casework.uow.cases.get(task.case_id).number

    return desk.in_a_unit(work)


def test_the_most_urgent_task_that_nobody_holds_is_handed_out(desk: Desk) -> None:
    for number in ("N1", "N2"):
        numbered(desk, number)
        desk.days_go_by(1)
    first, second, third = (replace(CLERK_VIEW, staff_id=new_id()) for _ in range(3))
    assert [taken(desk, first), taken(desk, second), taken(desk, third)] == ["N1", "N2", None]
    assert taken(desk, first) == "N1"  # one's own again, until it is done
    desk.now += CLAIM_LASTS
    assert taken(desk, third) == "N1"


def test_nobody_is_handed_their_own_application(desk: Desk) -> None:
    """回避."""
    numbered(desk, "N1")
    numbered(desk, "N2", person_id=new_id())
    assert taken(desk, replace(CLERK_VIEW, person_id=PERSON)) == "N2"


def test_a_claimed_task_stays_where_it_is_until_it_is_laid_back(desk: Desk) -> None:
    case, me, colleague = numbered(desk, "N1"), new_id(), new_id()

    def claim(staff_id) -> bool:
        def work(casework) -> bool:
            task = casework.uow.tasks.open_of(case.id)
            return casework.uow.tasks.claim(task, staff_id, desk.now)

        return desk.in_a_unit(work)

    assert (claim(me), claim(colleague), claim(me)) == (True, False, True)
    desk.in_a_unit(lambda work: work.uow.tasks.release(work.uow.tasks.open_of(case.id)))
    assert claim(colleague)


def test_tasks_of_several_authorities_do_not_mix(desk: Desk) -> None:
    for number, authority in (("N1", COUNTY), ("N2", CITY)):
        case = numbered(desk, number, institution=an_institution(authority=authority))
        desk.take(case, "confirm", CLERK)
    assert listed(desk, WINDOW_VIEW) == ["N1"]
    assert listed(desk, viewer("window", CITY.id)) == ["N2"]

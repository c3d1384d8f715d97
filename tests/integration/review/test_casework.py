"""A step is one transaction: the case, its history, its task and the news of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from services.review import unit_of_work
from services.review.casework import Casework
from services.review.domain.case import Reason
from services.review.domain.deadlines import without_clock
from services.review.models import Base, StepRow
from shared.platform.append_only import APPEND_ONLY, refusal_of
from shared.platform.errors import Conflict
from shared.platform.migrations import differences, heads
from tests.integration.review.desk import Desk
from tests.unit.review.makers import (
    APPLICANT,
    CALENDAR,
    CLERK,
    COUNTY,
    DECIDER,
    WINDOW,
    a_submission,
    an_institution,
    an_outcome,
    event,
    timer,
)

PAPERS = ("employment_proof", "application_form")


def approved(desk: Desk, **changes):
    case = desk.take(desk.open(**changes), "confirm", CLERK)
    case = desk.take(case, "receive_paper", WINDOW, papers=PAPERS)
    case = desk.take(case, "accept", WINDOW)
    return desk.take(case, "approve", DECIDER)


def test_the_migrated_database_is_what_the_models_say(desk: Desk) -> None:
    assert differences(Base.metadata, desk.database.engine) == []
    assert len(heads(Path(unit_of_work.__file__).parent / "migrations")) == 1


def test_a_case_comes_back_as_it_was_saved(desk: Desk) -> None:
    submission = a_submission(outcomes=(an_outcome("gate_open"), an_outcome("scope_departments", "human_decision")))
    case = desk.open(submission)
    assert desk.case(case.id) == case
    case = desk.take(case, "return_to_applicant", CLERK, reasons=(Reason("photo_unfit", note="请重新上传"),))
    assert desk.case(case.id) == case
    assert desk.case(case.id).institution.snapshot["departments"] == ["内科"]


def test_a_sensitive_outcome_rests_sealed_in_case_and_decision(desk: Desk) -> None:
    """Domain §10.2: what speaks of capacity, punishments and health; the others stay readable."""
    sensitive = an_outcome("N2_criminal_penalty", "human_decision", sensitive=True)
    case = approved(desk, outcomes=(an_outcome("gate_open"), sensitive))
    assert desk.case(case.id).outcomes == (an_outcome("gate_open"), sensitive)
    with desk.open_unit(read_only=True) as uow:
        for table in ("cases", "decisions"):
            kept = str(uow.session.execute(text(f"SELECT outcomes FROM {table}")).scalar_one())
            assert "gate_open" in kept
            assert "N2_criminal" not in kept
            assert "criminal" not in kept


def test_what_officers_write_rests_sealed_and_is_read_as_written(desk: Desk) -> None:
    """Domain §10.2: free text may name anybody; it is sealed in case, history and decision alike."""
    words = "与申请人核实的事实"
    case = desk.take(desk.open(), "confirm", CLERK)
    case = desk.take(case, "receive_paper", WINDOW, papers=PAPERS, note=words)
    case = desk.take(case, "accept", WINDOW)
    case = desk.take(case, "refuse", DECIDER, reasons=(Reason("criminal_penalty", note=words),), note=words)
    with desk.open_unit(read_only=True) as uow:
        for table in ("cases", "case_steps", "decisions"):
            rows = uow.session.execute(text(f"SELECT * FROM {table}")).all()
            assert words not in str(rows)
            assert json.dumps(words)[1:-1] not in str(rows)
        steps = uow.records.steps_of(case.id)
    assert [step.note for step in steps if step.note] == [words, words]
    assert steps[-1].reasons[0].note == words == desk.case(case.id).reasons[0].note


def test_notes_written_before_they_were_sealed_are_sealed_by_the_migration(database_url: str, desk: Desk) -> None:
    """And the way back gives them as they were; rows that say nothing stay as they are."""
    case = desk.take(desk.open(), "return_to_applicant", CLERK, reasons=(Reason("photo_unfit", note="背景不白"),))
    config = Config()
    config.set_main_option("script_location", str(Path(unit_of_work.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = database_url
    for move, revision, notes in ((command.downgrade, "0002", ["背景不白"]), (command.upgrade, "head", [])):
        move(config, revision)
        with desk.database.engine.connect() as connection:
            steps = connection.execute(select(StepRow.reasons)).scalars().all()
        assert [reason["note"] for reasons in steps for reason in reasons if "背景" in reason["note"]] == notes
    assert desk.case(case.id).reasons == case.reasons


def test_a_look_at_a_case_is_noted_once_a_day_and_person(desk: Desk) -> None:
    """E71: one line in the access log for each officer, case and day, whoever is first of two at once."""
    one, other = desk.open(), desk.open()
    monday, tuesday = date(2022, 11, 7), date(2022, 11, 8)

    def first(case_id, viewer: str, day: date) -> bool:
        return desk.in_a_unit(lambda work: work.uow.records.note_view(case_id, viewer, day))

    looks = [(one.id, "staff:a", monday), (one.id, "staff:b", monday), (other.id, "staff:a", monday)]
    assert [first(*look) for look in looks] == [True, True, True]
    assert [first(*look) for look in looks] == [False, False, False]
    assert first(one.id, "staff:a", tuesday)
    with desk.open_unit(read_only=True) as uow:
        assert uow.records.was_seen(one.id, "staff:b", monday)
        assert not uow.records.was_seen(one.id, "staff:b", tuesday)
    assert desk.in_a_unit(lambda work: work.uow.records.forget_views(tuesday)) == 3
    assert not first(one.id, "staff:a", tuesday)


def test_each_step_is_told_once_and_in_order(desk: Desk) -> None:
    """Design §2: case_advanced at every step, case_decided where decided, task_opened for the next task."""
    case = approved(desk)
    told = [(news["sequence"], news["type"].split(".")[1]) for news in desk.news(case.id)]
    assert told == list(
        enumerate(
            [
                *("case_advanced", "task_opened"),  # SUBMITTED → ORG_REVIEW
                *("case_advanced", "task_opened"),  # → ORG_CONFIRMED
                *("case_advanced", "task_opened"),  # → RECEIVED
                *("case_advanced", "task_opened"),  # → ACCEPTED
                *("case_advanced", "case_decided"),  # → APPROVED
            ],
            1,
        )
    )
    decided = desk.news(case.id)[-1]["data"]
    assert decided["decision_number"] == "430102-REG-2022-000001" == case.decision_number
    assert (decided["outcome"], decided["decided_on"]) == ("approved", "2022-11-07")
    assert decided["deciding_authority"]["id"] == str(COUNTY.id)


def test_an_event_names_nobody(desk: Desk) -> None:
    """Identifiers and facts, no names of persons (design §3)."""
    case = approved(desk)
    assert "买买提" not in str(desk.news(case.id))


def test_the_applicants_name_is_sealed_at_rest(desk: Desk) -> None:
    desk.open()
    with desk.open_unit(read_only=True) as uow:
        for table in ("cases", "tasks", "case_steps"):
            assert "买买提" not in str(uow.session.execute(text(f"SELECT * FROM {table}")).all())


def test_decision_numbers_count_in_an_authority_and_a_year(desk: Desk) -> None:
    assert [approved(desk).decision_number for _ in range(2)] == ["430102-REG-2022-000001", "430102-REG-2022-000002"]
    desk.days_go_by(90)
    assert approved(desk).decision_number == "430102-REG-2023-000001"


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET note = 'x'"])
@pytest.mark.parametrize("table", ["case_steps", "decisions"])
def test_history_and_decisions_are_only_added_to(desk: Desk, table: str, statement: str) -> None:
    """Design D20: the database itself refuses."""
    approved(desk)
    with desk.open_unit() as uow, pytest.raises(DBAPIError) as refused:
        uow.session.execute(text(statement.format(table)))
    assert refusal_of(refused.value) == APPEND_ONLY


def test_a_decision_keeps_what_it_was_made_on(desk: Desk) -> None:
    """Issue §1: a decision keeps inputs, rule and policy versions."""
    case = approved(desk)
    with desk.open_unit(read_only=True) as uow:
        row = uow.session.execute(text("SELECT * FROM decisions")).mappings().one()
    assert row["workflow"] == "REG/1"
    assert row["workflow_digest"] == case.workflow.digest
    assert case.policy.number in str(row["policy"])
    assert "gate_open" in str(row["outcomes"])


def test_whoever_saw_an_older_version_is_told_so(desk: Desk) -> None:
    case = desk.open()
    desk.take(case, "confirm", CLERK)
    with pytest.raises(Conflict, match="case_changed"):
        desk.take(case, "confirm", CLERK)


def test_a_step_without_commit_leaves_no_trace(desk: Desk) -> None:
    """D5: leaving the unit without commit undoes case, history, task and news alike."""
    case = desk.open()
    with desk.open_unit() as uow:
        Casework(uow, desk.workflows, desk.policies, CALENDAR, desk.now).take(uow.cases.get(case.id), "confirm", CLERK)
    assert desk.case(case.id) == case
    assert len(desk.news(case.id)) == 2


# --- clocks -----------------------------------------------------------------------------------------------------------


def told_deadlines(desk: Desk, case_id) -> list[tuple[str, str, int]]:
    return [
        (news["type"].split(".")[1], news["data"]["clock"], news["data"]["days_left"])
        for news in desk.news(case_id)
        if "deadline" in news["type"]
    ]


def test_the_institution_is_reminded_and_nothing_else_happens(desk: Desk) -> None:
    """Domain §9.1: 5, 2 and 0 working days before the end, when it has passed, and no more."""
    case = desk.open()
    for _ in range(40):
        desk.days_go_by(1)
        desk.fire_clocks()
        assert desk.fire_clocks() == 0
    assert told_deadlines(desk, case.id) == [
        ("deadline_near", "institution", 5),
        ("deadline_near", "institution", 2),
        ("deadline_near", "institution", 0),
        ("deadline_passed", "institution", -1),
    ]
    assert desk.case(case.id).state == "ORG_REVIEW"


def test_silence_after_receipt_is_an_acceptance_by_its_clock(desk: Desk) -> None:
    """行政许可法 art.32(4): accepted from the day of receipt; told as any other step."""
    case = desk.take(desk.open(), "confirm", CLERK)
    case = desk.take(case, "receive_paper", WINDOW, papers=())
    desk.days_go_by(7)
    desk.fire_clocks()
    assert desk.case(case.id).state == "RECEIVED"
    desk.days_go_by(1)
    desk.fire_clocks()
    case = desk.case(case.id)
    assert (case.state, case.accepted_on) == ("ACCEPTED", date(2022, 11, 7))
    step = next(news["data"] for news in desk.news(case.id) if news["data"].get("action") == "deem_accepted")
    assert (step["effective_on"], step["act_until"], step["acts_next"]) == ("2022-11-07", "2022-12-05", "authority")
    assert ("deadline_passed", "supplement_notice", -1) in told_deadlines(desk, case.id)


def test_one_case_that_fails_is_in_nobodys_way(desk: Desk) -> None:
    """Design D18: each item its own transaction; a failing one is held back and the rest go on."""
    broken, sound = desk.open(), desk.open()
    with desk.open_unit() as uow:
        uow.session.execute(
            text("UPDATE cases SET applicant_name = 'unreadable' WHERE id = :id"), {"id": _id(desk, broken)}
        )
        uow.commit()
    desk.days_go_by(40)
    desk.fire_clocks()
    assert told_deadlines(desk, sound.id) == [("deadline_passed", "institution", -19)]
    assert told_deadlines(desk, broken.id) == []


def _id(desk: Desk, case) -> object:
    return case.id.hex if desk.database.is_sqlite else case.id


def test_the_certificate_stops_its_clock(desk: Desk) -> None:
    """行政许可法 art.44."""
    case = approved(desk)
    with desk.unit() as work:
        work.save(without_clock(work.uow.cases.get(case.id), "certificate"))
    desk.days_go_by(60)
    assert desk.fire_clocks() == 0


def test_a_published_calendar_moves_the_deadline_the_task_and_the_news(desk: Desk) -> None:
    """Design D16: stored as dates, counted again when the year's table is loaded."""
    case = desk.take(desk.open(), "confirm", CLERK)
    case = desk.take(case, "receive_paper", WINDOW, papers=PAPERS)
    case = desk.take(case, "accept", WINDOW)
    with desk.unit() as work:
        present = work.uow.cases.get(case.id)
        clocks = tuple(
            replace(clock, provisional=True, due_on=date(2022, 12, 1)) if clock.running else clock
            for clock in present.clocks
        )
        work.save(replace(present, clocks=clocks))
    with desk.unit() as work:
        work.recount(work.uow.cases.get(case.id))
    with desk.unit(read_only=True) as work:
        task = work.uow.tasks.open_of(case.id)
    assert task is not None
    assert (task.due_on, task.provisional) == (date(2022, 12, 5), False)
    last = desk.news(case.id)[-1]["data"]
    assert (last["action"], last["act_until"], last["to_state"]) == ("recompute_deadlines", "2022-12-05", "ACCEPTED")


# --- what changes meanwhile -------------------------------------------------------------------------------------------


def test_a_licence_that_comes_back_gives_the_task_its_place_again(desk: Desk) -> None:
    """E45: the exception is the officer's; it ends when the licence is valid again."""
    case = desk.take(desk.open(), "confirm", CLERK)
    case = desk.take(case, "receive_paper", WINDOW, papers=PAPERS)
    case = desk.take(case, "accept", WINDOW)

    def tab() -> str:
        with desk.unit(read_only=True) as work:
            task = work.uow.tasks.open_of(case.id)
        assert task is not None
        return task.tab

    with desk.unit() as work:
        lost = replace(work.uow.cases.get(case.id), licence_status="cancelled")
        work.take(lost, "licence_cancelled", event("licence_cancelled"))
    assert tab() == "exception"
    with desk.unit() as work:
        work.save(replace(work.uow.cases.get(case.id), licence_status="valid"))
    assert tab() == "decide"


def test_a_withdrawal_takes_the_task_off_the_desk(desk: Desk) -> None:
    case = desk.take(desk.open(), "withdraw", APPLICANT)
    with desk.unit(read_only=True) as work:
        assert work.uow.tasks.open_of(case.id) is None
    assert desk.fire_clocks() == 0


def test_only_open_cases_of_an_institution_are_touched_by_its_news(desk: Desk) -> None:
    ended, waiting = desk.open(), desk.open()
    desk.take(ended, "withdraw", APPLICANT)
    with desk.unit() as work:
        found = work.uow.cases.open_of_institution(an_institution().id)
    assert [case.id for case in found] == [waiting.id]


def test_a_timer_takes_no_step_that_is_not_due(desk: Desk) -> None:
    case = desk.take(desk.open(), "confirm", CLERK)
    case = desk.take(case, "receive_paper", WINDOW, papers=())
    with pytest.raises(Conflict, match="clock_still_running"):
        desk.take(case, "deem_accepted", timer("supplement_notice"))

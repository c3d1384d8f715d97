"""Nothing is seen before its gate is open; then each pass is a qualification once, with its code and its history."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from commands.exam_cohort.generator import generate
from commands.exam_cohort.manifest import manifest_of
from services.sync import operating
from services.sync.deciding import change_qualification
from services.sync.domain.batch import BatchState
from services.sync.domain.qualification import Change
from services.sync.repository.gates import due_gates
from shared.platform.append_only import APPEND_ONLY, refusal_of
from shared.platform.errors import Conflict, RuleViolated
from shared.platform.working_days import local_date, start_of_day
from shared.trade.codes import TicketNumber
from shared.trade.policy import Policy
from shared.trade.resident_id import ResidentId, with_check_digit
from tests.support.result_files import A_ROW, a_file

from .conftest import ROOT, Lab, states

TICKET = TicketNumber(A_ROW["ticket"])
TCM = {"ticket": "4305261410124", "exam_code": "141"}


def test_nothing_is_seen_before_release_and_gate(lab: Lab):
    """E18 frame: neither a release alone nor an open gate alone shows anything."""
    batch = lab.read(a_file({}))
    lab.open_gates("43")
    assert not lab.publishing.work()
    assert lab.qualifications() == []
    other = lab.read(a_file({"region": "44", "ticket": "4405261100123", "id_number": "430199200002290368"} | BORN_2000))
    released = lab.publish(other)
    assert released.state is BatchState.PUBLISHING
    assert lab.qualifications("430199200002290368") == []
    assert states(lab.batch(batch)) == {"UPDATED": 1}


BORN_2000 = {"birth_date": "2000-02-29", "sex": "2"}


def test_a_pass_becomes_a_qualification_with_its_computed_code(lab: Lab):
    """`domain.md` §6.6: year, region, level, category, ID."""
    lab.open_gates("43")
    batch = lab.publish(lab.read(a_file({})))
    assert batch.state is BatchState.PUBLISHED
    [item] = lab.qualifications()
    assert str(item.code(ResidentId(A_ROW["id_number"]))) == "202643110" + A_ROW["id_number"]
    assert item.area.value == "NATIONAL"
    assert lab.news() == ["sync.gate_opened.v1", "sync.qualification_published.v1", "sync.batch_published.v1"]
    with lab.unit(read_only=True) as uow:
        [entry] = uow.qualifications.history(item.id)
    assert (entry.change, entry.version) == (Change.PUBLISHED, 1)


def test_a_cohort_is_published_region_by_region(lab: Lab, tmp_path):
    cohort = generate(600, seed=5, year=2026)
    cohort.write(tmp_path / "c.csv")
    manifest = manifest_of(cohort)
    batch = lab.read((tmp_path / "c.csv").read_bytes())
    lab.open_gates("43")
    batch = lab.publish(batch)
    in_43 = manifest["passed_by_region"]["43"]
    assert batch.state is BatchState.PUBLISHED
    assert states(batch)["PUBLISHED"] == in_43
    assert states(batch)["UPDATED"] == manifest["passed"] - in_43
    lab.open_gates(*sorted(manifest["passed_by_region"]))
    while lab.publishing.work():
        pass
    batch = lab.batch(batch)
    assert states(batch)["PUBLISHED"] == manifest["passed"]
    assert lab.news().count("sync.qualification_published.v1") == manifest["passed"]
    assert lab.news().count("sync.batch_published.v1") == 1


def test_a_provincial_pass_counts_in_its_province_only(lab: Lab):
    """E26."""
    lab.open_gates("63")
    row = {
        "region": "63",
        "ticket": "6305261100123",
        "line": "PROVINCE:63",
        "line_score": "330",
        "comprehensive_score": "340",
    }
    lab.publish(lab.read(a_file(row)))
    [item] = lab.qualifications()
    assert item.area.value == "PROVINCE:63"
    assert not item.area.covers("43")


def test_clinical_and_chinese_medicine_in_one_year_are_two_qualifications(lab: Lab):
    """E22."""
    lab.open_gates("43")
    lab.publish(lab.read(a_file({}, TCM)))
    items = lab.qualifications()
    assert len(items) == 2
    assert len({str(item.code(ResidentId(A_ROW["id_number"]))) for item in items}) == 2


def test_a_second_pass_with_the_same_code_is_held(lab: Lab):
    """Round 2 can't grant again what round 1 granted."""
    lab.open_gates("43")
    lab.publish(lab.read(a_file({})))
    lab.open_gates("43", round_=2)
    second = lab.publish(lab.read(a_file({"round": "2"}), round_=2))
    assert states(second) == {"QUARANTINED": 1}
    assert dict(second.reasons) == {"code_taken": 1}
    assert len(lab.qualifications()) == 1


def test_a_change_after_publication_waits_for_an_officer(lab: Lab):
    """E20."""
    lab.open_gates("43")
    lab.publish(lab.read(a_file({})))
    [before] = lab.qualifications()
    changed = lab.read(a_file({"comprehensive_score": "421", "school": "中南医学院"}))
    assert states(changed) == {"QUARANTINED": 1}
    assert dict(changed.reasons) == {"changed_after_publication": 1}
    assert lab.qualifications() == [before]
    [held] = lab.held()
    assert states(lab.decide(held.record.id, "use")) == {"PUBLISHED": 1}
    [after] = lab.qualifications()
    assert (after.school, after.version) == ("中南医学院", 2)
    assert lab.news()[-1] == "sync.qualification_corrected.v1"


def test_a_pass_that_became_a_failure_annuls_by_decision_only(lab: Lab):
    """E20, E55: the exam centre takes a pass back."""
    lab.open_gates("43")
    lab.publish(lab.read(a_file({})))
    lab.read(a_file({"comprehensive_score": "300", "result": "fail"}))
    assert [item.status for item in lab.qualifications()] == ["published"]
    [held] = lab.held()
    assert states(lab.decide(held.record.id, "use")) == {"NOT_PASSED": 1}
    assert [item.status for item in lab.qualifications()] == ["annulled"]
    assert lab.news()[-1] == "sync.qualification_annulled.v1"


def test_a_dismissed_row_is_never_used(lab: Lab):
    lab.open_gates("43")
    lab.read(a_file({"discipline": "flagged"}))
    [held] = lab.held()
    assert states(lab.decide(held.record.id, "dismiss")) == {"DISMISSED": 1}
    with pytest.raises(Conflict, match="held_row_decided_already"):
        lab.decide(held.record.id, "use")


def test_a_held_row_that_is_found_right_goes_the_usual_way(lab: Lab):
    lab.open_gates("43")
    batch = lab.read(a_file({"discipline": "flagged"}))
    [held] = lab.held()
    lab.decide(held.record.id, "use")
    assert states(lab.publish(batch)) == {"PUBLISHED": 1}


def test_another_name_is_corrected_and_never_overruled(lab: Lab):
    """`domain.md` §6.3, §6.7."""
    lab.read(a_file({}))
    lab.read(a_file({"name": "林静宜", **TCM}))
    [held] = lab.held()
    with pytest.raises(RuleViolated, match="held_row_not_usable"):
        lab.decide(held.record.id, "use")


def test_a_batch_of_which_something_was_published_is_not_undone(lab: Lab):
    lab.open_gates("43")
    batch = lab.publish(lab.read(a_file({})))
    with pytest.raises(RuleViolated, match="batch_published_already"):
        lab.undo(batch)


def test_self_service_publishes_a_waiting_record_of_that_person_only(lab: Lab):
    """E09: the gate is open and the batch released, but the publication has not come so far."""
    lab.open_gates("43")
    batch = lab.read(a_file({}))
    lab.release(batch)
    person = lab.person()
    assert person is not None
    assert lab.publishing.publish_waiting(person, TicketNumber("4305261100999")) == []
    [item] = lab.publishing.publish_waiting(person, TICKET)
    assert item.person_id == person.id
    assert states(lab.batch(batch)) == {"PUBLISHED": 1}
    assert lab.publishing.publish_waiting(person, TICKET) == [item]
    assert lab.news().count("sync.qualification_published.v1") == 1


@pytest.mark.parametrize(
    "row", [{"comprehensive_score": "300", "result": "fail"}, {"discipline": "flagged"}, {"score_sheet": "closed"}]
)
def test_self_service_never_serves_what_may_not_be_seen(lab: Lab, row: dict[str, str]):
    """E16–E18: failed, held, sheet closed: nothing, and nothing told."""
    lab.open_gates("43")
    lab.release(lab.read(a_file(row, TCM)))
    person = lab.person()
    assert person is not None
    assert lab.publishing.publish_waiting(person, TICKET) == []


def test_self_service_waits_for_the_gate(lab: Lab):
    """E18."""
    lab.release(lab.read(a_file({})))
    person = lab.person()
    assert person is not None
    assert lab.publishing.publish_waiting(person, TICKET) == []


def test_history_is_only_added_to(lab: Lab):
    """design D20: the database itself refuses."""
    lab.open_gates("43")
    lab.publish(lab.read(a_file({})))
    for statement in ("UPDATE qualification_history SET status = 'annulled'", "DELETE FROM qualification_history"):
        with lab.database.engine.connect() as connection, pytest.raises(IntegrityError) as refusal:
            connection.execute(text(statement))
        assert refusal_of(refusal.value) == APPEND_ONLY


def test_every_act_on_a_qualification_is_a_row_of_its_history(lab: Lab):
    lab.open_gates("43")
    lab.publish(lab.read(a_file({})))
    [item] = lab.qualifications()
    acts = [("correct", {"school": "中南医学院"}), ("freeze", {}), ("unfreeze", {}), ("annul", {})]
    for act, corrections in acts:
        with lab.unit() as uow:
            change_qualification(uow, item.id, act, corrections, decision="核字2号", now=lab.now())
            uow.commit()
    with lab.unit(read_only=True) as uow:
        history = uow.qualifications.history(item.id)
    assert [entry.change.value for entry in history] == ["published", "corrected", "frozen", "unfrozen", "annulled"]
    assert [entry.version for entry in history] == [1, 2, 3, 4, 5]
    with lab.unit() as uow, pytest.raises(Conflict, match="qualification_annulled_already"):
        change_qualification(uow, item.id, "annul", {}, decision="核字3号", now=lab.now())


def test_a_person_who_asks_and_the_mass_publication_never_publish_twice(lab: Lab):
    """E09: the same record from both sides in the same moment, again and again; each qualification once."""
    lab.open_gates("43")
    ids = [with_check_digit(f"43019919950307{number:03d}") for number in range(101, 341)]
    rows = [
        {
            "id_number": number,
            "sex": "1" if int(number[16]) % 2 else "2",
            "birth_date": "1995-03-07",
            "ticket": f"43052611{position:05d}",
        }
        for position, number in enumerate(ids, start=1000)
    ]
    batch = lab.read(a_file(*rows))
    assert states(batch) == {"UPDATED": len(rows)}
    lab.release(batch)
    people = [(lab.person(row["id_number"]), TicketNumber(row["ticket"])) for row in rows[::4]]

    def publish_all() -> None:
        while lab.publishing.work():
            pass

    def ask_all() -> None:
        for person, ticket in people:
            assert person is not None
            assert len(lab.publishing.publish_waiting(person, ticket)) == 1

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work) for work in (publish_all, ask_all, publish_all, ask_all)]:
            done.result(timeout=60)
    assert states(lab.batch(batch)) == {"PUBLISHED": len(rows)}
    assert lab.news().count("sync.qualification_published.v1") == len(rows)
    assert lab.news().count("sync.batch_published.v1") == 1


def test_a_release_plans_the_gates_that_nobody_has_planned(lab: Lab):
    """Policy key `release.open_offset_days`: so many days after the release, at the first moment of the day (§6.4)."""
    lab.open_gates("44")
    by_hand = lab.moment + timedelta(days=2)
    with lab.unit() as uow:
        operating.plan_gates(uow, ["63"], 2026, 1, by_hand, now=lab.moment)
        uow.commit()
    released = lab.release(lab.read(a_file({})))
    with lab.unit() as uow:
        operating.plan_openings(uow, released, {"43": 7, "44": 7, "63": 7, "31": 7}, now=lab.moment)
        uow.commit()
    with lab.unit(read_only=True) as uow:
        gates = {gate.region: gate for gate in uow.gates.calendar()}
    assert gates["43"].planned_at == start_of_day(local_date(lab.moment) + timedelta(days=7))
    assert not gates["43"].is_open
    assert gates["44"].is_open  # what is open stays so
    assert gates["63"].planned_at == by_hand  # and who has said when is not overruled
    assert "31" not in gates  # nothing waits there: a gate that opened on nothing would tell everybody of nothing
    with lab.unit(read_only=True) as uow:
        early = [row.region for row in uow.session.scalars(due_gates(lab.moment + timedelta(days=6)))]
        due = [row.region for row in uow.session.scalars(due_gates(lab.moment + timedelta(days=8)))]
    assert (early, sorted(due)) == (["63"], ["43", "63"])


def test_the_days_of_an_opening_are_those_of_each_province():
    """Only this deployment's provinces: the others decide for themselves."""
    policy = Policy.load(ROOT / "provinces", ["43", "44"]).at(date(2026, 11, 24))
    assert operating.opening_days(policy, ("43", "44")) == {"43": 7, "44": 7}

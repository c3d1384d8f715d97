"""A delivered file is read row by row, each with its reasons; the same content twice changes nothing."""

from __future__ import annotations

import pytest

from commands.exam_cohort.generator import generate
from commands.exam_cohort.manifest import manifest_of
from services.sync.domain.batch import BatchState
from services.sync.models import Base
from shared.platform.errors import NotFound
from shared.platform.ids import new_id
from shared.platform.migrations import differences
from tests.support.result_files import A_ROW, a_file

from .conftest import MIGRATIONS, Lab, states

SAME_NAME = {"name": "张伟", "sex": "1", "birth_date": "1995-03-07"}
PERSON_A = {**SAME_NAME, "id_number": "430199199503070114", "ticket": "4305261100124"}
PERSON_A2 = {**SAME_NAME, "id_number": "430199199503070376", "ticket": "4305261100125"}


def test_the_schema_is_what_the_models_say(lab: Lab):
    assert differences(Base.metadata, lab.database.engine) == []
    assert MIGRATIONS.is_dir()


def test_an_import_reports_every_fault_of_the_cohort_in_exactly_its_number(lab: Lab, tmp_path):
    cohort = generate(2000, seed=3, year=2026)
    cohort.write(tmp_path / "c.csv")
    manifest = manifest_of(cohort)
    batch = lab.read((tmp_path / "c.csv").read_bytes())
    assert batch.state is BatchState.UPDATED
    assert (batch.rows, batch.done) == (2000, 2000)
    assert dict(batch.reasons) == manifest["reasons"]
    assert states(batch) == {
        "NOT_PASSED": manifest["failed"],
        "QUARANTINED": manifest["held"],
        "REFUSED": manifest["refused"],
        "UPDATED": manifest["passed"],
    }
    with lab.unit(read_only=True) as uow:
        report = uow.batches.report(batch.id, 0, 5000)
    assert {str(row.line): list(row.reasons) for row in report} == manifest["faulty_lines"]


def test_the_same_file_twice_is_the_same_batch(lab: Lab, tmp_path):
    """E19."""
    first = lab.read(a_file({}, PERSON_A))
    news = lab.news()
    second = lab.read(a_file({}, PERSON_A))
    assert second == first
    assert lab.news() == news


def test_the_same_content_in_another_file_changes_nothing(lab: Lab):
    """E19: rows in another order, another line end, a byte-order mark."""
    first = lab.publish(open_batch(lab, a_file({}, PERSON_A)))
    before, news = lab.dump().count("\n"), lab.news()
    again = lab.read(b"\xef\xbb\xbf" + a_file(PERSON_A, {}).replace(b"\n", b"\r\n"))
    assert again.id != first.id
    assert states(again) == {"UNCHANGED": 2}
    assert lab.dump().count("\n") == before + 1  # the second batch itself
    published = lab.publish(again)
    assert published.state is BatchState.PUBLISHED
    assert lab.news() == [*news, "sync.batch_published.v1"]


def open_batch(lab: Lab, content: bytes):
    batch = lab.read(content)
    lab.open_gates("43")
    return batch


def test_a_file_is_read_on_where_a_dead_worker_left_it(lab: Lab, tmp_path):
    """Each slice is written once, whoever reads it: a child is killed after each, and a new one finds its place."""
    cohort = generate(600, seed=4, year=2026)
    cohort.write(tmp_path / "c.csv")
    batch = lab.deliver((tmp_path / "c.csv").read_bytes())
    rounds = 0
    while lab.importing.work(0.0001):
        lab.kill_child()
        rounds += 1
        assert rounds < 50
    read = lab.batch(batch)
    assert rounds > 2
    assert read.done == 600
    assert dict(read.reasons) == manifest_of(cohort)["reasons"]
    assert read.attempts == 0


def test_a_lease_keeps_a_second_worker_away_until_it_ends(lab: Lab):
    batch = lab.deliver(a_file({}))
    with lab.unit() as uow:
        claimed = uow.batches.claim_unread(lab.now(), lab.now().replace(year=lab.now().year + 1))
        uow.commit()
    assert claimed is not None
    assert not lab.importing.work(1.0)
    lab.later(days=400)
    assert lab.importing.work(1.0)
    assert lab.batch(batch).state in (BatchState.VALIDATED, BatchState.UPDATED)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "result_file_empty"),
        (b"name,id\nx,y\n", "result_file_header"),
        (a_file({}) + b"\xff\xfe\n", "result_file_encoding"),
        (a_file({}) + b'"unfinished\n', "result_file_csv"),
        (a_file({}) + b"x" * 200_000, "result_file_line_too_long"),
    ],
)
def test_what_is_no_result_file_is_given_up_whole(lab: Lab, content: bytes, fault: str):
    batch = lab.read(content)
    assert (batch.state, batch.fault, batch.done) == (BatchState.FAILED, fault, 0)
    assert lab.person() is None


def test_a_file_that_was_given_up_may_be_delivered_again(lab: Lab):
    first = lab.read(b"name,id\nx,y\n")
    assert lab.read(b"name,id\nx,y\n").id != first.id


def test_an_unknown_batch_is_not_found(lab: Lab):
    with lab.unit(read_only=True) as uow, pytest.raises(NotFound):
        uow.batches.get(new_id())


def test_people_with_one_name_and_birth_date_stay_two(lab: Lab):
    """E01."""
    lab.read(a_file(PERSON_A, PERSON_A2))
    one, other = lab.person(PERSON_A["id_number"], "张伟"), lab.person(PERSON_A2["id_number"], "张伟")
    assert one is not None
    assert other is not None
    assert one.id != other.id


def test_a_name_alone_finds_nobody(lab: Lab):
    """`domain.md` §6.3: the ID is the key, and the name has to agree."""
    lab.read(a_file({}))
    assert lab.person(name="林靜怡") is None
    assert lab.person(PERSON_A["id_number"], A_ROW["name"]) is None


def test_another_name_under_a_known_id_is_held(lab: Lab):
    lab.read(a_file({}))
    batch = lab.read(a_file({"name": "林静宜", "ticket": "4305261410124", "exam_code": "141"}))
    assert states(batch) == {"QUARANTINED": 1}
    assert dict(batch.reasons) == {"name_conflict": 1}


def test_a_name_typed_in_another_way_is_the_same_name(lab: Lab):
    first = {"name": "阿依古丽•买买提"}
    second = {"name": "阿依古丽·买买提", "ticket": "4305261410124", "exam_code": "141"}
    batch = lab.read(a_file(first, second))
    assert states(batch) == {"UPDATED": 2}


def test_two_names_under_one_id_in_one_file_are_both_held(lab: Lab):
    batch = lab.read(a_file({}, {"name": "林静宜", "ticket": "4305261410124", "exam_code": "141"}))
    assert states(batch) == {"QUARANTINED": 2}
    assert lab.person() is None


def test_a_ticket_that_two_candidates_bear_is_nobodys(lab: Lab):
    batch = lab.read(a_file({}, {**PERSON_A, "ticket": A_ROW["ticket"]}))
    assert states(batch) == {"REFUSED": 2}
    assert dict(batch.reasons) == {"ticket_duplicate": 2}


def test_one_ticket_in_two_rounds_is_two_records(lab: Lab):
    """E23."""
    failed = {"comprehensive_score": "300", "result": "fail"}
    assert states(lab.read(a_file(failed))) == {"NOT_PASSED": 1}
    assert states(lab.read(a_file({"round": "2"}), round_=2)) == {"UPDATED": 1}


def test_a_changed_record_takes_the_old_ones_place_before_publication(lab: Lab):
    first = lab.read(a_file({"comprehensive_score": "350", "result": "fail"}))
    second = lab.read(a_file({"comprehensive_score": "370"}))
    assert states(second) == {"UPDATED": 1}
    assert states(lab.batch(first)) == {"SUPERSEDED": 1}


def test_a_closed_score_sheet_keeps_a_pass_from_its_publication(lab: Lab):
    """`domain.md` §6.3: the score sheet opens first."""
    lab.open_gates("43")
    batch = lab.publish(lab.read(a_file({"score_sheet": "closed"})))
    assert states(batch) == {"SHEET_CLOSED": 1}
    assert lab.qualifications() == []
    opened = lab.publish(lab.read(a_file({})))
    assert states(opened) == {"PUBLISHED": 1}
    assert len(lab.qualifications()) == 1


def test_an_undone_batch_leaves_everything_as_it_was(lab: Lab):
    first = lab.read(a_file({"comprehensive_score": "350", "result": "fail"}))
    second = lab.read(a_file({"comprehensive_score": "370"}))
    undone = lab.undo(second)
    assert undone.state is BatchState.UNDONE
    assert states(lab.batch(first)) == {"NOT_PASSED": 1}
    again = lab.read(a_file({"comprehensive_score": "370"}))
    assert again.id != second.id
    assert states(again) == {"UPDATED": 1}


def test_no_number_and_no_ticket_stands_readable_in_the_database(lab: Lab):
    """`domain.md` §10.2: IDs, tickets, codes and scores are sealed or indexed; also those of held and refused rows."""
    lab.open_gates("43")
    lab.publish(
        lab.read(
            a_file(
                {},
                {**PERSON_A, "sex": "2"},
                {**PERSON_A2, "id_number": "430199199503070375"},
            )
        )
    )
    dump = lab.dump()
    for row in (A_ROW, PERSON_A, PERSON_A2):
        assert row["id_number"] not in dump
        assert row["ticket"] not in dump
    assert "420" not in [field for field in dump.split("'") if field.isdigit()]

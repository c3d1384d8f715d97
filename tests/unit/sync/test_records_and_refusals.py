"""What of a delivery is kept, field by field, and what each refused act of `sync` says."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.sync.domain import batch as batches
from services.sync.domain import gate as gates
from services.sync.domain import qualification as qualifications
from services.sync.domain.batch import Batch, BatchState
from services.sync.domain.candidate import Candidate, FileRules, read_row
from services.sync.domain.delivery import Arrival, KnownRecord, Outcome, RowState, receive
from services.sync.domain.gate import Gate
from services.sync.domain.qualification import Qualification
from services.sync.domain.result_file import COLUMNS, check_header
from shared.platform.errors import Conflict, DomainError, InvalidInput, RuleViolated
from shared.trade.areas import NATIONAL, Area
from shared.trade.categories import Category
from shared.trade.codes import ExamCode, TicketNumber
from shared.trade.levels import Level
from shared.trade.names import PersonName
from shared.trade.resident_id import ResidentId
from shared.trade.statuses import QualificationStatus
from tests.support.result_files import A_ROW

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ID, OTHER_ID = UUID(int=1), UUID(int=2)
RULES = FileRules(year=2026, round=1, today=date(2026, 11, 23))
BATCH = Batch(ID, 1, 2026, 1, BatchState.RECEIVED, "address", "digest", "f.csv", NOW, "operator:test", attempts=2)
GATE = Gate(ID, 1, "43", 2026, 1)
QUALIFICATION = Qualification(
    ID,
    1,
    ID,
    ID,
    2026,
    1,
    "43",
    Level.LICENSED,
    Category.CLINICAL,
    NATIONAL,
    date(2026, 11, 23),
    education="bachelor",
    school="甲校",
    major="临床医学",
)
ARRIVAL = Arrival(
    name="林静怡",
    passed=True,
    sheet_open=True,
    content_index="a",
    reasons=(),
    ticket_is_repeated=False,
    id_has_two_names=False,
    known_name=None,
    known_record=None,
)
CANDIDATE = Candidate(
    name=PersonName.parse("林静怡"),
    resident_id=ResidentId.parse("430199199708150249"),
    ticket=TicketNumber.parse("4305261100123"),
    practical_ticket="",
    region="43",
    site="05",
    exam_code=ExamCode.parse("110"),
    education="bachelor",
    school="湖南省医科大学",
    major="临床医学",
    photo_hash="",
    practical_score="80.5",
    practical_passed=True,
    comprehensive_score="420",
    area=NATIONAL,
    line="NATIONAL",
    line_score="360",
    passed=True,
    score_sheet_open=True,
    discipline_flagged=False,
    id_type="resident_id",
    record_version=1,
)


def read(rules: FileRules = RULES, **changed: str):
    """One row of a file, read."""
    return read_row([{**A_ROW, **changed}[column] for column in COLUMNS], rules)


def refusal(act) -> tuple[type[DomainError], str, dict]:
    """Kind, code and facts of what an act is refused with."""
    with pytest.raises(DomainError) as refused:
        act()
    return type(refused.value), refused.value.code, dict(refused.value.facts)


def with_status(status: QualificationStatus) -> Qualification:
    return replace(QUALIFICATION, status=status)


# --- the row ----------------------------------------------------------------------------------------------------------


def test_every_column_of_a_right_row_is_kept():
    """`domain.md` §6.2: a qualification rests on this record for life."""
    assert read().candidate == CANDIDATE


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({"score_sheet": "closed"}, {"score_sheet_open": False}),
        ({"discipline": "flagged"}, {"discipline_flagged": True}),
        ({"line": "ETHNIC"}, {"line": "ETHNIC"}),
        ({"line": "PROVINCE:43"}, {"line": "PROVINCE:43", "area": Area.of_province("43")}),
        (
            {"practical_result": "fail", "comprehensive_score": "", "result": "fail"},
            {"practical_passed": False, "comprehensive_score": "", "passed": False},
        ),
        ({"comprehensive_score": "359.9", "result": "fail"}, {"comprehensive_score": "359.9", "passed": False}),
        ({"comprehensive_score": "360"}, {"comprehensive_score": "360"}),  # on the line is over it
        ({"comprehensive_score": "600"}, {"comprehensive_score": "600"}),
        ({"practical_score": "100"}, {"practical_score": "100"}),
        ({"photo_hash": "0a" * 32}, {"photo_hash": "0a" * 32}),
        ({"school": "学" * 100}, {"school": "学" * 100}),
    ],
)
def test_what_a_row_says_is_what_is_kept(changed, kept):
    """`domain.md` §6.2, E26: pass and fail, open and closed, national and provincial are never taken for each other."""
    row = read(**changed)
    assert row.candidate == replace(CANDIDATE, **kept)
    assert row.reasons == (("discipline_flag",) if "discipline" in changed else ())


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        # who passed the practical exam has sat the other one, who failed it hasn't
        ({"comprehensive_score": "", "result": "fail"}, ("comprehensive_score_format",)),
        (
            {"practical_result": "fail", "comprehensive_score": "", "result": "pass"},
            ("comprehensive_score_format", "pass_below_line"),
        ),
        ({"line_score": ""}, ("line_score_format",)),
        ({"line": "PROVINCE:43:63"}, ("line_unknown",)),
        ({"photo_hash": "0A" * 32}, ("photo_hash_format",)),
        ({"practical_ticket": "１２３４５６７８９０１２"}, ("practical_ticket_format",)),  # digits of another width
        ({"birth_date": "1997-13-15"}, ("birth_date_format",)),
        ({"comprehensive_score": "600.1"}, ("comprehensive_score_range",)),
    ],
)
def test_a_row_that_contradicts_itself_is_told_why(changed, reasons):
    """`domain.md` §6.3."""
    assert read(**changed).reasons == reasons


def test_a_ticket_and_an_age_are_measured_by_the_policy_of_the_file():
    """Policy keys `ticket.pattern`, `id.age_range`, both national; the age is that of the day of the file."""
    assert read(replace(RULES, ticket_pattern=r"\d{14}")).reasons == ("ticket_format",)
    assert read(replace(RULES, age_range=(30, 100))).reasons == ("id_age",)
    assert read(replace(RULES, today=date(2012, 1, 1))).reasons == ("id_age",)


def test_what_counts_as_the_same_content_is_a_text_with_every_field_in_order():
    """E19: a separator that no field may hold; changing it would make every record a new edition."""
    parts = read(discipline="flagged").candidate.content().split("\x1f")
    assert len(parts) == len(fields(Candidate))
    assert parts[0] == "林静怡"
    assert (parts[12], parts[17], parts[19]) == ("1", "1", "1")
    assert read().candidate.content().split("\x1f")[19] == "0"


def test_a_wrong_header_names_ten_unknown_columns_of_forty_characters():
    """Whoever sent the file finds the fault; a wrong file is not quoted back as a whole."""
    strange = [f"{number:02d}{'x' * 60}" for number in range(12)]
    assert refusal(lambda: check_header(strange)) == (
        InvalidInput,
        "result_file_header",
        {"missing": list(COLUMNS), "unknown": [name[:40] for name in strange[:10]]},
    )


# --- the batch --------------------------------------------------------------------------------------------------------


def test_a_batch_counts_its_rows_and_their_reasons():
    """Numbers are added up over the slices of a file; every slice that was read forgives the tries before it."""
    seen = batches.validated(BATCH, 5)
    assert seen == replace(BATCH, state=BatchState.VALIDATED, rows=5, attempts=0)
    first = batches.read_on(replace(seen, attempts=3), 2, {"UPDATED": 1, "REFUSED": 1}, {"id_date": 1})
    assert first == replace(
        seen, done=2, states={"REFUSED": 1, "UPDATED": 1}, reasons={"id_date": 1}, state=BatchState.VALIDATED
    )
    last = batches.read_on(first, 3, {"UPDATED": 3}, {})
    assert last == replace(
        seen, done=5, states={"REFUSED": 1, "UPDATED": 4}, reasons={"id_date": 1}, state=BatchState.UPDATED
    )
    assert last.counted({"UPDATED": -1, "PUBLISHED": 1}) == replace(
        last, states={"PUBLISHED": 1, "REFUSED": 1, "UPDATED": 3}
    )


def test_a_publication_notes_its_moment_once():
    publishing = replace(BATCH, state=BatchState.PUBLISHING)
    first = batches.published(publishing, NOW)
    assert first == replace(publishing, state=BatchState.PUBLISHED, published_at=NOW)
    assert batches.published(first, NOW + timedelta(days=1)) == first


# --- the delivery -----------------------------------------------------------------------------------------------------


def test_a_held_row_keeps_the_record_that_it_would_take_the_place_of():
    """`domain.md` §6.3: an earlier record that nobody saw gives way at once, also to one that an officer looks at."""
    assert receive(ARRIVAL) == Outcome(RowState.UPDATED, (), 1, None)
    known = KnownRecord(OTHER_ID, 3, RowState.UPDATED, "b")
    held = replace(ARRIVAL, reasons=("sex_conflict",), known_record=known)
    assert receive(held) == Outcome(RowState.QUARANTINED, ("sex_conflict",), 4, OTHER_ID)
    assert receive(replace(held, known_record=None)) == Outcome(RowState.QUARANTINED, ("sex_conflict",), 1, None)


# --- the gate and the qualification -----------------------------------------------------------------------------------


def test_a_gate_notes_who_opened_it_and_when():
    """`domain.md` §6.4: an act of a person answers for itself."""
    assert gates.open_now(GATE, by="staff:1", now=NOW) == replace(GATE, opened_at=NOW, opened_by="staff:1")


@pytest.mark.parametrize("field", ["education", "school", "major"])
def test_a_correction_changes_what_it_names_and_nothing_else(field):
    """卫办医政发〔2010〕1号: education, school, major."""
    corrected = qualifications.correct(QUALIFICATION, {field: "更正"}, decision="更字1号")
    assert corrected == replace(QUALIFICATION, **{field: "更正"})


OPEN_GATE = gates.open_now(GATE, by="staff:1", now=NOW)
ANNULLED, FROZEN = with_status(QualificationStatus.ANNULLED), with_status(QualificationStatus.FROZEN)


@pytest.mark.parametrize(
    ("act", "refused"),
    [
        (
            lambda: batches.release(BATCH),
            (Conflict, "batch_not_ready_to_publish", {"state": "RECEIVED"}),
        ),
        (lambda: batches.undo(BATCH), (Conflict, "batch_not_ready_to_undo", {"state": "RECEIVED"})),
        (
            lambda: batches.undo(replace(BATCH, states={"PUBLISHED": 1})),
            (RuleViolated, "batch_published_already", {}),
        ),
        (
            lambda: gates.plan(OPEN_GATE, NOW + timedelta(days=1), now=NOW),
            (Conflict, "gate_already_open", {"region": "43"}),
        ),
        (lambda: gates.plan(GATE, NOW, now=NOW), (RuleViolated, "gate_planned_in_the_past", {"region": "43"})),
        (
            lambda: qualifications.annul(ANNULLED, decision="撤字1号"),
            (Conflict, "qualification_annulled_already", {}),
        ),
        (
            lambda: qualifications.freeze(FROZEN, decision="核字1号"),
            (Conflict, "qualification_not_open", {"status": FROZEN.status.value}),
        ),
        (
            lambda: qualifications.unfreeze(QUALIFICATION, decision="核字1号"),
            (Conflict, "qualification_not_frozen", {"status": QUALIFICATION.status.value}),
        ),
        (
            lambda: qualifications.correct(QUALIFICATION, {"level": "1", "school": "x"}, decision="更字1号"),
            (RuleViolated, "not_correctable", {"fields": ["level"]}),
        ),
        (
            lambda: qualifications.correct(ANNULLED, {"school": "x"}, decision="更字1号"),
            (Conflict, "qualification_annulled_already", {}),
        ),
        (
            lambda: qualifications.follow(ANNULLED, candidate_id=ID, area=NATIONAL, education="", school="", major=""),
            (Conflict, "qualification_annulled_already", {}),
        ),
        (lambda: qualifications.annul(QUALIFICATION, decision=" "), (RuleViolated, "decision_required", {})),
    ],
)
def test_a_refused_act_says_why(act, refused):
    """医师法 art.54, `domain.md` §6.4, §6.7: one code a reason, with the facts that its sentence needs."""
    assert refusal(act) == refused

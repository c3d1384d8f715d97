"""Batches, deliveries, gates, qualifications: every state and every act that is allowed, and no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sync.domain import batch as batches
from services.sync.domain import gate as gates
from services.sync.domain import qualification as qualifications
from services.sync.domain.batch import Batch, BatchState, RowState
from services.sync.domain.delivery import Arrival, KnownRecord, receive
from services.sync.domain.gate import Gate
from services.sync.domain.qualification import Qualification
from shared.platform.errors import Conflict, DomainError, RuleViolated
from shared.trade.areas import NATIONAL
from shared.trade.categories import Category
from shared.trade.levels import Level
from shared.trade.resident_id import ResidentId
from shared.trade.statuses import QualificationStatus

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ID = UUID(int=1)
BATCH = Batch(ID, 1, 2026, 1, BatchState.RECEIVED, "address", "digest", "f.csv", NOW, "operator:test")
QUALIFICATION = Qualification(
    ID, 1, ID, ID, 2026, 1, "43", Level.LICENSED, Category.CLINICAL, NATIONAL, date(2026, 11, 23)
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


@pytest.mark.parametrize("state", BatchState)
def test_only_an_updated_batch_is_released(state: BatchState):
    batch = replace(BATCH, state=state)
    if state is BatchState.UPDATED:
        assert batches.release(batch).state is BatchState.PUBLISHING
    else:
        with pytest.raises(Conflict, match="batch_not_ready_to_publish"):
            batches.release(batch)


@pytest.mark.parametrize("state", BatchState)
def test_a_batch_is_undone_before_its_first_publication_only(state: BatchState):
    batch = replace(BATCH, state=state)
    if state in (BatchState.UPDATED, BatchState.PUBLISHING):
        assert batches.undo(batch).state is BatchState.UNDONE
    else:
        with pytest.raises(Conflict, match="batch_not_ready_to_undo"):
            batches.undo(batch)
    with pytest.raises(RuleViolated, match="batch_published_already"):
        batches.undo(replace(batch, states={"PUBLISHED": 1}))


@given(st.lists(st.integers(1, 300), max_size=20))
def test_a_batch_is_up_to_date_with_its_last_row(slices: list[int]):
    batch = batches.read_on(batches.validated(BATCH, sum(slices)), 0, {}, {})
    for number in slices:
        assert batch.state is BatchState.VALIDATED
        batch = batches.read_on(batch, number, {"UPDATED": number}, {})
    assert batch.state is BatchState.UPDATED
    assert sum(batch.counts.values()) == batch.done == sum(slices)


def test_a_second_publication_keeps_the_first_ones_moment():
    first = batches.published(replace(BATCH, state=BatchState.PUBLISHING), NOW)
    assert batches.published(first, NOW + timedelta(days=1)) == first


def test_a_good_row_waits_for_its_publication():
    assert receive(ARRIVAL).state is RowState.UPDATED
    assert receive(replace(ARRIVAL, passed=False)).state is RowState.NOT_PASSED
    assert receive(replace(ARRIVAL, sheet_open=False)).state is RowState.SHEET_CLOSED


@pytest.mark.parametrize("state", [state for state in RowState if state is not RowState.UNDONE])
def test_the_same_content_changes_nothing_in_any_state(state: RowState):
    """E19."""
    outcome = receive(replace(ARRIVAL, known_record=KnownRecord(ID, 3, state, "a")))
    assert (outcome.state, outcome.supersedes, outcome.reasons) == (RowState.UNCHANGED, None, ())


@pytest.mark.parametrize("state", RowState)
def test_other_content_is_a_new_edition_and_waits_for_an_officer_once_published(state: RowState):
    """E20."""
    outcome = receive(replace(ARRIVAL, content_index="b", known_record=KnownRecord(ID, 3, state, "a")))
    assert outcome.edition == 4
    if state is RowState.PUBLISHED:
        assert (outcome.state, outcome.reasons) == (RowState.QUARANTINED, ("changed_after_publication",))
        assert outcome.supersedes is None
    else:
        assert outcome.state is RowState.UPDATED
        assert outcome.supersedes == (None if state is RowState.UNDONE else ID)


@pytest.mark.parametrize(
    ("changed", "state", "reasons"),
    [
        ({"known_name": "林静怡"}, RowState.UPDATED, ()),
        ({"known_name": "林静宜"}, RowState.QUARANTINED, ("name_conflict",)),
        ({"id_has_two_names": True}, RowState.QUARANTINED, ("name_conflict",)),
        ({"ticket_is_repeated": True}, RowState.REFUSED, ("ticket_duplicate",)),
        ({"reasons": ("sex_conflict",)}, RowState.QUARANTINED, ("sex_conflict",)),
    ],
)
def test_a_doubtful_row_never_settles_by_itself(changed, state, reasons):
    """`domain.md` §6.3: never matched on a name alone, and never against the name."""
    outcome = receive(replace(ARRIVAL, **changed))
    assert (outcome.state, outcome.reasons) == (state, reasons)


def test_a_gate_opens_once_and_stays_open():
    gate = Gate(ID, 1, "43", 2026, 1)
    opened = gates.open_now(gate, by="staff:1", now=NOW)
    assert opened.is_open
    assert gates.open_now(opened, by="staff:2", now=NOW + timedelta(days=1)) == opened
    with pytest.raises(Conflict, match="gate_already_open"):
        gates.plan(opened, NOW + timedelta(days=1), now=NOW)


def test_a_gate_is_planned_for_the_future_and_due_in_its_moment():
    """`domain.md` §6.4: an act, or a planned moment."""
    gate = Gate(ID, 1, "43", 2026, 1)
    with pytest.raises(RuleViolated, match="gate_planned_in_the_past"):
        gates.plan(gate, NOW, now=NOW)
    planned = gates.plan(gate, NOW + timedelta(hours=1), now=NOW)
    assert not gates.is_due(planned, NOW)
    assert gates.is_due(planned, NOW + timedelta(hours=1))
    assert not gates.is_due(gates.open_now(planned, by="x", now=NOW), NOW + timedelta(hours=2))


def test_the_code_follows_from_the_facts():
    """`domain.md` §4.2, §6.6."""
    code = QUALIFICATION.code(ResidentId.parse("430199199503070114"))
    assert str(code) == "202643110430199199503070114"


ACTS = {
    "freeze": (qualifications.freeze, {QualificationStatus.PUBLISHED}, QualificationStatus.FROZEN),
    "unfreeze": (qualifications.unfreeze, {QualificationStatus.FROZEN}, QualificationStatus.PUBLISHED),
    "annul": (
        qualifications.annul,
        {QualificationStatus.PUBLISHED, QualificationStatus.FROZEN},
        QualificationStatus.ANNULLED,
    ),
}


@pytest.mark.parametrize("status", QualificationStatus)
@pytest.mark.parametrize("act", ACTS)
def test_each_act_has_its_statuses_and_its_outcome(act: str, status: QualificationStatus):
    """医师法 art.54 (annulment), `domain.md` §6.7."""
    rule, allowed, outcome = ACTS[act]
    before = replace(QUALIFICATION, status=status)
    if status in allowed:
        assert rule(before, decision="核字1号").status is outcome
    else:
        with pytest.raises(Conflict):
            rule(before, decision="核字1号")


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("decision", ["", "  "])
def test_no_act_without_a_decision(act: str, decision: str):
    """个人信息保护法 art.24: what takes something away is decided by a person, who answers for it."""
    with pytest.raises(DomainError, match="decision_required"):
        ACTS[act][0](QUALIFICATION, decision=decision)


def test_only_what_the_exam_centre_corrects_is_correctable():
    """卫办医政发〔2010〕1号: level, category and result change by a new delivery only."""
    corrected = qualifications.correct(QUALIFICATION, {"school": "甲校"}, decision="更字1号")
    assert (corrected.school, corrected.level) == ("甲校", Level.LICENSED)
    with pytest.raises(RuleViolated, match="not_correctable"):
        qualifications.correct(QUALIFICATION, {"level": "1"}, decision="更字1号")


def test_an_annulled_qualification_is_seen_by_nobody_and_a_frozen_one_proves_nothing():
    frozen = replace(QUALIFICATION, status=QualificationStatus.FROZEN)
    annulled = replace(QUALIFICATION, status=QualificationStatus.ANNULLED)
    assert (QUALIFICATION.is_open, frozen.is_open, annulled.is_open) == (True, True, False)
    assert (QUALIFICATION.proves, frozen.proves, annulled.proves) == (True, False, False)

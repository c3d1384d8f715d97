"""A row of the result file is read with every reason why it can't be used, and never with one too many."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sync.domain.candidate import FileRules, read_row
from services.sync.domain.result_file import COLUMNS, HELD_REASONS, check_header
from shared.platform.errors import InvalidInput
from tests.support.result_files import A_ROW

RULES = FileRules(year=2026, round=1, today=date(2026, 11, 23), aliases={"66": "65"})


def read(**changed: str):
    return read_row([{**A_ROW, **changed}[column] for column in COLUMNS], RULES)


def test_a_right_row_has_no_reason():
    row = read()
    assert row.reasons == ()
    assert row.candidate is not None
    assert row.candidate.resident_id.value == A_ROW["id_number"]
    assert row.candidate.passed


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"year": "2025"}, ["batch_mismatch"]),
        ({"round": "2"}, ["batch_mismatch"]),
        ({"name": "林静怡1"}, ["name_characters"]),
        ({"name": ""}, ["name_length"]),
        ({"sex": "3"}, ["sex_unknown"]),
        ({"sex": "1"}, ["sex_conflict"]),
        ({"birth_date": "1997-08-16"}, ["birth_date_conflict"]),
        ({"birth_date": "19970815"}, ["birth_date_format"]),
        ({"birth_date": ""}, ["birth_date_format"]),
        ({"id_type": "passport"}, ["id_type_unknown"]),
        ({"id_number": "430199199708150248"}, ["id_check_digit"]),
        ({"id_number": "430199199502300117", "sex": "1"}, ["id_date"]),
        ({"ticket": "43052611001234"}, ["ticket_format"]),
        ({"ticket": "4306261100123"}, ["ticket_mismatch"]),
        ({"practical_ticket": "1"}, ["practical_ticket_format"]),
        ({"region": "71", "ticket": "7105261100123"}, ["region_unknown"]),
        ({"site": "5"}, ["site_format", "ticket_mismatch"]),
        ({"exam_code": "150", "ticket": "4305261500123"}, ["exam_code_unknown"]),
        ({"education": "phd"}, ["education_unknown"]),
        ({"school": "学" * 101}, ["school_length"]),
        ({"photo_hash": "xyz"}, ["photo_hash_format"]),
        ({"practical_score": "101"}, ["practical_score_range"]),
        ({"practical_score": ""}, ["practical_score_format"]),
        ({"practical_result": "maybe"}, ["practical_result_unknown", "pass_below_line"]),
        ({"comprehensive_score": "359"}, ["pass_below_line"]),
        ({"comprehensive_score": "601"}, ["comprehensive_score_range"]),
        ({"comprehensive_score": ""}, ["comprehensive_score_format", "pass_below_line"]),
        ({"practical_result": "fail"}, ["pass_below_line"]),
        ({"result": "fail"}, ["fail_above_line"]),
        ({"result": ""}, ["result_unknown"]),
        ({"line": "LOCAL"}, ["line_unknown"]),
        ({"line": "PROVINCE:99"}, ["line_unknown"]),
        ({"line": "PROVINCE:63"}, ["line_region"]),
        ({"line_score": "many"}, ["line_score_format"]),
        ({"score_sheet": "?"}, ["score_sheet_unknown"]),
        ({"discipline": "flagged"}, ["discipline_flag"]),
        ({"discipline": "?"}, ["discipline_unknown"]),
        ({"record_version": "0"}, ["record_version_format"]),
        ({"name": "林1", "sex": "1", "ticket": "x"}, ["name_characters", "sex_conflict", "ticket_format"]),
    ],
)
def test_every_fault_has_its_reason_and_all_come_back(changed: dict[str, str], reasons: list[str]):
    """`domain.md` §6.3."""
    row = read(**changed)
    assert sorted(row.reasons) == sorted(reasons)
    assert (row.candidate is None) == any(reason not in HELD_REASONS for reason in reasons)


@pytest.mark.parametrize("count", [0, 1, len(COLUMNS) - 1, len(COLUMNS) + 1])
def test_a_row_of_another_width_is_not_guessed_at(count: int):
    assert read_row(["x"] * count, RULES).reasons == ("column_count",)


def test_who_failed_the_practical_exam_has_no_comprehensive_score():
    row = read(practical_result="fail", practical_score="50", comprehensive_score="", result="fail")
    assert row.reasons == ()


def test_a_failure_by_discipline_may_lie_above_the_line():
    """医师资格考试违纪违规处理规定: the scores are void, whatever they were."""
    assert read(result="fail", discipline="flagged").reasons == ("discipline_flag",)


@pytest.mark.parametrize(
    ("code", "ticket", "score", "reasons"),
    [("210", "4305262100123", "200", ()), ("210", "4305262100123", "301", ("comprehensive_score_range",))],
)
def test_an_assistants_exam_has_three_hundred_points(code: str, ticket: str, score: str, reasons: tuple[str, ...]):
    """`domain.md` §6.2."""
    assert read(exam_code=code, ticket=ticket, comprehensive_score=score, line_score="180").reasons == reasons


def test_a_provincial_line_limits_the_pass_to_its_province():
    """E26."""
    row = read(region="63", ticket="6305261100123", line="PROVINCE:63", line_score="330", comprehensive_score="340")
    assert row.candidate is not None
    assert row.candidate.area.value == "PROVINCE:63"


def test_the_corps_region_stands_for_the_region_around_it():
    """`province.alias`."""
    row = read(region="66", ticket="6605261100123", line="PROVINCE:66", line_score="330")
    assert row.candidate is not None
    assert (row.candidate.region, row.candidate.area.value) == ("65", "PROVINCE:65")


@given(st.lists(st.text(max_size=30), max_size=30))
def test_no_row_at_all_breaks_the_reader(fields: list[str]):
    row = read_row(fields, RULES)
    assert row.reasons or row.candidate is not None


@given(st.sampled_from(COLUMNS), st.text(max_size=40))
def test_no_text_in_any_column_breaks_the_reader(column: str, text: str):
    row = read(**{column: text})
    assert row.candidate is not None or row.is_refused


@given(st.sampled_from([column for column in COLUMNS if column not in ("year", "round")]))
def test_content_changes_with_every_column_that_matters(column: str):
    """E19: what counts as the same content."""
    changed = {
        "name": "林静宜",
        "sex": "2",
        "birth_date": A_ROW["birth_date"],
        "id_type": "residence_permit",
        "id_number": "430199200002290368",
        "ticket": "4305261100124",
        "practical_ticket": "43052611010123",
        "region": "44",
        "site": "06",
        "exam_code": "120",
        "education": "master",
        "school": "x",
        "major": "y",
        "photo_hash": "0" * 64,
        "practical_score": "81",
        "practical_result": "fail",
        "comprehensive_score": "421",
        "line": "ETHNIC",
        "line_score": "350",
        "result": "fail",
        "score_sheet": "closed",
        "discipline": "flagged",
        "record_version": "2",
    }[column]
    before, after = read().candidate, read(**{column: changed}).candidate
    assert before is not None
    if after is not None and changed != A_ROW[column]:
        assert after.content() != before.content()


def test_a_header_is_the_agreed_one():
    check_header(COLUMNS)
    check_header(["\ufeff" + COLUMNS[0], *COLUMNS[1:]])
    with pytest.raises(InvalidInput) as refusal:
        check_header([*COLUMNS[:-1], "remark"])
    assert refusal.value.facts == {"missing": ["record_version"], "unknown": ["remark"]}
    with pytest.raises(InvalidInput):
        check_header(sorted(COLUMNS))

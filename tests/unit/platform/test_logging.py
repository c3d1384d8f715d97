"""JSON lines that can't print personal data."""

from __future__ import annotations

import io
import json
import logging
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.errors import Conflict
from shared.platform.logging import bound, configure_logging, get_logger, traceback_lines
from shared.platform.masked_text import MASK, masked_text

ID, PHONE = "43019919900101001X", "13800000001"


@pytest.fixture
def lines():
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure_logging("review", "INFO", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before[0], before[1]


def test_a_line_holds_event_fields_service_and_correlation(lines):
    case_id = uuid.UUID(int=7)
    with bound(correlation_id="c-1"):
        get_logger("x").info("case_decided", case_id=case_id, count=3, code="case_changed")
    line = lines()[0]
    assert line["event"] == "case_decided"
    assert line["service"] == "review"
    assert line["correlation_id"] == "c-1"
    assert line["case_id"] == str(case_id)
    assert (line["count"], line["code"]) == (3, "case_changed")


def test_personal_fields_and_whole_objects_are_dropped(lines):
    get_logger().warning(
        "odd", name="甲", phone=PHONE, old_phone=PHONE, id_number=ID, password="p", ticket="1", sms_code="123456",
        person=object(), nested={"email": "a@b", "n": 1, "list": [ID]},
    )  # fmt: skip
    written = json.dumps(lines()[0], ensure_ascii=False)
    assert not any(secret in written for secret in ("甲", PHONE, ID, "a@b", "123456", '"p"'))
    assert lines()[0]["nested"]["n"] == 1
    assert lines()[0]["person"] == "[object]"


def test_lines_of_libraries_pass_the_same_way(lines):
    logging.getLogger("kombu.transport").warning("sent %s", ID)
    logging.getLogger("shared.x").info("bus_lost", extra={"link": "a", "phone": PHONE})
    written = lines()
    assert ID not in json.dumps(written)
    assert PHONE not in json.dumps(written)
    assert written[1]["link"] == "a"


def test_a_traceback_shows_kinds_and_places_and_not_what_was_said(lines):
    try:
        try:
            raise KeyError(f"{ID} 甲")
        except KeyError as cause:
            raise ValueError("乙 did it") from cause
    except ValueError:
        get_logger().exception("failed")
    told = lines()[0]["exception"]
    assert "KeyError" in told
    assert "ValueError" in told
    assert any("test_logging.py" in part for part in told)
    assert not any("甲" in part or "乙" in part or ID in part for part in told)


def test_a_refusal_shows_its_code():
    assert traceback_lines(Conflict("case_changed"))[-1] == "Conflict: case_changed"


@given(st.text(alphabet="0123456789Xx-甲 ", max_size=60))
def test_no_run_of_eleven_digits_passes(text):
    masked = masked_text(text)
    run = 0
    for character in masked.replace(MASK, "|"):
        run = run + 1 if character.isdigit() else 0
        assert run < 11


@given(st.uuids())
def test_record_ids_pass(record_id):
    assert masked_text(f"case {record_id} decided") == f"case {record_id} decided"


@pytest.mark.parametrize("text", [ID, PHONE, f"电话{PHONE}。", f"x{ID}y", "202443010100123", f"11{ID}", f"-{PHONE}"])
def test_what_people_have_for_numbers_is_masked(text):
    assert MASK in masked_text(text)
    assert not any(part in masked_text(text) for part in ("430199", "138000", "20244301"))

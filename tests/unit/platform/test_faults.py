"""An operator reads what failed where; an exception's text may hold personal data and is never told."""

from __future__ import annotations

from shared.platform.errors import Conflict
from shared.platform.faults import told_of


def fail() -> None:
    raise ValueError("430199199001011234")


def refuse() -> None:
    raise Conflict("case_changed", version=3)


def caught(function: object) -> Exception:
    try:
        function()  # type: ignore[operator]  # any function
    except Exception as error:  # noqa: BLE001 - it is what the test is about
        return error
    raise AssertionError("nothing raised")


def test_a_fault_tells_its_kind_and_place_and_nothing_of_its_text() -> None:
    told = told_of(caught(fail))
    assert told.startswith("ValueError (test_faults.py:")
    assert " fail, " in told
    assert "4301" not in told


def test_a_refusal_tells_its_code() -> None:
    assert told_of(caught(refuse)).startswith("Conflict case_changed (")

"""An envelope is read whole or refused; a handler gets loaded data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest

from shared.platform.events import Envelope, UnreadableEvent

GOOD: dict[str, Any] = {
    "id": "01a20a5b-c676-7723-a105-cb8c2d55d6a6",
    "type": "review.case_decided.v1",
    "occurred_at": "2026-11-23T21:41:56.471094+00:00",
    "origin": "hunan",
    "province": "43",
    "aggregate": "case:58f68eaf-f93d-4b69-afe5-4d5aaa33b50a",
    "sequence": 3,
    "correlation_id": "c-1",
    "causation_id": None,
    "actor": "staff:1",
    "data": {"outcome": "approved"},
}


def test_an_envelope_names_its_stream_and_its_record() -> None:
    envelope = Envelope.read(orjson.dumps(GOOD))
    assert envelope.stream == "review/case:58f68eaf-f93d-4b69-afe5-4d5aaa33b50a"
    assert envelope.owner == "review"
    assert envelope.aggregate_id == UUID("58f68eaf-f93d-4b69-afe5-4d5aaa33b50a")
    assert envelope.occurred_at == datetime(2026, 11, 23, 21, 41, 56, 471094, tzinfo=UTC)
    assert envelope.data == {"outcome": "approved"}


@pytest.mark.parametrize(
    "change",
    [
        {"id": "1"},
        {"id": None},
        {"type": ""},
        {"type": 5},
        {"occurred_at": "yesterday"},
        {"occurred_at": "2026-11-23T21:41:56"},
        {"aggregate": "case"},
        {"aggregate": "case:1"},
        {"sequence": 0},
        {"sequence": "3"},
        {"sequence": True},
        {"actor": None},
    ],
)
def test_an_envelope_that_lacks_what_orders_or_names_it_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEvent):
        Envelope.read(orjson.dumps(GOOD | change))


@pytest.mark.parametrize("missing", sorted(set(GOOD) - {"causation_id"}))
def test_a_missing_field_is_refused(missing: str) -> None:
    with pytest.raises(UnreadableEvent):
        Envelope.read(orjson.dumps({name: value for name, value in GOOD.items() if name != missing}))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"12"])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableEvent):
        Envelope.read(body)

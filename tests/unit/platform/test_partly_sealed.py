"""Of a list only what is marked crosses sealed, and what doesn't say counts as marked."""

from __future__ import annotations

import json

import pytest
from marshmallow import fields

from shared.platform.errors import InvalidInput
from shared.platform.partly_sealed import PartlySealed, open_items, seal_items
from shared.platform.schemas import WireSchema
from tests.support.keys import trial_keys


class Item(WireSchema):
    """A form with a mark."""

    name = fields.String(required=True)
    secret = fields.Boolean(load_default=True)


class Holder(WireSchema):
    """A form with such a list."""

    items = PartlySealed(fields.Nested(Item), mark="secret", required=True)


OPEN, SECRET = {"name": "公开", "secret": False}, {"name": "隐私", "secret": True}


@pytest.fixture(autouse=True)
def transport_keys(tmp_path):
    """Sealing needs a transport key."""
    with trial_keys(tmp_path / "sealing"):
        yield


def test_a_marked_item_is_not_readable_on_the_bus_and_comes_back_in_its_place():
    wire = Holder().dump({"items": [SECRET, OPEN, {"name": "未标明"}]})
    assert [set(item) for item in wire["items"]] == [{"sealed"}, {"name", "secret"}, {"sealed"}]
    text = json.dumps(wire, ensure_ascii=False)
    assert "隐私" not in text
    assert "未标明" not in text
    assert Holder().load(wire)["items"] == [SECRET, OPEN, {"name": "未标明", "secret": True}]


def test_plain_items_are_read_as_before():
    """What an earlier release has put into a queue stays readable."""
    assert Holder().load({"items": [SECRET, OPEN]})["items"] == [SECRET, OPEN]


@pytest.mark.parametrize(
    "wrong", [None, "x", [1], [{"sealed": 1}], [{"sealed": "not sealed by us"}], [{"name": "x", "sealed": "y"}]]
)
def test_what_is_no_such_list_is_refused(wrong):
    with pytest.raises(InvalidInput):
        Holder().load({"items": wrong})


def test_a_store_seals_with_its_own_key():
    stored = seal_items([SECRET, OPEN], "secret", lambda plain: plain[::-1])
    assert stored[1] == OPEN
    assert set(stored[0]) == {"sealed"}
    assert open_items(stored, lambda sealed: sealed[::-1]) == [SECRET, OPEN]

"""A payload that is not of the agreed form is refused whole, with a stable code for every field at any depth."""

from __future__ import annotations

import pytest
from marshmallow import fields, validate

from shared.platform.errors import InvalidInput
from shared.platform.schemas import Sealed, WireSchema
from tests.support.keys import trial_keys


class Inner(WireSchema):
    count = fields.Integer(required=True, validate=validate.Range(1, 9))


class Outer(WireSchema):
    name = fields.String(required=True, validate=validate.Length(max=3))
    inner = fields.Nested(Inner)
    many = fields.List(fields.Nested(Inner))


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ({}, {"name": ["required"]}),
        ({"name": None}, {"name": ["null"]}),
        ({"name": 3}, {"name": ["invalid"]}),
        ({"name": "abcd"}, {"name": ["too_long"]}),
        ({"name": "a", "other": 1}, {"other": ["unknown_field"]}),
        ({"name": "a", "inner": {"count": 0}}, {"inner.count": ["out_of_range"]}),
        ({"name": "a", "inner": {"count": 1, "x": 2}}, {"inner.x": ["unknown_field"]}),
        (
            {"inner": {}, "many": [{"count": 1}, {}]},
            {"name": ["required"], "inner.count": ["required"], "many.1.count": ["required"]},
        ),
        ([], {"_schema": ["wrong_type"]}),
    ],
)  # fmt: skip
def test_every_wrong_field_is_named_with_its_code(payload, found):
    with pytest.raises(InvalidInput) as refused:
        Outer().load(payload)
    assert refused.value.facts == {"fields": found}


def test_after_a_refusal_the_next_payload_is_judged_by_itself():
    with pytest.raises(InvalidInput):
        Outer().load({"name": "a", "inner": {}})
    assert Outer().load({"name": "a"}) == {"name": "a"}
    with pytest.raises(InvalidInput):
        Inner().load({})


def test_what_a_later_release_tells_besides_is_passed_over_at_any_depth():
    """A rolling upgrade: the releases before and after speak to each other."""
    later = {"name": "a", "new": 1, "inner": {"count": 1, "new": [2]}, "many": [{"count": 2, "new": {}}]}
    assert Outer().read(later) == {"name": "a", "inner": {"count": 1}, "many": [{"count": 2}]}
    with pytest.raises(InvalidInput) as refused:
        Outer().read({"new": 1, "inner": {"count": 0, "new": 1}})
    assert refused.value.facts == {"fields": {"name": ["required"], "inner.count": ["out_of_range"]}}
    with pytest.raises(InvalidInput):
        Outer().load(later)


class Secret(WireSchema):
    word = Sealed(fields.String(validate=validate.Length(max=5)), required=True)


def test_a_sealed_field_crosses_unreadable_and_is_checked_when_opened(tmp_path):
    with trial_keys(tmp_path):
        wire = Secret().dump({"word": "plain"})
        assert "plain" not in str(wire)
        assert Secret().dump({"word": "plain"}) != wire, "equal texts must not look equal on the bus"
        assert Secret().load(wire) == {"word": "plain"}
        with pytest.raises(InvalidInput) as refused:
            Secret().load(Secret().dump({"word": "too long"}))
        assert refused.value.facts == {"fields": {"word": ["too_long"]}}


@pytest.mark.parametrize("value", [None, 5, "", "plain text", "v1.x.y"])
def test_what_nobody_sealed_is_refused_and_not_a_fault(tmp_path, value):
    with trial_keys(tmp_path), pytest.raises(InvalidInput):
        Secret().load({"word": value})

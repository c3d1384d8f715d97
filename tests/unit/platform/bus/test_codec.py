"""A contract's schemas on either side of the wire."""

import pytest
from marshmallow import fields

from shared.platform.bus.codec import codec_of
from shared.platform.contract import RpcMethod
from shared.platform.errors import InvalidInput
from shared.platform.schemas import Empty, WireSchema


class Numbered(WireSchema):
    number = fields.Integer(required=True)
    at = fields.Date()


ONE = RpcMethod("a", "one", Numbered, Numbered)
MANY = RpcMethod("a", "many", Empty, Numbered, many=True)
NONE = RpcMethod("a", "none", Numbered)


def test_a_codec_is_made_once_a_contract():
    assert codec_of(ONE) is codec_of(ONE)
    assert codec_of(ONE) is not codec_of(NONE)


def test_a_field_that_the_contract_lacks_is_refused_at_the_caller():
    with pytest.raises(TypeError, match=r"a\.one takes no colour"):
        codec_of(ONE).dump_request({"number": 1, "colour": 2})
    with pytest.raises(TypeError):
        codec_of(MANY).dump_request({"number": 1})


def test_a_request_that_is_not_of_the_form_is_refused_at_the_owner():
    for body in ({}, {"number": "x"}, {"number": 1, "colour": 2}, [], "text", None):
        with pytest.raises(InvalidInput):
            codec_of(ONE).load_request(body)


def test_an_answer_may_be_one_or_many_or_nothing():
    assert codec_of(ONE).load_answer(codec_of(ONE).dump_answer({"number": 3})) == {"number": 3}
    assert codec_of(MANY).load_answer(codec_of(MANY).dump_answer({"number": n} for n in range(2))) == [
        {"number": 0},
        {"number": 1},
    ]
    assert codec_of(NONE).dump_answer({"number": 1}) is None
    assert codec_of(NONE).load_answer(None) is None

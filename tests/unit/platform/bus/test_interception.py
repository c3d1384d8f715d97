"""What stands around a call, and in which order."""

import pytest
from marshmallow import fields

from shared.platform.bus.codec import codec_of
from shared.platform.bus.interception import RpcCall, WireAnswer, interceptors_among, run_intercepted
from shared.platform.contract import RpcMethod
from shared.platform.errors import InvalidInput, PermissionDenied
from shared.platform.schemas import WireSchema


class Numbered(WireSchema):
    number = fields.Integer(required=True)


METHOD = RpcMethod("a", "one", Numbered, Numbered)


class Noting:
    def __init__(self, order, steps, answer=None, refuse=False):
        self.order, self.steps, self.answer, self.refuse = order, steps, answer, refuse

    def around_rpc(self, call, proceed):
        self.steps.append(f"in {self.order}")
        if self.refuse:
            raise PermissionDenied("not_you")
        if self.answer is not None:
            return self.answer
        result = proceed()
        self.steps.append(f"out {self.order}")
        return result


def a_call(body):
    return RpcCall(METHOD, "a.one", codec_of(METHOD), body, {}, "m-1", None)


def test_the_lowest_order_is_outermost():
    steps = []
    chain = interceptors_among([Noting(20, steps), object(), Noting(10, steps)])
    result = run_intercepted(chain, a_call({"number": 1}), lambda command: steps.append(command) or command)
    assert result == {"number": 1}
    assert steps == ["in 10", "in 20", {"number": 1}, "out 20", "out 10"]


def test_who_is_refused_never_has_the_request_read():
    """A refused caller's sealed fields stay sealed, and an ill-formed request tells it nothing."""
    with pytest.raises(PermissionDenied):
        run_intercepted([Noting(1, [], refuse=True)], a_call({"number": "no number"}), lambda command: command)
    with pytest.raises(InvalidInput):
        run_intercepted([Noting(1, [])], a_call({"number": "no number"}), lambda command: command)


def test_an_answer_in_its_place_keeps_the_method_from_running():
    kept = WireAnswer({"number": 7})
    call = a_call({"number": 1})
    assert call.dump(run_intercepted([Noting(1, [], answer=kept)], call, lambda command: pytest.fail("ran"))) == {
        "number": 7
    }


def test_the_request_is_loaded_once_and_the_answer_dumped_once():
    call = a_call({"number": 1})
    assert call.command is call.command
    result = {"number": 2}
    stored = call.dump(result)
    result["number"] = 3
    assert call.dump(result) is stored, "what was stored for a retry is what is sent"
    assert call.dump({"number": 4}) == {"number": 4}

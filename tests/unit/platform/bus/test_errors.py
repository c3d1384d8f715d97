"""What becomes of an exception on its way through the wire."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.bus.errors import RemoteFault, error_from_wire, error_to_wire, service_unavailable
from shared.platform.errors import KINDS, Unavailable

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(kind=st.sampled_from(sorted(KINDS)), code=st.text(), facts=st.dictionaries(st.from_regex(r"[a-z]{3,8}"), plain))
def test_a_refusal_arrives_as_it_was_raised(kind, code, facts):
    facts.pop("self", None)
    facts.pop("code", None)
    raised = KINDS[kind](code, **facts)
    arrived = error_from_wire(orjson.loads(orjson.dumps(error_to_wire(raised, "c-1"))), "a.b", "c-1")
    assert type(arrived) is KINDS[kind]
    assert (arrived.code, arrived.facts) == (code, facts)


@given(text=st.text(min_size=3))
def test_a_fault_never_shows_its_own_text(text):
    wire = error_to_wire(ValueError(f"<{text}>"), "c-1")
    assert wire == {"kind": "internal", "code": "internal_error", "facts": {"correlation_id": "c-1"}}


@pytest.mark.parametrize(
    "wire",
    [
        {"kind": "internal", "code": "internal_error", "facts": {"correlation_id": "other"}},
        {"kind": "no_such_kind", "code": "x", "facts": {}},
        {"kind": "conflict", "code": None, "facts": {}},
        {"kind": "conflict", "code": "x", "facts": []},
        {"kind": "conflict"},
        {"exc_type": "ValueError", "value": "stock nameko's form"},
        {},
    ],
)
def test_whatever_is_not_a_known_refusal_is_a_fault(wire):
    fault = error_from_wire(wire, "a.b", "c-1")
    assert isinstance(fault, RemoteFault)
    assert (fault.path, fault.correlation_id) == ("a.b", "c-1")


def test_a_service_that_does_not_answer_is_named():
    refusal = service_unavailable("review")
    assert isinstance(refusal, Unavailable)
    assert (refusal.code, refusal.facts) == ("service_unavailable", {"service": "review"})

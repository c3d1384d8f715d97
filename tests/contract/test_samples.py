"""Publisher and consumer agree with what is out there: every golden sample fits both directions of its schema."""

from __future__ import annotations

import json

import pytest

from services.gateway.http_schemas import over_http
from shared.platform.bus.codec import codec_of
from shared.platform.contract import EventType, RpcMethod
from shared.platform.errors import InvalidInput
from shared.platform.schemas import Sealed
from tests.contract.samples import FOLDER, contracts, name_of, sample, schemas_of

CONTRACTS = contracts()
IDS = [name_of(contract) for contract in CONTRACTS]


@pytest.fixture(autouse=True, scope="module")
def transport_keys(tmp_path_factory):
    """Sealed fields need a transport key; the samples themselves hold plain text."""
    from tests.support.keys import trial_keys

    with trial_keys(tmp_path_factory.mktemp("keys")):
        yield


def seal(schema, plain):
    """The wire form of a sample's part: what its sender dumps."""
    return schema().dump(_as_objects(schema, plain))


def _as_objects(schema, plain):
    """The part as its sender holds it: the same form with the sealed fields in plain text."""
    return over_http(schema)().load(plain)


@pytest.mark.parametrize("contract", CONTRACTS, ids=IDS)
def test_a_golden_sample_survives_both_sides(contract):
    """What one side dumps the other loads to the same values, and sealed fields cross in no readable form."""
    golden = sample(contract)
    assert set(golden) == set(schemas_of(contract))
    for part, schema in schemas_of(contract).items():
        wire = seal(schema, golden[part])
        assert schema().load(wire) == _as_objects(schema, golden[part])
        text = json.dumps(wire, ensure_ascii=False, default=str)
        for name, field in schema._declared_fields.items():
            value = golden[part].get(name)
            if isinstance(field, Sealed) and value:
                assert str(value) not in text, f"{name} is readable on the bus"


@pytest.mark.parametrize("contract", CONTRACTS, ids=IDS)
def test_a_golden_sample_names_every_field(contract):
    """A published field keeps its name: taking one away, or renaming it, has to be a new version."""
    for part, schema in schemas_of(contract).items():
        expected = {field.data_key or name for name, field in schema().fields.items()}
        assert set(sample(contract)[part]) == expected


@pytest.mark.parametrize("contract", CONTRACTS, ids=IDS)
def test_an_unknown_field_is_refused(contract):
    """Design D7: a field that nobody agreed on is an error, not something to drop in silence."""
    for part, schema in schemas_of(contract).items():
        wire = {**seal(schema, sample(contract)[part]), "surprise": 1}
        with pytest.raises(InvalidInput) as refused:
            schema().load(wire)
        assert "surprise" in refused.value.facts["fields"]


@pytest.mark.parametrize("contract", CONTRACTS, ids=IDS)
def test_answers_and_events_of_a_later_release_are_understood(contract):
    """A rolling upgrade: who is asked is replaced before who asks, and events outlive both."""
    for part, schema in schemas_of(contract).items():
        wire = seal(schema, sample(contract)[part])
        later = {**wire, "surprise": 1}
        if part == "answer":
            read = codec_of(contract).load_answer([later] if contract.many else later)
            assert (read[0] if contract.many else read) == schema().load(wire)
        elif part == "data":
            assert schema().read(later) == schema().load(wire)


def test_no_sample_is_left_over():
    """A sample without its contract would prove nothing."""
    assert {path.stem for path in FOLDER.glob("*.json")} == set(IDS)


def test_the_list_of_contracts_is_not_empty():
    """Both kinds are found, or the parametrised tests above would pass by running over nothing."""
    assert any(isinstance(contract, RpcMethod) for contract in CONTRACTS)
    assert any(isinstance(contract, EventType) for contract in CONTRACTS)

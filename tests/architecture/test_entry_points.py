"""Every contract is answered by its owner, under an action of the owner's authority table."""

from __future__ import annotations

import ast
import importlib
import inspect

import pytest

from shared.platform.contract import EventType, RpcMethod
from tests.architecture.source import ROOT, SERVICES, tree

OWNERS = [service for service in SERVICES if service != "gateway"]


def contracts_of(service: str, kind: type) -> dict[str, object]:
    """The RPCs or events that a contract module defines, by constant."""
    module = importlib.import_module(f"shared.contracts.{service}")
    found = {name: value for name, value in vars(module).items() if isinstance(value, kind)}
    return {name: value for name, value in found.items() if value.service == service}


def entry_points(service: str) -> dict[str, str]:
    """CONTRACT -> action of every `@rpc(contracts.CONTRACT, action="…")` in the service's source."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "services" / service).rglob("*.py")):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "rpc":
                    contract = decorator.args[0]
                    name = contract.attr if isinstance(contract, ast.Attribute) else getattr(contract, "id", "")
                    action = next(word.value for word in decorator.keywords if word.arg == "action")
                    assert isinstance(action, ast.Constant), f"{path}: an action is written out"
                    found[name] = str(action.value)
    return found


@pytest.mark.parametrize("service", OWNERS)
def test_every_rpc_contract_is_answered_by_its_owner(service):
    """What a caller may call is answered, and nothing is answered that no contract describes."""
    assert set(entry_points(service)) == set(contracts_of(service, RpcMethod))


@pytest.mark.parametrize("service", OWNERS)
def test_every_entry_point_has_its_row_and_no_row_is_idle(service):
    """Design D11: an entry point without a row in the table fails the build."""
    table = importlib.import_module(f"services.{service}.authority").AUTHORITY
    assert set(entry_points(service).values()) == set(table.actions)


@pytest.mark.parametrize("service", OWNERS)
def test_events_are_named_after_their_owner_and_a_past_fact(service):
    """`<service>.<fact>.v<n>`; the routing key and the golden samples key on it."""
    for constant, event in contracts_of(service, EventType).items():
        owner, fact, version = event.name.split(".")
        assert owner == service
        assert version.startswith("v")
        assert fact.isidentifier(), constant


@pytest.mark.parametrize("service", OWNERS)
def test_every_schema_of_a_contract_says_what_it_means(service):
    """Public docstrings give meaning: the OpenAPI document is made of them."""
    module = importlib.import_module(f"shared.contracts.{service}")
    for name, value in vars(module).items():
        if inspect.isclass(value) and value.__module__ == module.__name__:
            assert value.__doc__, f"{module.__name__}.{name}"

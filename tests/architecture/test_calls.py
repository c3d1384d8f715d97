"""The graph of calls between services (design §2): no other call exists, and it has no cycle."""

from __future__ import annotations

from collections import defaultdict

from shared.contracts.calls import CALLS
from tests.architecture.source import ROOT, SERVICES, called_contracts, python_files


def graph() -> dict[str, set[str]]:
    """Which service calls which, read from the source."""
    found: dict[str, set[str]] = defaultdict(set)
    for service in SERVICES:
        for path in python_files(f"services/{service}"):
            for callee, _ in called_contracts(path):
                found[service].add(callee)
    return found


def test_only_the_calls_of_the_design_exist():
    """gateway → all; accounts → sync, notices; applications → sync, accounts; review → accounts; nothing else."""
    for caller, callees in graph().items():
        assert callees <= CALLS[caller], f"{caller} calls {sorted(callees - CALLS[caller])}"


def test_the_reader_of_calls_sees_them():
    """A graph without edges would pass every rule: the gateway is known to call all five others."""
    assert graph()["gateway"] == CALLS["gateway"]
    assert "sync" in graph()["accounts"]


def test_every_call_names_a_contract_of_the_called_service():
    """A constant that doesn't exist would only fail when the line runs."""
    import importlib

    for path in python_files("services"):
        for service, constant in called_contracts(path):
            module = importlib.import_module(f"shared.contracts.{service}")
            contract = getattr(module, constant, None)
            assert contract is not None, f"{path.relative_to(ROOT)}: {service}.{constant}"
            assert contract.service == service

"""Who may import what; the rest of the rules stand as import-linter contracts in pyproject.toml."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source import ROOT, SERVICES, imports, python_files

#: Where nameko and eventlet may be named (design D1): the way out of both has to stay short.
RUNTIME_HOMES = ("service.py", "dependencies.py")


def test_the_runtime_is_imported_by_the_platform_and_by_service_and_dependencies_only():
    """Design D1: domain, trade and contracts know neither nameko nor eventlet."""
    for path in python_files("shared/trade", "shared/contracts", "services"):
        if path.name in RUNTIME_HOMES:
            continue
        named = {module.split(".")[0] for module in imports(path)} & {"nameko", "eventlet", "greenlet", "amqp", "kombu"}
        assert not named, f"{path.relative_to(ROOT)} imports {sorted(named)}"


@pytest.mark.parametrize(
    "service", [service for service in SERVICES if (ROOT / "services" / service / "domain").exists()]
)
def test_a_domain_imports_nothing_but_trade_errors_and_the_standard_library(service):
    """style.md: rules own no nameko, SQLAlchemy, marshmallow, environment or clock."""
    allowed = ("shared.trade", "shared.platform.errors", f"services.{service}.domain")
    for path in python_files(f"services/{service}/domain"):
        for module in imports(path):
            top = module.split(".")[0]
            if top in ("shared", "services", "commands"):
                fits = module.startswith(allowed) or module in ("shared", "shared.platform")
                assert fits, f"{path.relative_to(ROOT)} imports {module}"
            assert top not in ("nameko", "eventlet", "sqlalchemy", "marshmallow", "flask", "os", "environs"), path


def test_no_provinces_name_or_code_stands_in_code():
    """Design idea 5: a province is a deployment, a policy file and a date. Code tables of the trade excepted."""
    names = re.compile("湖南|广东|山东|河南|北京|青海|Hunan|Guangdong|Shandong|Henan")
    tables = {"provinces.py", "divisions.py"}
    for path in python_files("shared", "services"):
        if path.name in tables or "migrations" in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert not names.search(line), f"{path.relative_to(ROOT)}:{number} names a province"

"""Every route of the site is open to everybody by a list, or asks who is there; a new one without either fails."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import pytest
from flask import Flask
from werkzeug.routing import Rule

from services.gateway.app import create_app
from services.gateway.page_access import roles_let_in
from shared.platform.config import forget_settings, load_deployment
from shared.platform.contract import RpcMethod
from tests.architecture.source import contract_modules, python_files, tree
from tests.architecture.test_entry_points import OWNERS, entry_points

#: Pages that anybody may read or send. What they show is public, the visitor's own, or given for what was typed.
PUBLIC_PAGES = {
    "accessibility", "after_login", "calendar", "captcha_picture", "captcha_sound", "favicon",
    "guide_first_registration", "guides", "help_page", "home", "log_in", "log_out", "logged_out", "login",
    "look_up", "lookup", "offline_case", "privacy", "set_display", "sign_up", "sign_up_account", "sign_up_done",
    "sign_up_identity", "sign_up_open", "sign_up_other", "staff_log_in", "staff_login", "static_file", "still_here",
    "verified", "verify", "verify_typed",
}  # fmt: skip
#: Pages and resources of ENVIRONMENT demo and test alone.
TRIAL_ONLY = {"pages.outbox", "demo.outbox", "demo.read_clock", "demo.advance_clock"}
#: Routes outside pages and resources, which ask no service: the description of the API, and that the process is alive.
BARE = {"alive", "api-docs.openapi_json", "api_docs", "api_docs_asset", "api_docs_start"}
#: Resources that a visitor may use: each of their calls has a row for the role `visitor`.
PUBLIC_RESOURCES = {
    "business.business_types", "public.calendar", "public.check_certificate",
    "public.institutions", "public.search_physicians", "sign-up.account", "sign-up.close_session", "sign-up.identity",
    "sign-up.new_captcha", "sign-up.open_session",
}  # fmt: skip
#: What the gateway asks in its own name, to learn who is there.
WHO_IS_THERE = {"accounts.renew_context", "accounts.visitor_context"}
CALLERS = {"visitor", "physician", "clerk", "window", "officer", "head", "examiner", "administrator", "security"}


def application(environment: str) -> Flask:
    """The whole application of a kind of deployment, without a bus."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENVIRONMENT", environment)
        forget_settings()
        try:
            return create_app(None, load_deployment())
        finally:
            forget_settings()


@pytest.fixture(scope="module")
def app() -> Flask:
    """The application with everything, what is for trial included."""
    return application("test")


def rules(app: Flask, *, api: bool) -> list[Rule]:
    """The routes of the resources, or all others."""
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/") is api]


def test_every_page_is_public_by_the_list_or_demands_a_person_or_a_role(app):
    """Design D11: closed unless somebody opens it."""
    for rule in rules(app, api=False):
        if rule.endpoint in BARE | TRIAL_ONLY:
            continue
        blueprint, _, name = rule.endpoint.partition(".")
        assert blueprint == "pages", rule
        demanded = roles_let_in(app.view_functions[rule.endpoint])
        assert demanded <= CALLERS - {"visitor"}, rule
        assert bool(demanded) is (name not in PUBLIC_PAGES), f"{rule.rule} ({name}) lets in {sorted(demanded)}"


def test_a_path_below_a_portal_lets_in_its_own_readers_only(app):
    """A page of a portal that forgot its guard would be found by its path as well."""
    readers = {
        "/me": {"physician"},
        "/institution": {"clerk"},
        "/authority": {"window", "officer", "head"},
        "/exam-centre": {"examiner"},
    }
    seen = set()
    for rule in rules(app, api=False):
        first = "/" + rule.rule.split("/")[1]
        if first in readers:
            assert roles_let_in(app.view_functions[rule.endpoint]) == readers[first], rule
            seen.add(first)
    assert seen == set(readers)


def test_every_resource_asks_services_under_rows_of_their_tables(app):
    """Design D11: a route's calls are decided by their owners' tables, for roles that people have."""
    for rule in rules(app, api=True):
        if rule.endpoint in TRIAL_ONLY:
            continue
        calls = contracts_of(app, rule)
        assert calls, f"{rule.rule} asks no service: nobody decides who may use it"
        for contract in calls:
            assert roles_of(contract) & CALLERS, f"{rule.rule}: {contract.path} has no row for anybody who can ask"


def test_a_resource_is_open_to_visitors_by_the_list_only(app):
    """A row for `visitor` that somebody adds to a table opens every route that is made of it: it has to be meant."""
    resources = [rule for rule in rules(app, api=True) if rule.endpoint not in TRIAL_ONLY]
    opened = {
        rule.endpoint
        for rule in resources
        if all("visitor" in roles_of(contract) for contract in contracts_of(app, rule))
    }
    assert opened == PUBLIC_RESOURCES


def test_no_route_for_trial_exists_in_production_resources(app):
    """What moves the clock or shows captchas is registered by the environment, and the list says which."""
    assert {rule.endpoint for rule in rules(app, api=True)} >= TRIAL_ONLY - {"pages.outbox"}
    assert all("/demo/" in rule.rule for rule in app.url_map.iter_rules() if rule.endpoint in TRIAL_ONLY)
    assert {rule.endpoint for rule in app.url_map.iter_rules() if "/demo/" in rule.rule} == TRIAL_ONLY


def test_the_lists_name_only_routes_that_exist(app):
    """A name that is left over would open the next page that takes it."""
    known = set(app.view_functions)
    assert {f"pages.{name}" for name in PUBLIC_PAGES} | TRIAL_ONLY | BARE | PUBLIC_RESOURCES <= known


def contracts_of(app: Flask, rule: Rule) -> list[RpcMethod]:
    """Every contract that a route's view calls, itself or through functions of the gateway's resources."""
    view = inspect.unwrap(app.view_functions[rule.endpoint])
    module = str(view.__module__).rsplit(".", 1)[1]
    wanted, seen, found = [f"{module}.{view.__name__}"], set(), {}
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        contracts, called = functions().get(name, ((), ()))
        found |= {contract.path: contract for contract in contracts}
        wanted += called
    return [contract for path, contract in found.items() if path not in WHO_IS_THERE]


@cache
def functions() -> dict[str, tuple[list[RpcMethod], list[str]]]:
    """`module.function` of the gateway's resources -> the contracts its body names, and the functions it names."""
    files = [*python_files("services/gateway/routes"), *python_files("services/gateway")]
    here = {path for path in files if path.parent.name in ("routes", "gateway")}
    defined: dict[str, set[str]] = defaultdict(set)
    bodies = []
    for path in sorted(here):
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef):
                defined[node.name].add(f"{path.stem}.{node.name}")
                bodies.append((path, node))
    result = {}
    for path, node in bodies:
        names = contract_modules(path)
        contracts, called = [], []
        for inner in _walk(node.body):
            if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
                module, name = inner.value.id, inner.attr
                if module in names:
                    value = getattr(importlib.import_module(f"shared.contracts.{names[module]}"), name)
                    contracts += [value] if isinstance(value, RpcMethod) else []
                elif f"{module}.{name}" in defined.get(name, ()):
                    called.append(f"{module}.{name}")
            elif isinstance(inner, ast.Name) and f"{path.stem}.{inner.id}" in defined.get(inner.id, ()):
                called.append(f"{path.stem}.{inner.id}")
        result[f"{path.stem}.{node.name}"] = (contracts, called)
    return result


def _walk(body: list[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        yield from ast.walk(statement)


@cache
def _actions() -> dict[tuple[str, str], str]:
    return {(owner, constant): action for owner in OWNERS for constant, action in entry_points(owner).items()}


def roles_of(contract: RpcMethod) -> frozenset[str]:
    """The roles that have a row for a contract's action in its owner's table."""
    module = importlib.import_module(f"shared.contracts.{contract.service}")
    constant = next(name for name, value in vars(module).items() if value is contract)
    action = _actions()[contract.service, constant]
    table = importlib.import_module(f"services.{contract.service}.authority").AUTHORITY
    return frozenset(row.role for row in table.rows if row.action == action)

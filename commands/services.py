"""Which services there are, and what each handles, read from their classes and contracts."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from typing import Any

import shared.contracts
from shared.platform.bus.topology import declare_exchange, declare_inbox, declare_rpc
from shared.platform.config import Deployment, SettingsError
from shared.platform.contract import EventType
from shared.platform.inbox import EventHandler

# The gateway comes last: when it answers, the others already do.
SERVICES = ("accounts", "sync", "applications", "review", "notices", "gateway")


def service_class(name: str) -> type[Any]:
    """The class of a service: `services/<name>/service.py`, `<Name>Service`."""
    module = importlib.import_module(f"services.{name}.service")
    found: type[Any] = getattr(module, f"{name.capitalize()}Service")
    return found


def chosen(names: Iterable[str]) -> tuple[str, ...]:
    """The services that a command was given by name, or `all`, in the order in which they start."""
    wanted = set(names)
    if wanted == {"all"}:
        return SERVICES
    if unknown := wanted - set(SERVICES):
        raise SettingsError("service", f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(SERVICES)}, all")
    return tuple(name for name in SERVICES if name in wanted)


def handled_events(service: type[Any]) -> list[EventType]:
    """The event types that a service class has handlers for."""
    entrypoints = [
        entrypoint
        for _, method in inspect.getmembers(service, inspect.isfunction)
        for entrypoint in getattr(method, "nameko_entrypoints", ())
    ]
    return [entrypoint.event_type for entrypoint in entrypoints if isinstance(entrypoint, EventHandler)]


def known_events() -> list[EventType]:
    """All event types of all contracts."""
    found: dict[str, EventType] = {}
    for module in pkgutil.iter_modules(shared.contracts.__path__):
        content = vars(importlib.import_module(f"shared.contracts.{module.name}"))
        found |= {value.name: value for value in content.values() if isinstance(value, EventType)}
    return list(found.values())


def declare_topology(deployment: Deployment, services: Iterable[str] = SERVICES) -> dict[str, list[str]]:
    """Declare every exchange and queue, before any producer starts (design D3); what each service follows."""
    uri, known = deployment.amqp_uri, known_events()
    answering = tuple(services)
    for name in answering:
        declare_exchange(uri, name)
    declare_rpc(uri, [name for name in answering if name != "gateway"])
    followed = {}
    for name in answering:
        handled = handled_events(service_class(name))
        if handled:
            events = declare_inbox(uri, name, handled, known, kind=deployment.event_queues)
            followed[name] = [event.name for event in events]
    return followed

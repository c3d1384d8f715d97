"""News that operators count: which counter an announced event moves, once its transaction is committed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .contract import EventType
from .tallies import TALLIES, Count, CountFamily, fit_label


def family_of(event_type: EventType) -> CountFamily | None:
    """The counter of an event type, if it has one; its name is on `/metrics` from then on."""
    figure = event_type.figure
    if figure is None:
        return None
    return TALLIES.counts(figure.name, figure.told, ("service", "province", *figure.labels))


def of_news(event_type: EventType, data: Mapping[str, Any] | object, province: str) -> list[Count]:
    """The series that this event moves."""
    family = family_of(event_type)
    if family is None or event_type.figure is None:
        return []
    values = (fit_label(_field(data, name)) for name in event_type.figure.labels)
    return [family.of(event_type.service, fit_label(province), *values)]


def _field(data: Mapping[str, Any] | object, name: str) -> Any:
    return data[name] if isinstance(data, Mapping) else getattr(data, name)

"""Facts of a rule or a statement as its sentence shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from .. import catalogue
from ..translations import gettext as _
from .days import day
from .terms import category, level, place, province, scope
from .words import word, word_or


def readable(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as the sentence shows them: dates as days, codes as terms, lists joined."""
    return {name: fact(name, value) for name, value in facts.items()}


def fact(name: str, value: Any) -> Any:
    """One fact: a date as a day, a code as its term, a list joined."""
    if isinstance(value, list):
        return _("、").join(str(fact(name.removesuffix("s"), item)) for item in value)
    if isinstance(value, date):
        return day(value)
    if not isinstance(value, str):
        return value
    if len(value) >= 10 and value[4:5] == "-" and value[7:8] == "-" and value[:4].isdigit():
        return day(value)
    if name in ("level", "category", "scope", "province", "place", "region", "practice_place"):
        return _term(name, value)
    return word_or(f"fact.{value}", value)


def _term(name: str, value: str) -> str:
    table = {
        "level": level,
        "category": category,
        "scope": scope,
        "province": province,
        "region": province,
        "place": place,
        "practice_place": place,
    }
    try:
        return table[name](value)
    except (ValueError, KeyError):
        return value


def seniority_inputs(inputs: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a seniority statement was computed from, as rows."""
    return [
        (word(f"seniority_input.{name}"), fact(name, value))
        for name, value in inputs.items()
        if catalogue.has(f"seniority_input.{name}")
    ]

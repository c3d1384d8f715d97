"""Facts of a rule or a statement as its sentence shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from .. import catalogue
from ..translations import gettext as _
from .days import day
from .terms import category, ground, label, level, place, province, registration_status, scope
from .words import word, word_or


def readable(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as the sentence shows them: dates as days, codes as terms, lists joined; what is not known is left out."""
    return {name: fact(name, value) for name, value in facts.items() if value is not None}


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
    return _TERMS[name](value) if name in _TERMS else word_or(f"fact.{value}", value)


def _term(name: Callable[[str], str]) -> Callable[[str], str]:
    """The term of a code, or the fact's own word where it is no code of that table."""

    def term(value: str) -> str:
        try:
            found = name(value)
        except (ValueError, KeyError):
            found = value
        return word_or(f"fact.{value}", found)

    return term


_TERMS: dict[str, Callable[[str], str]] = {
    "level": _term(level),
    "category": _term(category),
    "old_category": _term(category),
    "scope": _term(scope),
    "province": _term(province),
    "region": _term(province),
    "place": _term(place),
    "practice_place": _term(place),
    "status": _term(registration_status),
    "ground": _term(ground),
    "changed": _term(label),
}


def seniority_inputs(inputs: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a seniority statement was computed from, as rows; a cut-off with the year that it stands in."""
    return [
        (word(f"seniority_input.{name}"), _input(name, value, inputs))
        for name, value in inputs.items()
        if catalogue.has(f"seniority_input.{name}")
    ]


def years_required(clock: Mapping[str, Any]) -> str:
    """How many years a seniority clock asks for; none at all, and what can't be told, in words."""
    years = clock["years_required"]
    if years is None:
        return _("按学历另行确定")
    if years == 0 and clock["clock"] == "assistant_to_licensed":
        return _("不要求助理执业年限")
    return _("%(years)s年", years=years)


def _input(name: str, value: Any, inputs: Mapping[str, Any]) -> Any:
    if name == "cutoff":
        month_of_year, day_of_month = (int(part) for part in str(value).split("-"))
        year_of_cutoff = word(f"cutoff_year.{inputs['cutoff_year']}")
        return _("%(year)s%(month)s月%(day)s日", year=year_of_cutoff, month=month_of_year, day=day_of_month)
    return _("%(days)s天", days=value) if name.endswith("_days") else fact(name, value)

"""The steps of a form: values checked field by field, with an error code for each that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from shared.platform.errors import InvalidInput

from .business import Field, FieldKind, Step
from .days import add_years
from .facts import Answers

Form = Mapping[str, Mapping[str, Any]]


class _Wrong(Exception):
    """A value is not of its field's form; the text is the error code."""


def check_step(step: Step, values: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """The values of a step in their stored form, or `InvalidInput` whose facts name every wrong field.

    Codes: `unknown_field`, `locked`, `required`, `text_expected`, `too_long`, `date_expected`, `date_out_of_range`,
    `yes_or_no_expected`, `not_a_choice`, `too_many`, `before_start`, `sentence_date_needed`.
    """
    known = {field.name: field for field in step.fields}
    errors: dict[str, list[str]] = {name: ["unknown_field"] for name in values if name not in known}
    read: dict[str, Any] = {}
    for field in step.fields:
        try:
            value = _read(field, values.get(field.name), today)
        except _Wrong as wrong:
            errors[field.name] = [str(wrong)]
        else:
            if value is not None:
                read[field.name] = value
    for name, code in _together(read):
        errors.setdefault(name, [code])
    if errors:
        raise InvalidInput("invalid_input", fields=errors)
    return read


def answers_of(form: Form) -> Answers:
    """What the rules want to know of a form, as far as it is filled in."""
    personal, institution = form.get("personal", {}), form.get("institution", {})
    scope = form.get("scope", {})
    return Answers(
        scopes=tuple(scope.get("scopes", ())),
        category=scope.get("category"),
        start_on=_day(institution.get("start_on")),
        full_capacity=personal.get("full_capacity"),
        criminal_penalty=personal.get("criminal_penalty"),
        sentence_served_on=_day(personal.get("sentence_served_on")),
        barred_by_law=personal.get("barred_by_law"),
        health_fit=personal.get("health_fit"),
        photo_taken_on=_day(personal.get("photo_taken_on")),
        health_check_on=_day(personal.get("health_check_on")),
    )


def institution_of(form: Form) -> UUID | None:
    """The institution that the form names, once it does."""
    chosen = form.get("institution", {}).get("institution_id")
    return None if chosen is None else UUID(chosen)


def _read(field: Field, value: Any, today: date) -> Any:
    if field.kind is FieldKind.LOCKED:
        if value is not None:
            raise _Wrong("locked")
        return None
    if value is None or value == "" or value == []:
        if field.required:
            raise _Wrong("required")
        return None
    read = _READERS[field.kind](field, value)
    if field.kind is FieldKind.DATE:
        _require_near(field, date.fromisoformat(read), today)
    return read


def _require_near(field: Field, day: date, today: date) -> None:
    """A date centuries away is a slip of the keyboard, which nobody should have to find later."""
    too_early = field.years_back is not None and day < add_years(today, -field.years_back)
    if too_early or (field.years_ahead is not None and day > add_years(today, field.years_ahead)):
        raise _Wrong("date_out_of_range")


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("text_expected")
    text = value.strip()
    if field.max_length is not None and len(text) > field.max_length:
        raise _Wrong("too_long")
    return text


def _date(field: Field, value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise _Wrong("date_expected") from None


def _boolean(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("yes_or_no_expected")
    return value


def _choice(field: Field, value: Any) -> str:
    if value not in field.choices:
        raise _Wrong("not_a_choice")
    return str(value)


def _choices(field: Field, value: Any) -> list[str]:
    if not isinstance(value, list) or any(item not in field.choices for item in value):
        raise _Wrong("not_a_choice")
    chosen = list(dict.fromkeys(value))
    if field.max_choices is not None and len(chosen) > field.max_choices:
        raise _Wrong("too_many")
    return chosen


def _identifier(field: Field, value: Any) -> str:
    try:
        return str(UUID(value))
    except (TypeError, ValueError, AttributeError):
        raise _Wrong("not_a_choice") from None


_READERS: dict[FieldKind, Callable[[Field, Any], Any]] = {
    FieldKind.TEXT: _text,
    FieldKind.DATE: _date,
    FieldKind.BOOLEAN: _boolean,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choices,
    FieldKind.INSTITUTION: _identifier,
    FieldKind.QUALIFICATION: _identifier,
}


def _together(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What one field says about another."""
    found = []
    if {"start_on", "end_on"} <= values.keys() and values["end_on"] < values["start_on"]:
        found.append(("end_on", "before_start"))
    if values.get("criminal_penalty") and "sentence_served_on" not in values:
        found.append(("sentence_served_on", "sentence_date_needed"))
    return found


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)

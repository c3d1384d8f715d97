"""A form page made from a step's specification: values out of the form, stored values into it, and rows to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .. import view_models as words
from ..forms import Form
from ..http_errors import field_sentence

#: Yes and no as the radios send them.
YES, NO = "yes", "no"


def read_values(
    form: Form, spec: Mapping[str, Any], of: Mapping[str, Any] | None = None, *, later: bool
) -> dict[str, Any]:
    """The values of a step as the contract wants them; what is missing is noted on the form.

    `of` names the kind of business whose words are used. With 保存，以后再填 (`later`) a date that was begun still has
    to be a date, since nothing half is stored.
    """
    values: dict[str, Any] = {}
    for field in spec["fields"]:
        value = _read(form, field, of)
        if value is not None:
            values[field["name"]] = value
        elif field["required"] and field["kind"] != "locked":
            form.refuse(field["name"], _missing(field["name"], "required", of), anchor=_anchor(field))
    return values


def fill(form: Form, view: Mapping[str, Any], step: str) -> None:
    """Put what is stored into the form."""
    for name, value in view["form"].get(step, {}).items():
        if isinstance(value, bool):
            form.set(name, YES if value else NO)
        elif isinstance(value, list):
            form.set(name, [str(item) for item in value])
        else:
            form.set(name, str(value))
            if words.looks_like_day(str(value)):
                form.set_day(name, str(value))


def locked_rows(
    spec: Mapping[str, Any], view: Mapping[str, Any], account: Mapping[str, Any] | None, *, everything: bool = False
) -> list[tuple[str, str]]:
    """Label and value of what a registry knows; with `everything` also of what the person filled in."""
    rows = []
    for field in spec["fields"]:
        if field["kind"] == "locked":
            value = _known(spec["name"], field["name"], view, account)
            if value or field["required"]:
                rows.append((words.label(field["name"], view), value))
        elif everything:
            stored = view["form"].get(spec["name"], {}).get(field["name"])
            if stored is not None or field["required"]:
                rows.append((words.short_label(field["name"], view), shown(field, stored, view)))
    return rows


def shown(field: Mapping[str, Any], value: Any, view: Mapping[str, Any] | None) -> str:
    """A stored value as a person reads it; an institution is named by the application, `view`."""
    if value is None or value == []:
        return ""
    if field["kind"] == "boolean":
        answer = YES if value else NO
        return words.word_or(f"answer.{field['name']}.{answer}", words.word(f"answer.{answer}"))
    if field["kind"] == "date":
        return words.day(str(value))
    if field["kind"] == "institution":
        return str(view["institution"]["name"]) if view and view["institution"] else ""
    if field["kind"] == "choices":
        return words.scopes(value)
    if field["kind"] == "choice":
        return words.word_or(f"choice.{field['name']}.{value}", str(value))
    return str(value)


def _read(form: Form, field: Mapping[str, Any], of: Mapping[str, Any] | None) -> Any:
    kind, name = field["kind"], field["name"]
    if kind == "locked":
        return None
    if kind == "date":
        if field["required"] and not any(form.text(f"{name}-{part}") for part in "ymd"):
            form.refuse(name, _missing(name, "date_missing", of), anchor=f"{name}-y")
            return None
        day = form.day(name, required=False)
        return day.isoformat() if day else None
    if kind == "boolean":
        return {YES: True, NO: False}.get(form.text(name))
    if kind == "choices":
        return form.all(name) or None
    return form.text(name) or None


def _anchor(field: Mapping[str, Any]) -> str | None:
    if field["kind"] == "institution":
        return "q"
    return f"{field['name']}-y" if field["kind"] == "date" else None


def _missing(name: str, code: str, of: Mapping[str, Any] | None) -> str:
    """What stands beside a field that was left out, in the words of its kind of business where they are others."""
    return words.word_of_or(of, "field", f"{name}.{code}", field_sentence(code, name))


def _known(step: str, name: str, view: Mapping[str, Any], account: Mapping[str, Any] | None) -> str:
    qualification: Mapping[str, Any] = next(
        (
            found
            for found in (account or {}).get("qualifications", [])
            if str(found["id"]) == str(view["qualification_id"])
        ),
        {},
    )
    known: dict[str, Callable[[], Any]] = {
        "name": lambda: view["applicant_name"],
        "sex": lambda: words.sex(view["sex"]),
        "birth_date": lambda: words.day(view["birth_date"]),
        "id_number": lambda: view["masked_id"],
        "phone": lambda: view["masked_phone"],
        "level": lambda: words.level(view["level"]),
        "category": lambda: words.category(view["category"]),
        "year": lambda: words.year(view["qualification_year"]),
        "region": lambda: words.province(view["qualification_region"]),
        "code": lambda: view["masked_code"],
    }
    stored = view["form"].get(step, {}).get(name)
    if name in _OF_REGISTER:
        return "" if stored is None else str(_OF_REGISTER[name](stored))
    found = known[name]() if name in known else qualification.get(name, stored)
    return str(found or "")


#: What the register has of the registration or filing that an application is about.
_OF_REGISTER: dict[str, Callable[[Any], str]] = {
    "practice_code": words.practice_code,
    "registered_level": words.level,
    "registered_category": words.category,
    "registered_scopes": words.scopes,
    "registered_place": words.place,
    "registered_institution": str,
    "registered_status": words.registration_status,
    "filed_institution": str,
    "filed_from": words.day,
    "filed_to": words.day,
    "filed_scopes": words.scopes,
}

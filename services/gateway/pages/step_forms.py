"""A form page made from a step's specification: values out of the form, stored values into it, and rows to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .. import view_models as words
from ..forms import Form
from ..http_errors import field_sentence

#: Yes and no as the radios send them.
YES, NO = "yes", "no"


def read_values(form: Form, spec: Mapping[str, Any], *, later: bool) -> dict[str, Any]:
    """The values of a step as the contract wants them; what is missing is noted on the form.

    With 保存，以后再填 (`later`) a date that was begun still has to be a date, since nothing half is stored.
    """
    values: dict[str, Any] = {}
    for field in spec["fields"]:
        value = _read(form, field)
        if value is not None:
            values[field["name"]] = value
        elif field["required"] and field["kind"] != "locked":
            form.refuse(field["name"], field_sentence("required", field["name"]), anchor=_anchor(field))
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
            value = _known(field["name"], view, account)
            if value or field["required"]:
                rows.append((words.label(field["name"]), value))
        elif everything:
            stored = view["form"].get(spec["name"], {}).get(field["name"])
            if stored is not None or field["required"]:
                rows.append((words.short_label(field["name"]), shown(field, stored, view)))
    return rows


def shown(field: Mapping[str, Any], value: Any, view: Mapping[str, Any]) -> str:
    """A stored value as a person reads it."""
    if value is None or value == []:
        return ""
    if field["kind"] == "boolean":
        answer = YES if value else NO
        return words.word_or(f"answer.{field['name']}.{answer}", words.word(f"answer.{answer}"))
    if field["kind"] == "date":
        return words.day(str(value))
    if field["kind"] == "institution":
        return str(view["institution"]["name"]) if view["institution"] else ""
    if field["kind"] in ("choices", "choice"):
        values = value if isinstance(value, list) else [value]
        return words.scopes(values)
    return str(value)


def _read(form: Form, field: Mapping[str, Any]) -> Any:
    kind, name = field["kind"], field["name"]
    if kind == "locked":
        return None
    if kind == "date":
        day = form.day(name, required=field["required"])
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


def _known(name: str, view: Mapping[str, Any], account: Mapping[str, Any] | None) -> str:
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
    found = known[name]() if name in known else qualification.get(name, "")
    return str(found or "")

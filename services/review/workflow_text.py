"""From the files of a workflow to its one text: what is common is written once, each kind says what differs.

A kind's file names the parts that it is `based_on`, the general one first. The more special rule goes before the more
general one (特别规定优先): its actions stand in front, its clocks, states and reasons replace those of the same name.
What it is `without` is gone everywhere. The text that comes out says all of it and is based on nothing: that is what a
case is pinned to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from .domain.definition import WorkflowError

TABLES: Final = ("clocks", "states", "reasons")
DROPPED: Final = ("actions", *TABLES)
_OWN: Final = ("based_on", "without", "documents")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def merged(kind: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]], source: str) -> dict[str, Any]:
    """The whole table of a kind: its own file on top of the parts that it is based on.

    Raises `WorkflowError` for a part that there isn't, for what is dropped without being there, for a list of documents
    that the kind doesn't give.
    """
    names = kind.get("based_on", [])
    unknown = [name for name in names if name not in parts]
    if unknown:
        raise WorkflowError([f"{source}: based_on names the unknown part {name!r}" for name in unknown])
    whole: dict[str, Any] = {key: kind[key] for key in ("name", "version") if key in kind}
    for layer in (*(parts[name] for name in names), kind):
        _without(whole, layer, source)
        _lay(whole, layer)
    _name_documents(whole, kind.get("documents", {}), source)
    return whole


def written(table: Mapping[str, Any]) -> str:
    """A workflow's table as TOML, the same for the same table."""
    plain = {key: value for key, value in table.items() if not _is_section(value)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    for name, section in table.items():
        if isinstance(section, Mapping) and all(isinstance(entry, Mapping) for entry in section.values()):
            for entry, content in section.items():
                lines += ["", f"[{_key(name)}.{_key(entry)}]", *_entries(content)]
        elif isinstance(section, Mapping):
            lines += ["", f"[{_key(name)}]", *_entries(section)]
        elif _is_section(section):
            for row in section:
                lines += ["", f"[[{_key(name)}]]", *_entries(row)]
    return "\n".join((*lines, ""))


def _lay(whole: dict[str, Any], layer: Mapping[str, Any]) -> None:
    """Put a more special file on top. What is not of the form that it should have is left for its reader to tell."""
    for key, value in layer.items():
        below = whole.get(key)
        if key in _OWN:
            continue
        if key == "actions" and isinstance(value, list) and isinstance(below, list):
            whole[key] = [*value, *below]
        elif key in TABLES and isinstance(value, Mapping) and isinstance(below, Mapping):
            whole[key] = {**below, **value}
        else:
            whole[key] = value


def _without(whole: dict[str, Any], layer: Mapping[str, Any], source: str) -> None:
    """Take away what a more special file does without, also where other entries name it.

    An action that it drops and writes anew keeps its reasons.
    """
    dropped: Mapping[str, list[str]] = layer.get("without", {})
    faults = [f"{source}: without: unknown key {key!r}" for key in sorted(set(dropped) - set(DROPPED))]
    for kind in DROPPED:
        known = {row.get("name") for row in whole.get(kind, [])} if kind == "actions" else whole.get(kind, {})
        gone = [name for name in dropped.get(kind, []) if name not in known]
        faults += [f"{source}: without: there is no {name!r} in {kind}" for name in gone]
    if faults:
        raise WorkflowError(faults)
    if not dropped:
        return
    for table in TABLES:
        gone = dropped.get(table, [])
        whole[table] = {name: entry for name, entry in whole.get(table, {}).items() if name not in gone}
    actions, states = dropped.get("actions", []), dropped.get("states", [])
    rows = [row for row in whole.get("actions", []) if row.get("name") not in actions]
    whole["actions"] = [kept for row in rows if (kept := _less(row, "from", states)) is not None]
    anew = {row.get("name") for row in layer.get("actions", [])}
    gone = [name for name in actions if name not in anew]
    reasons = ((code, _less(rule, "actions", gone)) for code, rule in whole["reasons"].items())
    whole["reasons"] = {code: rule for code, rule in reasons if rule is not None}


def _less(entry: Mapping[str, Any], key: str, gone: list[str]) -> Mapping[str, Any] | None:
    """The entry without what is gone; None where nothing is left of it."""
    left = [name for name in entry.get(key, []) if name not in gone]
    return {**entry, key: left} if left else None


def _name_documents(whole: dict[str, Any], documents: Mapping[str, list[str]], source: str) -> None:
    """A reason may be given against the documents of the kind: `targets = "documents.all"`."""
    for code, rule in whole.get("reasons", {}).items():
        targets = rule.get("targets") if isinstance(rule, Mapping) else None
        if not isinstance(targets, str):
            continue
        name = targets.removeprefix("documents.")
        if name not in documents:
            raise WorkflowError([f"{source}: reason {code}: [documents] gives no list {name!r}"])
        whole["reasons"] = {**whole["reasons"], code: {**rule, "targets": documents[name]}}


def _is_section(value: object) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)
    )


def _entries(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items()]


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(item) for item in value)}]"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return str(value)


def _text(text: str) -> str:
    # JSON's strings are TOML's, but for DEL, which TOML wants escaped as well.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

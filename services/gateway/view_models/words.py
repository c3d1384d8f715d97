"""A word of the catalogue by its id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .. import catalogue


def word(message_id: str, **facts: Any) -> str:
    """A word of the catalogue by its id."""
    return catalogue.sentence(message_id, facts)


def word_or(message_id: str, default: str, **facts: Any) -> str:
    """A word of the catalogue, or `default` where it has none."""
    return catalogue.sentence(message_id, facts, default=default)


def has(message_id: str) -> bool:
    """Whether the catalogue has a word of this id."""
    return catalogue.has(message_id)


def choices(prefix: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """Values and their words, for radios: `id_type` with `passport` gives the word `id_type.passport`."""
    return [(name, word(f"{prefix}.{name}")) for name in names]


def word_of(of: Mapping[str, Any] | None, prefix: str, name: str, **facts: Any) -> str:
    """A word as this kind of business has it: `decision.CANCEL.confirm` before `decision.confirm`.

    `of` names the kind by `type` and `sub_kind`: an application, a case, a row of a list; None stands for any kind.
    """
    return word(_first(of, prefix, name) or f"{prefix}.{name}", **facts)


def word_of_or(of: Mapping[str, Any] | None, prefix: str, name: str, default: str, **facts: Any) -> str:
    """The same, or `default` where the catalogue has none."""
    found = _first(of, prefix, name)
    return word(found, **facts) if found else default


def has_of(of: Mapping[str, Any] | None, prefix: str, name: str) -> bool:
    """Whether there is such a word for this kind of business, or for any."""
    return _first(of, prefix, name) is not None


def _first(of: Mapping[str, Any] | None, prefix: str, name: str) -> str | None:
    return next((found for found in _ids(of, prefix, name) if catalogue.has(found)), None)


def _ids(of: Mapping[str, Any] | None, prefix: str, name: str) -> Iterator[str]:
    kind, sub_kind = str((of or {}).get("type", "")), str((of or {}).get("sub_kind", ""))
    if kind and sub_kind:
        yield f"{prefix}.{kind}.{sub_kind}.{name}"
    if kind:
        yield f"{prefix}.{kind}.{name}"
    yield f"{prefix}.{name}"

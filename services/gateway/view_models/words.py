"""A word of the catalogue by its id."""

from __future__ import annotations

from collections.abc import Iterable
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

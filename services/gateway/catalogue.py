"""The sentences for people, by stable id, from the gettext catalogue (domain `codes`) in Chinese."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.pofile import read_po

TRANSLATIONS = Path(__file__).parent / "translations"
LOCALE = "zh_CN"


@cache
def sentences() -> dict[str, str]:
    """Every sentence of the catalogue by its id, such as `error.not_activated`."""
    with (TRANSLATIONS / LOCALE / "LC_MESSAGES" / "codes.po").open("rb") as file:
        catalogue = read_po(file, locale=LOCALE)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "—"


def sentence(message_id: str, facts: dict[str, Any] | None = None, *, default: str | None = None) -> str:
    """The sentence with its facts filled in; a missing fact shows as a dash, a missing sentence as `default`.

    `KeyError` where there is neither: a test sees to it that every code in use has its sentence.
    """
    found = sentences().get(message_id, default)
    if found is None:
        raise KeyError(message_id)
    return Formatter().vformat(found, (), _Facts(facts or {}))


def has(message_id: str) -> bool:
    """Whether the catalogue holds a sentence of this id."""
    return message_id in sentences()

"""The words of all notices, by id, from a gettext catalogue; Chinese is the source language."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALE = "zh_CN"
CATALOGUE = Path(__file__).parent / "translations" / LOCALE / "LC_MESSAGES" / "notices.po"


@cache
def sentences() -> dict[str, str]:
    """Every sentence by its id, such as `supplement.title`."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale=LOCALE)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


def sentence(sentence_id: str, default: str | None = None) -> str:
    """The sentence; `KeyError` for an unknown id without `default`."""
    found = sentences().get(sentence_id, default)
    if found is None:
        raise KeyError(sentence_id)
    return found

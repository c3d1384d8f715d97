"""The words of all notices, by id, from a gettext catalogue; Chinese is the source language."""

from __future__ import annotations

from pathlib import Path

from shared.trade.words import LOCALE, sentences_of

CATALOGUE = Path(__file__).parent / "translations" / LOCALE / "LC_MESSAGES" / "notices.po"


def sentences() -> dict[str, str]:
    """Every sentence by its id, such as `supplement.title`."""
    return sentences_of(CATALOGUE)


def sentence(sentence_id: str, default: str | None = None) -> str:
    """The sentence; `KeyError` for an unknown id without `default`."""
    found = sentences().get(sentence_id, default)
    if found is None:
        raise KeyError(sentence_id)
    return found

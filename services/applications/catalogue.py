"""The words of issued documents, by id, from a gettext catalogue; Chinese is the source language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Formatter

from shared.trade.words import LOCALE, sentences_of

CATALOGUE = Path(__file__).parent / "translations" / LOCALE / "LC_MESSAGES" / "letters.po"


def sentence(sentence_id: str) -> str:
    """The sentence; `KeyError` for an unknown id."""
    return sentences_of(CATALOGUE)[sentence_id]


def sentence_for(sentence_id: str, *narrower: str) -> str:
    """The most exact sentence: `title.approval.CHANGE.SCOPE`, else `title.approval.CHANGE`, else `title.approval`."""
    known = sentences_of(CATALOGUE)
    parts = [part for part in narrower if part]
    names = [".".join([sentence_id, *parts[:count]]) for count in range(len(parts), -1, -1)]
    return known[next((name for name in names if name in known), sentence_id)]


def has(sentence_id: str) -> bool:
    """Whether the catalogue has a sentence of this id."""
    return sentence_id in sentences_of(CATALOGUE)


def lines(text: str, facts: Mapping[str, str]) -> list[str]:
    """A text's sentences, a line each, with their facts filled in; one whose fact is empty is left out."""
    return [filled(line, facts) for line in text.splitlines() if all(facts[name] for name in _facts_of(line))]


def filled(text: str, facts: Mapping[str, str]) -> str:
    """A sentence with its facts."""
    return Formatter().vformat(text, (), facts)


def _facts_of(line: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(line) if name]

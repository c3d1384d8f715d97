"""The words of the trade that a notice and a letter say alike: what was raised, against what, on which ground in law.

Each service that speaks to people has a catalogue of its own (gettext, Chinese is the source language); what two of
them say in the same words stands here once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALE = "zh_CN"
CATALOGUE = Path(__file__).parent / "translations" / LOCALE / "LC_MESSAGES" / "trade.po"


@cache
def sentences_of(file: Path) -> dict[str, str]:
    """Every sentence of a catalogue by its id."""
    with file.open("rb") as opened:
        catalogue = read_po(opened, locale=LOCALE)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


def target(name: str) -> str:
    """The document or field that a reason is raised against; "" for one that is not known."""
    return sentences_of(CATALOGUE).get(f"target.{name}", "")


def reason(code: str) -> str:
    """What is wrong; a code of a later release is another reason 其他原因."""
    words = sentences_of(CATALOGUE)
    return words.get(f"reason.{code}", words["reason.other"])


def article(code: str) -> str:
    """The ground in law of a reason as it is cited, "" where it has none of its own (行政许可法 art.38)."""
    return sentences_of(CATALOGUE).get(f"article.{code}", "")

"""The words of the pages: page text is its own message id, in Chinese; `codes.po` holds the sentences by code."""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from babel.support import Translations

FOLDER = Path(__file__).parent
LOCALE = "zh_CN"


@cache
def catalogue() -> NullTranslations:
    """The compiled catalogue beside this module; without one every sentence stands as it is written."""
    return Translations.load(FOLDER, [LOCALE])


def gettext(message: str, **facts: Any) -> str:
    """The sentence to show, with its `%(name)s` places filled. A plain percent sign is written `%%`."""
    return catalogue().gettext(message) % facts


def ngettext(singular: str, plural: str, number: int, **facts: Any) -> str:
    """The sentence for a number; Chinese has one form only, other catalogues may have more."""
    return catalogue().ngettext(singular, plural, number) % {"num": number, **facts}


def N_(message: str) -> str:  # noqa: N802 - the name that extraction tools look for
    """Mark a sentence for extraction without looking it up: tables are filled before a request is there."""
    return message

"""How typed text becomes comparable text: full-width forms, stray spaces, lower-case letters."""

from __future__ import annotations

import re
import unicodedata

_WHITE_SPACE = re.compile(r"[\s\u200b\u200c\u200d\ufeff]+")


def compact(text: str) -> str:
    """The text of a code as it is stored: half-width, upper case, no white space (`１１ ００…x` becomes `1100…X`)."""
    return _WHITE_SPACE.sub("", unicodedata.normalize("NFKC", text)).upper()


def without_white_space(text: str) -> str:
    """The text without any white space, zero-width characters included."""
    return _WHITE_SPACE.sub("", text)

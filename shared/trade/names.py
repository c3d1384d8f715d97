"""A person's name 姓名 as on the ID card, and when two names are the same."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from shared.platform.errors import InvalidInput

from .text import without_white_space

SHORTEST, LONGEST = 2, 30
DOT = "\u00b7"
"""The separator inside minority names (间隔号)."""

_DOTS = re.compile("[.\u0387\u1427\u16eb\u2022\u2027\u2219\u22c5\u2e31\u30fb\uff0e\uff65]")
_HAN = (
    "\u3007"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0002a6df\U0002a700-\U0002ebe0\U0002ebf0-\U0002ee5d\U0002f800-\U0002fa1f\U00030000-\U000323af"
)
_CHARACTERS = re.compile(f"[{_HAN}{DOT}]+")


@dataclass(frozen=True, order=True)
class PersonName:
    """A name in its stored form: NFC, one kind of dot, no white space, 2–30 Chinese characters with `·` inside."""

    value: str

    @classmethod
    def parse(cls, text: str) -> PersonName:
        """Read a name as typed, or raise `InvalidInput`: `name_length`, `name_characters` or `name_dot`.

        Digits and Latin letters never occur in a name on an ID card; Han beyond the basic plane do.
        """
        value = normalise(text)
        if not SHORTEST <= len(value) <= LONGEST:
            raise InvalidInput("name_length", shortest=SHORTEST, longest=LONGEST)
        if _CHARACTERS.fullmatch(value) is None:
            raise InvalidInput("name_characters")
        if value.startswith(DOT) or value.endswith(DOT) or DOT * 2 in value:
            raise InvalidInput("name_dot")
        return cls(value)

    def __str__(self) -> str:
        return self.value


def normalise(text: str) -> str:
    """The form in which names are compared: NFC, every separator dot as `·`, no white space."""
    return _DOTS.sub(DOT, unicodedata.normalize("NFC", without_white_space(text)))


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are one name; only the dot, the spaces and the Unicode form may differ."""
    return normalise(one) == normalise(other)

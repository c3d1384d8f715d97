"""What a captcha asks and how an answer is compared."""

from __future__ import annotations

import secrets
from datetime import timedelta

from shared.platform.errors import InvalidInput

LIFE = timedelta(minutes=5)
IMAGE_LENGTH, AUDIO_LENGTH = 5, 6
IMAGE_CHARACTERS = "ACDEFGHJKLMNPQRTUVWXY3479"
"""Letters and digits that are not mistaken for one another once they are bent (no 0/O, 1/I, 2/Z, 5/S, 6/8/B)."""
AUDIO_CHARACTERS = "0123456789"


def new_answer(*, audio: bool) -> str:
    """A random answer: letters and digits to see, digits to hear."""
    characters, length = (AUDIO_CHARACTERS, AUDIO_LENGTH) if audio else (IMAGE_CHARACTERS, IMAGE_LENGTH)
    return "".join(secrets.choice(characters) for _ in range(length))


def comparable(answer: str) -> str:
    """An answer without case and spaces, full-width forms folded."""
    folded = answer.translate({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})
    return "".join(folded.split()).upper()


def captcha_failed() -> InvalidInput:
    """The refusal of a wrong, expired or used answer (E07): the next try needs a new captcha."""
    return InvalidInput("captcha_failed", fields={"captcha_answer": ["captcha_failed"]})

"""What a captcha asks, and how it is compared."""

from __future__ import annotations

import base64

import pytest

from services.accounts.captcha_media import render
from services.accounts.domain.captchas import (
    AUDIO_CHARACTERS,
    AUDIO_LENGTH,
    IMAGE_CHARACTERS,
    IMAGE_LENGTH,
    captcha_failed,
    comparable,
    new_answer,
)


def test_a_picture_has_no_characters_that_are_mistaken_for_each_other():
    assert not set(IMAGE_CHARACTERS) & set("0O1I2Z5S68B")
    assert set(IMAGE_CHARACTERS) >= set(new_answer(audio=False))
    assert len(new_answer(audio=False)) == IMAGE_LENGTH


def test_a_sound_has_digits_only():
    assert set(AUDIO_CHARACTERS) >= set(new_answer(audio=True))
    assert len(new_answer(audio=True)) == AUDIO_LENGTH


@pytest.mark.parametrize("typed", ["ak3p9", " AK3 P9 ", "ＡＫ３Ｐ９", "Ak3p9"])
def test_case_width_and_spaces_do_not_matter(typed):
    assert comparable(typed) == "AK3P9"


@pytest.mark.parametrize(
    ("audio", "media_type", "begins"), [(False, "image/png", b"\x89PNG"), (True, "audio/wav", b"RIFF")]
)
def test_the_media_are_what_they_say(audio, media_type, begins):
    """WCAG 1.1.1: whoever can't see the picture hears the digits."""
    kind, media = render("34797", audio=audio)
    assert kind == media_type
    assert base64.b64decode(media).startswith(begins)


def test_a_failed_captcha_is_told_at_its_field():
    """E07."""
    assert captcha_failed().facts == {"fields": {"captcha_answer": ["captcha_failed"]}}

"""The picture or the sound of a captcha, made in a real thread."""

from __future__ import annotations

import base64
from functools import cache

from captcha.audio import AudioCaptcha
from captcha.image import ImageCaptcha

from shared.platform.threads import Lane

PNG, WAV = "image/png", "audio/wav"
# Apart from the passwords' lane, and short: whoever asks for captchas can't keep anybody from logging in.
_PICTURES = Lane(1, waiting=40)
_SOUNDS = Lane(1, waiting=8)


def render(answer: str, *, audio: bool) -> tuple[str, str]:
    """The media type and the base64 of what shows `answer`."""
    content = _SOUNDS.run(_sound, answer) if audio else _PICTURES.run(_picture, answer)
    return (WAV if audio else PNG), base64.b64encode(content).decode("ascii")


@cache
def _pictures() -> ImageCaptcha:
    return ImageCaptcha(width=200, height=70)


@cache
def _sounds() -> AudioCaptcha:
    return AudioCaptcha()


def _picture(answer: str) -> bytes:
    return bytes(_pictures().generate(answer).getvalue())


def _sound(answer: str) -> bytes:
    return bytes(_sounds().generate(answer))

"""验证码 on pages: the picture's request makes it, and a cookie of five minutes remembers which one a form shows."""

from __future__ import annotations

import base64
import re
import secrets
from typing import Any
from uuid import UUID

from flask import Response, abort, request

from shared.contracts import accounts

from ..calls import call
from ..cookies import is_secure
from ..forms import Form
from ..http_errors import field_sentence
from .blueprint import pages

_LIFETIME = 300
_NONCE = re.compile(r"^[A-Za-z0-9_-]{8,24}$")
_SOUND_POLICY = "default-src 'none'; media-src 'self'; frame-ancestors 'none'"


def new_nonce() -> str:
    """A name for the captcha of one shown form."""
    return secrets.token_urlsafe(9)


@pages.get("/captcha/<nonce>.png")
def captcha_picture(nonce: str) -> Response:
    """A new captcha as a picture; asking again replaces it."""
    return _new(nonce, audio=False)


@pages.get("/captcha/<nonce>.wav")
def captcha_sound(nonce: str) -> Response:
    """A new captcha, spoken; it takes the place of the picture (WCAG 1.1.1)."""
    response = _new(nonce, audio=True)
    response.headers["Content-Security-Policy"] = _SOUND_POLICY
    return response


def wants_new_captcha() -> bool:
    """Whether 换一张 was pressed, which without JavaScript sends the form."""
    return request.form.get("do") == "new_captcha"


def answer_of(form: Form) -> dict[str, Any]:
    """The captcha's id and the typed answer; a form error where either is missing."""
    typed = form.need("captcha_answer")
    nonce = form.text("captcha_nonce")
    found = request.cookies.get(f"yz_captcha_{nonce}", "") if _NONCE.match(nonce) else ""
    try:
        return {"captcha_id": UUID(found), "captcha_answer": typed}
    except ValueError:
        form.refuse("captcha_answer", field_sentence("captcha_failed", "captcha_answer"))
        return {}


def _new(nonce: str, *, audio: bool) -> Response:
    if not _NONCE.match(nonce):
        abort(404)
    made = call(accounts.NEW_CAPTCHA, audio=audio)
    response = Response(base64.b64decode(made["media"]), mimetype=made["media_type"])
    response.set_cookie(
        f"yz_captcha_{nonce}",
        str(made["id"]),
        max_age=_LIFETIME,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=is_secure(),
    )
    return response

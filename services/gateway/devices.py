"""By what a browser is known again at the next login: a random token in a cookie that outlives the session."""

from __future__ import annotations

import re
import secrets

from flask import Response

from . import cookies

_BYTES = 32
_FORM = re.compile(r"[A-Za-z0-9_-]{43}")
#: No browser keeps a cookie for longer; each login counts anew.
_DAYS = 400


def own_token() -> str:
    """The token that this browser keeps, or a new one for a browser that keeps none."""
    kept = cookies.read(cookies.DEVICE)
    return kept if _FORM.fullmatch(kept) else secrets.token_urlsafe(_BYTES)


def keep_token(response: Response, token: str) -> Response:
    """Have the browser keep it. It tells nothing about the holder and opens nothing."""
    cookies.give(response, cookies.DEVICE, token, days=_DAYS)
    return response

"""A token on every form that a foreign site can't know: double submit, bound to the browser's own cookie."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from flask import Flask, Response, g, request
from markupsafe import Markup

from shared.platform.errors import PermissionDenied

COOKIE = "yz_csrf"
FIELD = "csrf_token"
KEY_FIELD = "form_key"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def csrf_token() -> str:
    """The token for this browser's forms; the cookie it belongs to is set with the response."""
    return _token_of(_browser_secret())


def csrf_field() -> Markup:
    """The token as a hidden field."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token())


def form_key() -> Markup:
    """A hidden idempotency key: a double click or a reload sends the same one again, and changes nothing twice."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(KEY_FIELD, new_form_key())


def new_form_key() -> str:
    """A fresh key, or the one that came with a form which is shown again: after a time-out the same act is meant.

    A form that was refused is another act once it is put right: `renew_form_key` was called for it.
    """
    kept = None if g.get("form_key_is_spent") else request.form.get(KEY_FIELD)
    return kept or f"form-{secrets.token_urlsafe(18)}"


def renew_form_key() -> None:
    """The form was refused: what is sent next is something else."""
    g.form_key_is_spent = True


def submitted_key() -> str | None:
    """The key of the form that was sent."""
    return request.form.get(KEY_FIELD)


def register(app: Flask) -> None:
    """Check every changing request outside `/api/` (which takes bearer tokens, never cookies)."""

    @app.before_request
    def check() -> None:
        if request.method in _SAFE or request.path.startswith("/api/"):
            return
        given = request.form.get(FIELD) or request.headers.get("X-CSRF-Token", "")
        if not given or not hmac.compare_digest(given, _token_of(request.cookies.get(COOKIE, ""))):
            raise PermissionDenied("form_expired")

    @app.after_request
    def remember(response: Response) -> Response:
        if "csrf_secret" in g and request.cookies.get(COOKIE) != g.csrf_secret:
            secure = app.extensions["yizhu.settings"].public_url.startswith("https://")
            response.set_cookie(COOKIE, g.csrf_secret, httponly=True, samesite="Lax", secure=secure, path="/")
        return response

    app.jinja_env.globals.update(csrf_token=csrf_token, csrf_field=csrf_field, form_key=form_key)


def _browser_secret() -> str:
    if "csrf_secret" not in g:
        g.csrf_secret = request.cookies.get(COOKIE) or secrets.token_urlsafe(24)
    return str(g.csrf_secret)


def _token_of(secret: str) -> str:
    return hmac.new(secret.encode(), b"yizhu form", sha256).hexdigest() if secret else secrets.token_hex(32)

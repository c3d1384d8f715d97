"""A token on every form that a foreign site can't know: double submit, bound to the browser's cookie and session."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup

from shared.platform.errors import PermissionDenied

from . import cookies
from .page_access import roles_let_in

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


def renew() -> None:
    """Somebody logged in: a token that was planted or read before the login serves no more."""
    g.csrf_secret = secrets.token_urlsafe(24)


def register(app: Flask) -> None:
    """Check every changing request outside `/api/` (which takes bearer tokens, never cookies)."""

    @app.before_request
    def check() -> None:
        if request.method in _SAFE or request.path.startswith("/api/"):
            return
        given = request.form.get(FIELD) or request.headers.get("X-CSRF-Token", "")
        if _is_same(given, _token_of(cookies.read(cookies.CSRF))):
            return
        if not cookies.read(cookies.SESSION) and _sends_visitors_to_log_in():
            # Nobody is signed in, so nothing can be done in anybody's name: the page leads to the login and back.
            return
        raise PermissionDenied("form_expired")

    @app.after_request
    def remember(response: Response) -> Response:
        if "csrf_secret" in g and cookies.read(cookies.CSRF) != g.csrf_secret:
            cookies.give(response, cookies.CSRF, g.csrf_secret)
        return response

    app.jinja_env.globals.update(csrf_token=csrf_token, csrf_field=csrf_field, form_key=form_key)


def _browser_secret() -> str:
    if "csrf_secret" not in g:
        g.csrf_secret = cookies.read(cookies.CSRF) or secrets.token_urlsafe(24)
    return str(g.csrf_secret)


def _token_of(secret: str) -> str:
    if not secret:
        return secrets.token_hex(32)
    session = sha256(_bytes(cookies.read(cookies.SESSION))).digest()
    return hmac.new(_bytes(secret), b"yizhu form" + session, sha256).hexdigest()


def _is_same(given: str, token: str) -> bool:
    """Compared as bytes: `compare_digest` refuses texts that aren't ASCII, and anybody may send one."""
    return hmac.compare_digest(_bytes(given), _bytes(token))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _sends_visitors_to_log_in() -> bool:
    return bool(roles_let_in(current_app.view_functions.get(request.endpoint or "")))

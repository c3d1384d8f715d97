"""How a page is made: the templates' helpers, the reader's display settings, a whole page or the part htmx asks for."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, make_response, redirect, render_template, request
from jinja2 import StrictUndefined

from shared.platform import clock
from shared.platform.errors import DomainError

from .. import cookies, view_models
from ..authentication import Session, current_session
from ..csrf import renew_form_key
from ..forms import Form
from ..icons import LOGO, icon
from ..translations import catalogue
from .assets import asset_url
from .drawing import qr_code, rings

LARGE_COOKIE, THEME_COOKIE = "yz_size", "yz_theme"
THEMES = ("light", "dark")
#: Two minutes before a session that lies idle ends (30 minutes, kept by `accounts`), in seconds (WCAG 2.2.1).
WARN_IDLE_AFTER = 28 * 60
#: A form with one file of at most 10 MB and its hidden fields.
UPLOAD_BODY = 11 * 1024 * 1024
#: Exam results: a million rows are a few hundred megabytes, and go through the API or the command line.
_UPLOADS = {"pages.upload_material": UPLOAD_BODY}


class PageRequest(Request):
    """A request whose uploaded files stay in memory: personal documents never touch the disk unsealed."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


def prepare(app: Flask) -> None:
    """Set up Jinja and the context that every template may count on."""
    app.request_class = PageRequest
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.i18n")
    # Jinja fills the places itself, so it gets the bare look-ups.
    environment.install_gettext_callables(catalogue().gettext, catalogue().ngettext, newstyle=True)
    environment.globals.update(
        asset_url=asset_url,
        icon=icon,
        logo=LOGO,
        qr_code=qr_code,
        rings=rings,
        words=view_models,
        large_text=lambda: request.cookies.get(LARGE_COOKIE) == "large",
        theme=lambda: found if (found := request.cookies.get(THEME_COOKIE)) in THEMES else "",
        warn_idle_after=WARN_IDLE_AFTER,
        is_demo=not app.extensions["yizhu.settings"].is_production,
        here=lambda: request.full_path.rstrip("?") if request.method == "GET" else request.path,
        active_page=lambda: (request.endpoint or "").removeprefix("pages."),
    )
    app.context_processor(lambda: {"viewer": _viewer(), "form": None})

    @app.after_request
    def drop_ended_session(response: Response) -> Response:
        if g.get("drop_session_cookie"):
            cookies.take_back(response, cookies.SESSION)
        return response

    @app.url_value_preprocessor
    def allow_large_upload(endpoint: str | None, values: dict[str, Any] | None) -> None:
        """Runs before the form token is read, which is what parses the body."""
        if endpoint in _UPLOADS:
            request.max_content_length = _UPLOADS[endpoint]


def page(template: str, *, status: int = HTTPStatus.OK, **context: Any) -> Response:
    """A whole page, or with `HX-Request` the template's fragment block alone where it has one."""
    response = make_response(render_template(template, **context), status)
    response.headers.add("Vary", "HX-Request")
    return response


def form_page(template: str, form: Form, **context: Any) -> Response:
    """A page with a form: 200, or 422 (the refusal's own status where it is not about typing) when it comes back."""
    if form.is_wrong and form.status != HTTPStatus.SERVICE_UNAVAILABLE:
        renew_form_key()
    response = page(template, status=form.status if form.is_wrong else HTTPStatus.OK, form=form, **context)
    if form.is_wrong and form.retry_after is not None:
        response.headers["Retry-After"] = str(int(form.retry_after))
    return response


def wants_fragment() -> bool:
    """Whether htmx asked, for a part of the page only."""
    return request.headers.get("HX-Request") == "true"


def see_other(target: str) -> Response:
    """The answer to every POST that worked."""
    return make_response(redirect(target, HTTPStatus.SEE_OTHER))


def safe_next(target: str | None, default: str) -> str:
    """A page of this site to go on to; anything that leads elsewhere is replaced by `default`."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    parts = urlsplit(target)
    return default if parts.netloc or parts.scheme or any(ord(letter) < 32 for letter in target) else target


def now() -> datetime:
    """The deployment's time, which demo and test may move."""
    return clock.now()


def settings() -> Any:
    """The deployment's settings."""
    return current_app.extensions["yizhu.settings"]


def _viewer() -> Session:
    """Who reads the page: a visitor without a session cookie, and where the identity service is away.

    So the pages that only tell stand on their own.
    """
    if not cookies.read(cookies.SESSION):
        return Session("visitor", "visitor", "")
    try:
        return current_session()
    except DomainError:
        return Session("visitor", "visitor", "")

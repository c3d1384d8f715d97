"""大字版 and the colour scheme: kept in cookies of the reader's own browser, nothing about it is stored here."""

from __future__ import annotations

from flask import Response, request, url_for

from ..cookies import is_secure
from .blueprint import pages
from .rendering import LARGE_COOKIE, THEME_COOKIE, THEMES, safe_next, see_other

_YEAR = 365 * 24 * 3600


@pages.post("/display")
def set_display() -> Response:
    """Switch text size or colours, and come back to the page."""
    response = see_other(safe_next(request.form.get("next"), url_for("pages.home")))
    if "size" in request.form:
        _keep(response, LARGE_COOKIE, "large" if request.form["size"] == "large" else "")
    if "theme" in request.form:
        chosen = request.form["theme"]
        _keep(response, THEME_COOKIE, chosen if chosen in THEMES else "")
    return response


def _keep(response: Response, name: str, value: str) -> None:
    if not value:
        response.delete_cookie(name, path="/")
        return
    response.set_cookie(name, value, max_age=_YEAR, path="/", samesite="Lax", httponly=True, secure=is_secure())

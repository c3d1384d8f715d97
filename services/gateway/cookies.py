"""The cookies that decide who somebody is: their names, and the flags that keep them from scripts and other sites."""

from __future__ import annotations

from flask import Response, current_app, request

SESSION, CSRF, DEVICE = "yz_session", "yz_csrf", "yz_device"
_HOST = "__Host-"


def name_of(cookie: str) -> str:
    """A cookie's name here: with `__Host-` over https, so that neither a subdomain nor plain http can set it."""
    return f"{_HOST}{cookie}" if is_secure() else cookie


def read(cookie: str) -> str:
    """A cookie of the current request, "" where there is none."""
    return request.cookies.get(name_of(cookie), "")


def give(response: Response, cookie: str, value: str, *, days: int | None = None) -> None:
    """Set a cookie, HttpOnly, SameSite, and Secure on https; for as long as the browser runs, or for `days`."""
    lasts = None if days is None else days * 86_400
    name = name_of(cookie)
    response.set_cookie(name, value, max_age=lasts, httponly=True, samesite="Lax", secure=is_secure(), path="/")


def take_back(response: Response, cookie: str) -> None:
    """Delete a cookie."""
    response.delete_cookie(name_of(cookie), path="/", httponly=True, samesite="Lax", secure=is_secure())


def is_secure() -> bool:
    """Whether people reach the site over https."""
    return str(current_app.extensions["yizhu.settings"].public_url).startswith("https://")

"""The cookies that decide who somebody is: their names, and the flags that keep them from scripts and other sites."""

from __future__ import annotations

from flask import Response, current_app, request

SESSION, CSRF = "yz_session", "yz_csrf"
_HOST = "__Host-"


def name_of(cookie: str) -> str:
    """A cookie's name here: with `__Host-` over https, so that neither a subdomain nor plain http can set it."""
    return f"{_HOST}{cookie}" if is_secure() else cookie


def read(cookie: str) -> str:
    """A cookie of the current request, "" where there is none."""
    return request.cookies.get(name_of(cookie), "")


def give(response: Response, cookie: str, value: str) -> None:
    """Set a cookie for as long as the browser runs: HttpOnly, SameSite, and Secure wherever the site is on https."""
    response.set_cookie(name_of(cookie), value, httponly=True, samesite="Lax", secure=is_secure(), path="/")


def take_back(response: Response, cookie: str) -> None:
    """Delete a cookie."""
    response.delete_cookie(name_of(cookie), path="/", httponly=True, samesite="Lax", secure=is_secure())


def is_secure() -> bool:
    """Whether people reach the site over https."""
    return str(current_app.extensions["yizhu.settings"].public_url).startswith("https://")

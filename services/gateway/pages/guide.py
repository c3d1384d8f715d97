"""Pages that only tell: home, 办事指南, the four offline cases, opening calendar, help and statements."""

from __future__ import annotations

from flask import Response, abort

from shared.contracts import sync
from shared.platform.errors import Unavailable

from ..calls import call
from .blueprint import pages
from .rendering import page

#: The version of the privacy statement that a person agrees to at sign-up.
CONSENT_VERSION = "2026-11"
_OFFLINE_CASES = (1, 2, 3, 4)


@pages.get("/")
def home() -> Response:
    """首页: what can be done here, and who you are."""
    return page("public/home.html")


@pages.get("/guide")
def guides() -> Response:
    """办事指南: the nine kinds of business and the four cases that go offline."""
    return page("public/guides.html")


@pages.get("/guide/first-registration")
def guide_first_registration() -> Response:
    """办事指南 of 首次注册, in its fixed fields."""
    return page("public/guide_first_registration.html")


@pages.get("/guide/offline/<int:case>")
def offline_case(case: int) -> Response:
    """One of the four cases that can't be registered online (domain §3.10), with where to go."""
    if case not in _OFFLINE_CASES:
        abort(404)
    return page("public/offline_case.html", case=case)


@pages.get("/calendar")
def calendar() -> Response:
    """开放时间: when which exam region's results are open."""
    try:
        gates = call(sync.CALENDAR)["gates"]
    except Unavailable:
        return page("public/calendar.html", gates=[], unavailable=True)
    newest_first = sorted(gates, key=lambda gate: (-gate["year"], -gate["round"], gate["region"]))
    return page("public/calendar.html", gates=newest_first, unavailable=False)


@pages.get("/help")
def help_page() -> Response:
    """帮助: the questions that are asked most."""
    return page("public/help.html")


@pages.get("/privacy")
def privacy() -> Response:
    """隐私说明."""
    return page("public/privacy.html", version=CONSENT_VERSION)


@pages.get("/accessibility")
def accessibility() -> Response:
    """无障碍声明."""
    return page("public/accessibility.html")

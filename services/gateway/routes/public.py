"""What everybody may ask: the physician search, a certificate's check, the opening calendar, institutions."""

from __future__ import annotations

from typing import Any

from shared.contracts import accounts, applications, sync
from shared.contracts.accounts import CaptchaAnswer
from shared.contracts.applications import PhysicianSearch

from ..calls import call
from ..http_schemas import over_http
from .common import answer_of, body_of, resource

blueprint = resource("public", "公众查询")


class PhysicianSearchBody(over_http(PhysicianSearch), over_http(CaptchaAnswer)):  # type: ignore[misc]  # made by over_http
    """The public search with the captcha that was solved for it."""


@blueprint.post("/public/physician-searches")
@blueprint.arguments(PhysicianSearchBody)
@blueprint.response(200, answer_of(applications.SEARCH_PHYSICIANS))
def search_physicians(body: dict[str, Any]) -> Any:
    """Look a physician up by exact full name and province (执业医师查询). A name never stands in a URL."""
    return search(body)


def search(body: dict[str, Any]) -> Any:
    """Let `accounts` check the captcha, then search with the context that says it was passed."""
    passed = call(
        accounts.PASS_CAPTCHA,
        captcha_id=body.pop("captcha_id"),
        captcha_answer=body.pop("captcha_answer"),
    )
    return call(applications.SEARCH_PHYSICIANS, body, token=passed["token"])


@blueprint.get("/public/certificates/<check_code>")
@blueprint.response(200, answer_of(applications.CHECK_CERTIFICATE))
def check_certificate(check_code: str) -> Any:
    """Check a practice certificate by the code of its QR (证照核验)."""
    return call(applications.CHECK_CERTIFICATE, check_code=check_code)


@blueprint.get("/public/calendar")
@blueprint.response(200, answer_of(sync.CALENDAR))
def calendar() -> Any:
    """When each exam region opens its results (开放时间)."""
    return call(sync.CALENDAR)


@blueprint.get("/institutions")
@blueprint.arguments(body_of(accounts.INSTITUTIONS), location="query")
@blueprint.response(200, answer_of(accounts.INSTITUTIONS))
def institutions(query: dict[str, Any]) -> Any:
    """Medical institutions by a part of the name or by licence number."""
    return call(accounts.INSTITUTIONS, query)

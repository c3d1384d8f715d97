"""Captcha, opening an account, logging in and out."""

from __future__ import annotations

from typing import Any

from flask import request

from shared.contracts import accounts

from .. import authentication
from ..calls import call
from ..client_address import client_address
from .common import answer_of, body_of, resource

blueprint = resource("sign-up", "账号与登录")


@blueprint.post("/captchas")
@blueprint.arguments(body_of(accounts.NEW_CAPTCHA))
@blueprint.response(201, answer_of(accounts.NEW_CAPTCHA))
def new_captcha(body: dict[str, Any]) -> Any:
    """A new captcha, as a picture or spoken; it serves once, within five minutes."""
    return call(accounts.NEW_CAPTCHA, body)


@blueprint.post("/signups")
@blueprint.arguments(body_of(accounts.SIGN_UP_IDENTITY))
@blueprint.response(200, answer_of(accounts.SIGN_UP_IDENTITY))
def identity(body: dict[str, Any]) -> Any:
    """Step 2 of opening an account: who you are (身份信息). Nothing is stored yet."""
    return call(accounts.SIGN_UP_IDENTITY, body)


@blueprint.post("/signups/account")
@blueprint.arguments(body_of(accounts.SIGN_UP_ACCOUNT))
@blueprint.response(201, answer_of(accounts.SIGN_UP_ACCOUNT))
def account(body: dict[str, Any]) -> Any:
    """Step 3: phone, login name and password; the account exists from now on, not activated."""
    return call(accounts.SIGN_UP_ACCOUNT, body)


@blueprint.post("/sessions")
@blueprint.arguments(body_of(accounts.OPEN_SESSION, "address", "device"))
@blueprint.response(201, answer_of(accounts.OPEN_SESSION))
def open_session(body: dict[str, Any]) -> Any:
    """Log in; send `session_token` as bearer token from then on.

    A client that keeps a random `device_token` of its own and sends it each time is known again; the holder of the
    account is told of a login from any other device. All that send none count as one device.
    """
    return call(accounts.OPEN_SESSION, body, address=client_address(), device=device())


def device() -> str:
    """What the browser says it is, shortened; shown to the account's holder among the logged-in devices."""
    return request.headers.get("User-Agent", "")[:200]


@blueprint.delete("/sessions/current")
@blueprint.response(204)
def close_session() -> None:
    """Log out."""
    authentication.close_session()


@blueprint.post("/sms-codes")
@blueprint.arguments(body_of(accounts.SEND_PHONE_CODE))
@blueprint.response(201, answer_of(accounts.SEND_PHONE_CODE))
def send_code(body: dict[str, Any]) -> Any:
    """Send a code to the account's phone (向手机发送校验码)."""
    return call(accounts.SEND_PHONE_CODE, body)

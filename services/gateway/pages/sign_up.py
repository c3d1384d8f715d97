"""注册新账号 in the three steps of the source page: identity, contact and credentials, success."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from shared.contracts import accounts
from shared.platform.errors import DomainError

from ..calls import call
from ..cookies import is_secure
from ..csrf import submitted_key
from ..forms import Form
from ..http_errors import field_sentence
from .blueprint import pages
from .captcha import answer_of, new_nonce, wants_new_captcha
from .guide import CONSENT_VERSION
from .rendering import form_page, page, see_other

_TOKEN_COOKIE, _MASK_COOKIE, _NAME_COOKIE = "yz_signup", "yz_signup_id", "yz_signup_name"
_PATH = "/signup"
_LIFETIME = 15 * 60
_OTHER_IDS = ("residence_permit_hmt", "travel_permit_hmt", "passport")
_PURPOSES = ("register", "recognition", "short_term")


@pages.get("/signup")
def sign_up() -> Response:
    """① 您的姓名、身份证号、验证码."""
    return _identity_page(Form())


@pages.get("/signup/other-document")
def sign_up_other() -> Response:
    """① for those without a resident ID: which document, and what for."""
    return _identity_page(Form(), other=True)


@pages.post("/signup")
def sign_up_identity() -> Response:
    """Check the identity; the two documents that can't register online are led to their offline page (domain §3.10)."""
    form = Form(request.form)
    other = bool(form.raw("other"))
    if wants_new_captcha():
        return _identity_page(form, other=other)
    command = {"name": form.need("name"), "id_number": form.need("id_number"), "consent_version": CONSENT_VERSION}
    if other:
        command["id_type"] = _one_of(form, "id_type", _OTHER_IDS)
        command["purpose"] = _one_of(form, "purpose", _PURPOSES)
    captcha = answer_of(form)
    if not form.raw("consent"):
        form.refuse("consent", field_sentence("consent_missing", "consent"))
    if form.is_wrong:
        return _identity_page(form, other=other)
    try:
        passed = call(accounts.SIGN_UP_IDENTITY, {**command, **captcha})
    except DomainError as refused:
        case = _excluded_case(refused)
        if case:
            return see_other(url_for("pages.offline_case", case=case))
        form.blame(refused, {"captcha_id": "captcha_answer"}, _identity_field(refused))
        return _identity_page(form, other=other)
    response = see_other(url_for("pages.sign_up_account"))
    _keep(response, _TOKEN_COOKIE, passed["signup_token"])
    _keep(response, _MASK_COOKIE, passed["masked_id"])
    return response


@pages.get("/signup/account")
def sign_up_account() -> Response:
    """② 手机号、电子邮箱、登录名、登录密码、确认密码."""
    if not request.cookies.get(_TOKEN_COOKIE):
        return see_other(url_for("pages.sign_up"))
    return _account_page(Form())


@pages.post("/signup/account")
def sign_up_open() -> Response:
    """Open the account."""
    token = request.cookies.get(_TOKEN_COOKIE)
    if not token:
        return see_other(url_for("pages.sign_up"))
    form = Form(request.form)
    phone, login_name = form.need("phone"), form.need("login_name")
    password, again = form.raw("password"), form.raw("password_again")
    if not password:
        form.need("password")
    elif password != again:
        form.refuse("password_again", field_sentence("password_differs", "password_again"))
    if form.is_wrong:
        return _account_page(form)
    command = {"phone": phone, "email": form.text("email") or None, "login_name": login_name, "password": password}
    try:
        opened = call(accounts.SIGN_UP_ACCOUNT, command, signup_token=token, key=submitted_key())
    except DomainError as refused:
        form.blame(refused, {"signup_token": "phone"}, _account_field(refused))
        return _account_page(form)
    response = see_other(url_for("pages.sign_up_done"))
    _keep(response, _NAME_COOKIE, opened["login_name"])
    response.delete_cookie(_TOKEN_COOKIE, path=_PATH)
    response.delete_cookie(_MASK_COOKIE, path=_PATH)
    return response


@pages.get("/signup/done")
def sign_up_done() -> Response:
    """③ 账户注册成功: write the login name down."""
    return page("account/sign_up_done.html", login_name=request.cookies.get(_NAME_COOKIE, ""))


def _identity_page(form: Form, *, other: bool = False) -> Response:
    return form_page(
        "account/sign_up_identity.html",
        form,
        nonce=new_nonce(),
        other=other,
        other_ids=_OTHER_IDS,
        purposes=_PURPOSES,
    )


def _account_page(form: Form) -> Response:
    return form_page("account/sign_up_account.html", form, masked_id=request.cookies.get(_MASK_COOKIE, ""))


def _keep(response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=_LIFETIME, path=_PATH, httponly=True, samesite="Lax", secure=is_secure())


def _one_of(form: Form, name: str, allowed: tuple[str, ...]) -> str:
    chosen = form.text(name)
    if chosen not in allowed:
        form.refuse(name, field_sentence("choose_one", name))
    return chosen


def _excluded_case(refused: DomainError) -> int | None:
    found: Any = refused.facts.get("case")
    return int(found) if refused.code.startswith("excluded") and found is not None else None


def _identity_field(refused: DomainError) -> str:
    if "captcha" in refused.code:
        return "captcha_answer"
    return "name" if refused.code.startswith("name") else "id_number"


def _account_field(refused: DomainError) -> str:
    for field in ("phone", "email", "login_name", "password"):
        if refused.code.startswith(field):
            return field
    return "phone"

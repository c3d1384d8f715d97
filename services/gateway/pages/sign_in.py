"""Logging in and out: persons at 个人端, staff of institutions, authorities and the exam centre at their own entry."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, make_response, request, url_for

from shared.contracts import accounts
from shared.platform.errors import DomainError, Unauthenticated

from ..authentication import close_session, current_session, sign_in, sign_out
from ..calls import call
from ..client_address import client_address
from ..devices import keep_token, own_token
from ..forms import Form
from ..http_errors import sentence
from ..routes.sign_up import device
from .blueprint import pages
from .captcha import answer_of, new_nonce, wants_new_captcha
from .rendering import form_page, page, safe_next, see_other

_HOMES = {
    "physician": "pages.person_home",
    "clerk": "pages.institution_tasks",
    "window": "pages.authority_queue",
    "officer": "pages.authority_queue",
    "head": "pages.authority_queue",
    "examiner": "pages.exam_batches",
}


@pages.get("/login")
def login() -> Response:
    """登录 of 个人端."""
    return _shown("account/login.html", Form(request.args))


@pages.get("/staff/login")
def staff_login() -> Response:
    """登录 of 机构端, 主管部门端 and the exam centre."""
    return _shown("account/staff_login.html", Form(request.args))


@pages.post("/login")
def log_in() -> Response:
    """Open a person's session."""
    return _opened("account/login.html", "person")


@pages.post("/staff/login")
def staff_log_in() -> Response:
    """Open a staff member's session."""
    return _opened("account/staff_login.html", "staff")


@pages.post("/logout")
def log_out() -> Response:
    """退出."""
    close_session()
    response = see_other(url_for("pages.logged_out"))
    sign_out(response)
    return response


@pages.get("/logged-out")
def logged_out() -> Response:
    """已退出登录."""
    return page("account/logged_out.html")


@pages.get("/still-here")
def still_here() -> Response:
    """继续使用: any request keeps a session going, this one says nothing else; 401 where it has ended."""
    if not current_session().is_signed_in:
        raise Unauthenticated("session_ended")
    return make_response("", HTTPStatus.NO_CONTENT)


@pages.get("/home")
def after_login() -> Response:
    """The first page of whoever is signed in."""
    session = current_session()
    return see_other(url_for(_HOMES.get(session.role, "pages.home") if session.is_signed_in else "pages.login"))


def _shown(template: str, form: Form) -> Response:
    if current_session().is_signed_in:
        return see_other(safe_next(form.raw("next"), url_for("pages.after_login")))
    return form_page(template, form, nonce=new_nonce())


def _opened(template: str, kind: str) -> Response:
    form = Form(request.form)
    if wants_new_captcha():
        return form_page(template, form, nonce=new_nonce())
    login, password = form.need("login"), form.raw("password")
    if not password:
        form.need("password")
    captcha = answer_of(form)
    if not form.is_wrong:
        token = own_token()
        try:
            view = _open(login, password, captcha, token)
        except DomainError as refused:
            form.blame(refused, {"captcha_id": "captcha_answer"}, _field_of(refused))
        else:
            if view["kind"] == kind:
                return keep_token(_entered(view, form), token)
            # A staff account at the persons' entry, or the other way round: nothing tells that it exists.
            call(accounts.CLOSE_SESSION, session_token=view["session_token"], token=view["context"]["token"])
            form.refuse("login", sentence("login_failed"))
    return form_page(template, form, nonce=new_nonce())


def _open(login: str, password: str, captcha: dict[str, Any], device_token: str) -> dict[str, Any]:
    view: dict[str, Any] = call(
        accounts.OPEN_SESSION,
        captcha,
        login=login,
        password=password,
        address=client_address(),
        device=device(),
        device_token=device_token,
    )
    return view


def _entered(view: dict[str, Any], form: Form) -> Response:
    if view["kind"] == "person":
        _check_qualification(view["context"]["token"])
    default = url_for(_HOMES.get(view["role"], "pages.home"))
    response = see_other(safe_next(form.raw("next"), default))
    sign_in(response, view)
    return response


def _check_qualification(token: str) -> None:
    """系统自动校验医师信息 (domain §2.1 step 7): needs no click; if it can't be done now, the home page offers it."""
    try:
        if call(accounts.ME, token=token)["next_step"] == "check_qualification":
            call(accounts.CHECK_QUALIFICATION, token=token)
    except DomainError:
        return


def _field_of(refused: DomainError) -> str:
    return "captcha_answer" if "captcha" in refused.code else "login"

"""核验与绑定, 手机号绑定 and 激活 (domain §2.1 steps 7 to 10), in their order: match, then phone, then activation."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from shared.contracts import accounts, sync
from shared.platform.errors import DomainError

from ..authentication import needs_person
from ..calls import call
from ..cookies import is_secure
from ..csrf import submitted_key
from ..forms import Form
from ..http_errors import field_sentence
from .account import STEP_PAGES, me, or_none
from .blueprint import pages
from .rendering import form_page, page, see_other

_ROUTES = ("certificate_code", "ticket")
#: Set when a ticket number has just been accepted, so that activation can offer it again; holds no number itself.
_TICKET_COOKIE = "yz_ticket_seen"


@pages.get("/me/recognition")
@needs_person
def recognition() -> Response:
    """核验: the automatic check, for those whom it has not reached yet."""
    return page("account/recognition.html", account=me())


@pages.post("/me/recognition")
@needs_person
def recognise() -> Response:
    """Check the doctor's information again."""
    call(accounts.CHECK_QUALIFICATION, key=submitted_key())
    return _next_step()


@pages.get("/me/ticket")
@needs_person
def ticket() -> Response:
    """没有查到您的资格信息: self-service update by ticket number, with the opening calendar beside it."""
    return _ticket_page(Form())


@pages.post("/me/ticket")
@needs_person
def update_by_ticket() -> Response:
    """更新信息: wrong, foreign, failed and unopened are told in the same words (E15-E18)."""
    form = Form(request.form)
    typed = form.need("ticket")
    if form.is_wrong:
        return _ticket_page(form)
    try:
        account = call(accounts.UPDATE_QUALIFICATION, ticket=typed, key=submitted_key())
    except DomainError as refused:
        form.blame(refused, {}, "ticket")
        return _ticket_page(form)
    if account["next_step"] == "update_qualification":
        form.refuse("ticket", field_sentence("proof_not_found", "ticket"))
        return _ticket_page(form)
    response = _next_step(account)
    response.set_cookie(
        _TICKET_COOKIE,
        "1",
        max_age=3600,
        path="/me",
        httponly=True,
        samesite="Lax",
        secure=is_secure(),
    )
    return response


@pages.post("/me/old-certificate")
@needs_person
def report_old_certificate() -> Response:
    """补录老政策的认定资格: the certificate is older than the national exam (excluded case 1)."""
    form = Form(request.form)
    year = form.text("certificate_year")
    if not (year.isdigit() and len(year) == 4):
        form.refuse("certificate_year", field_sentence("year_format", "certificate_year"))
        return _ticket_page(form)
    try:
        found = call(accounts.REPORT_OLD_POLICY, certificate_year=int(year), key=submitted_key())
    except DomainError as refused:
        form.blame(refused, {}, "certificate_year")
        return _ticket_page(form)
    return see_other(url_for("pages.offline_case", case=found["case"]))


@pages.get("/me/phone")
@needs_person
def phone() -> Response:
    """手机号绑定: send the code, type the code."""
    return _phone_page(Form())


@pages.post("/me/phone/code")
@needs_person
def send_phone_code() -> Response:
    """向手机发送校验码, to the phone of the account or to a new one."""
    form = Form(request.form)
    try:
        sent = call(accounts.SEND_PHONE_CODE, phone=form.text("phone") or None, key=submitted_key())
    except DomainError as refused:
        form.blame(refused, {}, "phone" if form.text("phone") else "code")
        return _phone_page(form)
    return see_other(url_for("pages.phone", sent=sent["resend_after"]))


@pages.post("/me/phone")
@needs_person
def bind_phone() -> Response:
    """绑定手机号."""
    form = Form(request.form)
    typed = form.text("code")
    if not typed:
        form.need("code")
        return _phone_page(form)
    try:
        return _next_step(call(accounts.BIND_PHONE, code=typed, key=submitted_key()))
    except DomainError as refused:
        form.blame(refused, {}, "code")
        return _phone_page(form)


@pages.get("/me/activation")
@needs_person
def activation() -> Response:
    """激活: which proof the doctor holds."""
    return form_page("account/activation.html", Form(), account=me())


@pages.post("/me/activation")
@needs_person
def choose_activation() -> Response:
    """Go on to the page of the chosen proof."""
    form = Form(request.form)
    route = form.text("route")
    if route not in _ROUTES:
        form.refuse("route", field_sentence("choose_one", "route"))
        return form_page("account/activation.html", form, account=me())
    return see_other(url_for("pages.activation_proof", route=route))


@pages.get("/me/activation/<any(certificate_code, ticket):route>")
@needs_person
def activation_proof(route: str) -> Response:
    """医师资格证书编码 or 准考证号."""
    return _proof_page(route, Form())


@pages.post("/me/activation/<any(certificate_code, ticket):route>")
@needs_person
def activate(route: str) -> Response:
    """激活账户. A ticket number that was accepted a moment ago needs no second typing."""
    form = Form(request.form)
    again = route == "ticket" and form.raw("do") == "same_ticket"
    proof = None if again else form.need("proof")
    if form.is_wrong:
        return _proof_page(route, form)
    try:
        call(accounts.ACTIVATE, route=route, proof=proof, key=submitted_key())
    except DomainError as refused:
        form.blame(refused, {}, "proof")
        return _proof_page(route, form)
    response = see_other(url_for("pages.activated"))
    response.delete_cookie(_TICKET_COOKIE, path="/me")
    return response


@pages.get("/me/activated")
@needs_person
def activated() -> Response:
    """已激活."""
    return page("account/activated.html", account=me())


@pages.get("/me/paper-certificate")
@needs_person
def paper_certificate() -> Response:
    """Enter the code of the paper certificate, where the registering province waits for it (domain §6.4)."""
    return form_page("account/paper_certificate.html", Form())


@pages.post("/me/paper-certificate")
@needs_person
def enter_paper_certificate() -> Response:
    """Store that the paper certificate is there."""
    form = Form(request.form)
    code = form.need("code_27")
    if not form.is_wrong:
        try:
            call(accounts.ENTER_PAPER_CERTIFICATE, code=code, key=submitted_key())
            return see_other(url_for("pages.readiness", kind="REG"))
        except DomainError as refused:
            form.blame(refused, {"code": "code_27"}, "code_27")
    return form_page("account/paper_certificate.html", form)


def _next_step(account: dict[str, Any] | None = None) -> Response:
    return see_other(url_for(STEP_PAGES.get((account or me())["next_step"], "pages.person_home")))


def _ticket_page(form: Form) -> Response:
    return form_page("account/ticket.html", form, gates=or_none(lambda: call(sync.CALENDAR)["gates"]))


def _phone_page(form: Form) -> Response:
    waits = request.args.get("sent", "")
    return form_page(
        "account/phone.html",
        form,
        account=me(),
        sent=waits.isdigit(),
        resend_after=int(waits) if waits.isdigit() else 0,
    )


def _proof_page(route: str, form: Form) -> Response:
    return form_page(
        "account/activation_proof.html",
        form,
        account=me(),
        route=route,
        ticket_seen=_TICKET_COOKIE in request.cookies,
    )

"""The caller's own account: qualification, phone, activation, messages, career, copy of own data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import jsonify
from werkzeug import Response

from shared.contracts import accounts, applications, notices
from shared.platform.errors import PermissionDenied

from ..calls import call
from ..http_schemas import over_http
from .common import Page, answer_of, body_of, resource

blueprint = resource("me", "我的账号")
ME = answer_of(accounts.ME)


@blueprint.get("/me")
@blueprint.response(200, ME)
def me() -> Any:
    """Who is signed in, and what to do next."""
    return call(accounts.ME)


@blueprint.post("/me/qualification-check")
@blueprint.response(200, ME)
def check_qualification() -> Any:
    """The automatic check after login (系统自动校验医师信息)."""
    return call(accounts.CHECK_QUALIFICATION)


@blueprint.post("/me/qualification-update")
@blueprint.arguments(body_of(accounts.UPDATE_QUALIFICATION))
@blueprint.response(200, ME)
def update_qualification(body: dict[str, Any]) -> Any:
    """Who was not found updates by ticket number (自助更新)."""
    return call(accounts.UPDATE_QUALIFICATION, body)


@blueprint.post("/me/phone")
@blueprint.arguments(body_of(accounts.BIND_PHONE))
@blueprint.response(200, ME)
def bind_phone(body: dict[str, Any]) -> Any:
    """Bind the phone with the code that arrived."""
    return call(accounts.BIND_PHONE, body)


@blueprint.post("/me/activation")
@blueprint.arguments(body_of(accounts.ACTIVATE))
@blueprint.response(200, ME)
def activate(body: dict[str, Any]) -> Any:
    """Activate with the certificate code or the ticket number; business may be filed from then on."""
    return call(accounts.ACTIVATE, body)


@blueprint.post("/me/paper-certificate")
@blueprint.arguments(body_of(accounts.ENTER_PAPER_CERTIFICATE))
@blueprint.response(200, ME)
def paper_certificate(body: dict[str, Any]) -> Any:
    """Enter the code of the paper certificate that some provinces wait for."""
    return call(accounts.ENTER_PAPER_CERTIFICATE, body)


@blueprint.post("/me/old-policy-report")
@blueprint.arguments(body_of(accounts.REPORT_OLD_POLICY))
@blueprint.response(200, answer_of(accounts.REPORT_OLD_POLICY))
def old_policy(body: dict[str, Any]) -> Any:
    """Say that the certificate is older than the national exam: the offline path (case 1 of four)."""
    return call(accounts.REPORT_OLD_POLICY, body)


@blueprint.get("/me/access-log")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, answer_of(accounts.ACCESS_LOG))
def access_log(page: dict[str, Any]) -> Any:
    """Who looked at my data (谁查看过)."""
    return call(accounts.ACCESS_LOG, page)


@blueprint.get("/me/messages")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, answer_of(notices.INBOX))
def messages(page: dict[str, Any]) -> Any:
    """My messages, newest first."""
    return call(notices.INBOX, page)


@blueprint.post("/me/messages/<uuid:message_id>/read")
@blueprint.response(200, answer_of(notices.MARK_READ))
def read_message(message_id: UUID) -> Any:
    """Mark a message as read."""
    return call(notices.MARK_READ, id=message_id)


@blueprint.get("/me/applications")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, answer_of(applications.APPLICATIONS))
def my_applications(page: dict[str, Any]) -> Any:
    """My applications, newest first (我的办件)."""
    return call(applications.APPLICATIONS, page)


@blueprint.get("/me/certificates")
@blueprint.response(200, answer_of(applications.CERTIFICATES))
def my_certificates() -> Any:
    """My practice certificates (电子证照)."""
    return call(applications.CERTIFICATES)


@blueprint.get("/me/career")
@blueprint.response(200, answer_of(applications.REGISTRATIONS))
def career() -> Any:
    """All my registrations, newest first."""
    return call(applications.REGISTRATIONS, id=person_id())


@blueprint.get("/me/seniority")
@blueprint.response(200, answer_of(applications.SENIORITY))
def seniority() -> Any:
    """My seniority clocks as a statement with its inputs (年限)."""
    return call(applications.SENIORITY)


@blueprint.get("/me/data-export")
@blueprint.response(200, content_type="application/json")
def data_export() -> Response:
    """A copy of what the system holds on me (个人信息保护法 art. 45), masked as everywhere."""
    whole = {
        "account": over_http(accounts.MeView)().dump(call(accounts.ME)),
        "applications": _pages(applications.APPLICATIONS),
        "registrations": over_http(applications.RegistrationList)().dump(
            call(applications.REGISTRATIONS, id=person_id())
        )["items"],
        "certificates": over_http(applications.CertificateList)().dump(call(applications.CERTIFICATES))["items"],
        "messages": _pages(notices.INBOX),
        "access_log": _pages(accounts.ACCESS_LOG),
    }
    response = jsonify(whole)
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


def person_id() -> UUID:
    """The person behind the session; staff have none."""
    found = call(accounts.ME)["person_id"]
    if found is None:
        raise PermissionDenied("role_not_allowed")
    return UUID(str(found))


def _pages(contract: Any) -> list[Any]:
    """Every item of a list, page by page."""
    schema = over_http(contract.answer)()
    items: list[Any] = []
    after = None
    while True:
        page = call(contract, after=after, limit=100)
        items += schema.dump(page)["items"]
        after = page["next"]
        if after is None:
            return items

"""消息 and 我的: messages, the account's own data, who looked at it, display settings."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request, url_for

from shared.contracts import accounts, notices

from ..authentication import needs_person
from ..calls import call
from ..csrf import submitted_key
from .account import me
from .blueprint import pages
from .rendering import page, see_other, wants_fragment


@pages.get("/me/messages")
@needs_person
def messages() -> Response:
    """消息, newest first."""
    return page("person/messages.html", box=call(notices.INBOX, after=request.args.get("after")))


@pages.post("/me/messages/read")
@needs_person
def read_messages() -> Response:
    """全部标为已读."""
    call(notices.MARK_ALL_READ, key=submitted_key())
    return see_other(url_for("pages.messages"))


@pages.post("/me/messages/<uuid:message_id>/read")
@needs_person
def read_message(message_id: UUID) -> Response:
    """标为已读, and on to the application that it speaks of."""
    message = call(notices.MARK_READ, id=message_id, key=submitted_key())
    if message["application_id"]:
        return see_other(url_for("pages.progress", application_id=message["application_id"]))
    return see_other(url_for("pages.messages"))


@pages.get("/me/account")
@needs_person
def my_account() -> Response:
    """我的."""
    return page("person/account.html", account=me())


@pages.get("/me/access-log")
@needs_person
def access_log() -> Response:
    """谁查看过: every look of staff at the person's record (E71); htmx asks for the next rows only."""
    found = call(accounts.ACCESS_LOG, after=request.args.get("after"))
    return page("person/access_log_rows.html" if wants_fragment() else "person/access_log.html", found=found)

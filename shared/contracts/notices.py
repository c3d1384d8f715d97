"""What `notices` answers and announces: a person's messages, codes by SMS, the local outbox of demo and test."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range

from shared.contracts.common import ById, PageRequest, Tally
from shared.platform.contract import EventType, RpcMethod
from shared.platform.schemas import Empty, Sealed, WireSchema


class SendCodeRequest(WireSchema):
    """A one-time code to deliver by SMS. `accounts` makes, stores and checks the code; here it only travels."""

    phone = Sealed(required=True)
    code = Sealed(required=True)
    purpose = fields.String(required=True, validate=OneOf(("bind_phone", "login", "reset_password")))
    minutes = fields.Integer(required=True)


class MessageView(WireSchema):
    """One in-site message: what happened, what the reader must do, by when, where (ui §10)."""

    id = fields.UUID(required=True)
    template = fields.String(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    read_at = fields.AwareDateTime(allow_none=True, load_default=None)
    application_id = fields.UUID(allow_none=True, load_default=None)


class MessagePage(WireSchema):
    """The caller's messages, newest first."""

    items = fields.List(fields.Nested(MessageView), required=True)
    next = fields.String(allow_none=True, load_default=None)
    unread = fields.Nested(Tally, required=True)


class ShowCodeRequest(WireSchema):
    """A captcha answer for the local outbox page, so that demo and tests can solve the real captcha.

    Refused where ENVIRONMENT is production.
    """

    captcha_id = fields.UUID(required=True)
    answer = Sealed(required=True)


class OutboxRequest(WireSchema):
    """The newest entries of the local outbox (demo and test only)."""

    limit = fields.Integer(load_default=50, validate=Range(1, 500))
    channel = fields.String(load_default=None, allow_none=True, validate=OneOf(("sms", "email", "captcha")))
    reference = fields.String(load_default=None, allow_none=True, validate=Length(max=80))


class OutboxEntry(WireSchema):
    """One thing that would have left the system: a text message, an e-mail, or a captcha's answer."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    channel = fields.String(required=True)
    reference = fields.String(load_default="")  # the captcha's id; empty for a message
    to = Sealed(required=True)
    text = Sealed(required=True)


class OutboxPage(WireSchema):
    """Entries of the local outbox, newest first."""

    items = fields.List(fields.Nested(OutboxEntry), required=True)


SEND_CODE: RpcMethod[SendCodeRequest, Empty] = RpcMethod("notices", "send_code", SendCodeRequest, writes=True)
INBOX = RpcMethod("notices", "inbox", PageRequest, MessagePage)
MARK_READ = RpcMethod("notices", "mark_read", ById, MessageView, writes=True)
MARK_ALL_READ: RpcMethod[Empty, Empty] = RpcMethod("notices", "mark_all_read", Empty, writes=True)
SHOW_CODE: RpcMethod[ShowCodeRequest, Empty] = RpcMethod("notices", "show_code", ShowCodeRequest)
OUTBOX = RpcMethod("notices", "outbox", OutboxRequest, OutboxPage)


class DeliveryFailed(WireSchema):
    """A message could not be delivered on a channel after the last attempt."""

    message_id = fields.UUID(required=True)
    channel = fields.String(required=True)
    reason = fields.String(required=True)


DELIVERY_FAILED = EventType("notices.delivery_failed.v1", "message", DeliveryFailed)

"""Contracts of the test services."""

from marshmallow import fields

from shared.platform.contract import EventType, RpcMethod
from shared.platform.schemas import WireSchema


class Text(WireSchema):
    text = fields.String(required=True)


class Numbered(WireSchema):
    number = fields.Integer(required=True)


class Seconds(WireSchema):
    seconds = fields.Float(required=True)


class Seen(WireSchema):
    identity = fields.String(allow_none=True)
    correlation = fields.String(allow_none=True)
    causation = fields.String(allow_none=True)
    idempotency = fields.String(allow_none=True)
    deadline = fields.Integer(allow_none=True)
    message_id = fields.String(allow_none=True)


class SeenTwice(WireSchema):
    own = fields.Nested(Seen)
    nested = fields.List(fields.Nested(Seen))


DOUBLE = RpcMethod("worker", "double", Numbered, Numbered)
MANY = RpcMethod("worker", "many", Numbered, Numbered, many=True)
NOTHING = RpcMethod("worker", "nothing", Text)
REFUSE = RpcMethod("worker", "refuse", Text, Text)
BREAK = RpcMethod("worker", "break_down", Text, Text)
ILL_FORMED = RpcMethod("worker", "ill_formed", Text, Numbered)
WAIT = RpcMethod("worker", "wait", Seconds, Numbered, deadline=5)
SHOW = RpcMethod("worker", "show", Text, Seen, writes=True)
GONE = RpcMethod("worker", "gone", Text, Text)
NOBODY = RpcMethod("nobody", "double", Numbered, Numbered)
RELAY = RpcMethod("middle", "relay", Text, SeenTwice, writes=True)
IN_UNIT_OF_WORK = RpcMethod("middle", "in_unit_of_work", Text, Text)
GUARDED = RpcMethod("guarded", "echo", Text, Text)

HAPPENED = EventType("source.happened.v1", "thing", Numbered)
CHANGED = EventType("source.changed.v1", "thing", Numbered)
MASS = EventType("source.mass.v1", "mass", Numbered, bulk=True)
ELSEWHERE = EventType("other.happened.v1", "other", Numbered)
KNOWN = (HAPPENED, CHANGED, MASS, ELSEWHERE)

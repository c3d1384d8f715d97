"""Only where ENVIRONMENT is demo or test: the local outbox, and the clock that all services share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields
from marshmallow.validate import Range

from shared.contracts import notices
from shared.platform import clock
from shared.platform.schemas import WireSchema

from ..calls import call
from .common import answer_of, body_of, resource

blueprint = resource("demo", "演示与测试")


class AdvanceClock(WireSchema):
    """How far to move the deployment's clock forward, in seconds; it never goes back."""

    seconds = fields.Integer(required=True, validate=Range(1, 400 * 24 * 3600))


class ClockReading(WireSchema):
    """What all services now hold to be the time."""

    now = fields.AwareDateTime(required=True)


@blueprint.get("/demo/outbox")
@blueprint.arguments(body_of(notices.OUTBOX), location="query")
@blueprint.response(200, answer_of(notices.OUTBOX))
def outbox(query: dict[str, Any]) -> Any:
    """What would have left the system: text messages, e-mails, captcha answers."""
    return call(notices.OUTBOX, query)


@blueprint.get("/demo/clock")
@blueprint.response(200, ClockReading)
def read_clock() -> Any:
    """The deployment's time."""
    return {"now": clock.now()}


@blueprint.post("/demo/clock")
@blueprint.arguments(AdvanceClock)
@blueprint.response(200, ClockReading)
def advance_clock(body: dict[str, Any]) -> Any:
    """Move the clock of all services forward together."""
    clock.movable_clock().advance(timedelta(seconds=body["seconds"]))
    return {"now": clock.now()}

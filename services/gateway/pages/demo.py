"""`/demo/outbox`: what would have left the system, so that codes and captchas can be used in demo and test."""

from __future__ import annotations

from flask import Response, abort

from shared.contracts import notices

from ..calls import call
from .blueprint import pages
from .rendering import page, settings


@pages.get("/demo/outbox")
def outbox() -> Response:
    """Text messages, e-mails and captcha answers, newest first; production has no such page."""
    if settings().is_production:
        abort(404)
    return page("demo/outbox.html", entries=call(notices.OUTBOX, limit=60)["items"])

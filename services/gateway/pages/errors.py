"""The page of an error: what happened, what to do now, whom to ask, and the number to name."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from shared.platform.errors import DomainError

from .. import catalogue, http_errors
from ..authentication import Session
from ..calls import correlation_id
from .rendering import page


def error_page(error: DomainError, status: int | None = None) -> Response:
    """A whole page for an error that no form can show; its title and its advice go by the kind of the error."""
    code = status or http_errors.status_of(error)
    if "session" not in g:
        # Whoever could not be asked a moment ago is not asked again for the head of this page.
        g.session = Session("visitor", "visitor", "")
    kind = str(code) if catalogue.has(f"error_page.{code}.title") else "500"
    facts: dict[str, Any] = dict(error.facts)
    response = page(
        "error.html",
        status=code,
        heading=catalogue.sentence(f"error_page.{kind}.title"),
        advice=catalogue.sentence(f"error_page.{kind}.advice"),
        # A page that isn't there says so in its heading already.
        sentence="" if error.code == "page_not_found" else http_errors.sentence(error.code, facts),
        correlation=correlation_id() if code >= 500 else "",
        status_code=code,
    )
    if "retry_after" in facts:
        response.headers["Retry-After"] = str(int(facts["retry_after"]))
    return response

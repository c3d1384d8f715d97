"""Headers on every response: the content security policy of the pages, and what else keeps a browser from guessing."""

from __future__ import annotations

from flask import Flask, Response, g

from .calls import correlation_id

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{extra}; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def allow_preview() -> None:
    """Let this page show the picture that its user is about to upload (`blob:`), and no other."""
    g.allow_blob = True


def register(app: Flask) -> None:
    """Set the headers after each request."""

    @app.after_request
    def set_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault(
            "Content-Security-Policy",
            POLICY.format(extra=" blob:" if g.get("allow_blob") else ""),
        )
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("X-Correlation-Id", correlation_id())
        if app.extensions["yizhu.settings"].public_url.startswith("https://"):
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        # What a page or an answer shows may be personal: no cache keeps it. Static files say otherwise themselves.
        headers.setdefault("Cache-Control", "no-store")
        return response

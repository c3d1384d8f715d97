"""A page that is watched: console errors, policy violations, server faults and foreign requests fail the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Request, Response

_REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', event =>
  console.error('policy violation: ' + event.violatedDirective + ' ' + event.blockedURI));
"""


@dataclass
class Watch:
    """What went wrong on the pages of one browser context; `allowed` are statuses that a test brings about itself."""

    origin: str
    wrong: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of the context."""
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("page", self._page)

    def _page(self, page: Page) -> None:
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.wrong.append(f"script error: {error}"))
        page.on("response", self._response)
        page.on("request", self._request)

    def _console(self, kind: str, text: str) -> None:
        # Chromium reports each refused form as a console error; a refusal is what an error path asks for.
        if kind == "error" and "the server responded with a status of 4" not in text:
            self.wrong.append(f"console: {text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.wrong.append(f"{response.status} {response.url}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws") and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.wrong.append(f"foreign request: {request.url}")

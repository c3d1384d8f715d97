"""What the pages still do while no service answers: they tell, they say so, and they ask nobody twice."""

from __future__ import annotations

from typing import Any

import pytest

from services.gateway import cookies
from shared.platform.errors import Unavailable

TELLING = (
    "/",
    "/guide",
    "/guide/first-registration",
    "/guide/offline/1",
    "/help",
    "/privacy",
    "/accessibility",
    "/login",
    "/staff/login",
    "/signup",
    "/lookup",
    "/verify",
)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class SilentBus:
    """The bus of a deployment whose other services are all away; it counts who was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def bus_for(self, context: Any) -> SilentBus:
        return self

    def call(self, contract: Any, *_command: Any, **_options: Any) -> Any:
        self.asked.append(contract.path)
        raise Unavailable("service_unavailable", service=contract.service)


@pytest.fixture
def bus(app) -> SilentBus:
    silent = SilentBus()
    app.extensions["yizhu.bus"] = silent
    return silent


@pytest.mark.parametrize("path", TELLING)
def test_a_page_that_only_tells_asks_nobody(app, bus, path):
    answer = app.test_client().get(path)
    assert answer.status_code in (200, 503)
    if path not in ("/login", "/staff/login"):  # who is signed in already goes on from there
        assert answer.status_code == 200
        assert bus.asked == []


def test_the_calendar_says_that_it_can_not_be_looked_up(app, bus):
    answer = app.test_client().get("/calendar")
    assert answer.status_code == 200
    assert "开放时间暂时无法查询" in answer.text


def test_a_reader_with_a_session_is_told_once_and_nobody_is_asked_twice(app, bus):
    client = app.test_client()
    client.set_cookie(cookies.SESSION, "some-secret")
    answer = client.get("/me")
    assert answer.status_code == 503
    assert "您已保存的内容不会丢失" in answer.text
    assert answer.headers["X-Correlation-Id"] in answer.text
    assert bus.asked == ["accounts.renew_context"]


@pytest.mark.parametrize("path", ["/", "/login", "/no-such-page", "/assets/app.css", "/verify"])
def test_every_answer_carries_the_strict_policy(app, bus, path):
    """ui §1.1."""
    headers = app.test_client().get(path).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_of_an_upload_may_preview_the_chosen_picture_and_nothing_else(app):
    from services.gateway.security_headers import allow_preview

    @app.get("/with-preview")
    def with_preview() -> str:
        allow_preview()
        return ""

    policy = app.test_client().get("/with-preview").headers["Content-Security-Policy"]
    assert policy == POLICY.replace("img-src 'self'", "img-src 'self' blob:")


def test_static_files_are_packed_and_kept_for_ever_under_the_url_of_their_content(app, bus):
    client = app.test_client()
    page = client.get("/").text
    address = next(part for part in page.split('"') if part.startswith("/assets/app.css?v="))
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/assets/app.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/assets/../app.py").status_code == 404
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_the_local_outbox_does_not_exist_in_production(make_app, monkeypatch):
    from services.gateway.pages import demo

    class Production:
        is_production = True

    app = make_app()
    monkeypatch.setattr(demo, "settings", Production)
    assert app.test_client().get("/demo/outbox").status_code == 404


@pytest.mark.parametrize("path", ["/me", "/me/applications", "/institution", "/authority", "/exam-centre"])
def test_who_is_not_signed_in_is_asked_to_and_comes_back(app, path):
    class VisitorBus(SilentBus):
        def call(self, contract: Any, *_command: Any, **_options: Any) -> Any:
            return {"token": "visitor", "expires_at": None}

    app.extensions["yizhu.bus"] = VisitorBus()
    answer = app.test_client().get(path)
    assert answer.status_code == 303
    entry = "/login" if path.startswith("/me") else "/staff/login"
    assert answer.headers["Location"] == f"{entry}?next={path.replace('/', '%2F')}"


@pytest.mark.parametrize(("path", "what"), [("/nowhere", "没有找到这个页面"), ("/guide/offline/9", "没有找到这个页面")])
def test_a_page_that_is_not_there_says_so(app, bus, path, what):
    answer = app.test_client().get(path)
    assert answer.status_code == 404
    assert f"<h1>{what}</h1>" in answer.text

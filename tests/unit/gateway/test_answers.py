"""What every answer carries: a status for each kind of error, problem details, headers, and files from here alone."""

from __future__ import annotations

import re

import pytest

from services.gateway import http_errors
from services.gateway.pages.assets import asset_url
from shared.platform.bus.errors import RemoteFault
from shared.platform.errors import KINDS, InvalidInput, TooManyAttempts

from .conftest import HTTPS

PREFIX = "/api/v1/of-the-test"


def raising(app, error):
    """A client of the application with an API resource and a page that fail with `error`."""

    def fail():
        raise error

    app.add_url_rule(PREFIX, "api_fails", fail)
    app.add_url_rule("/of-the-test", "page_fails", fail)
    return app.test_client()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.__name__)
def test_every_kind_of_error_has_its_status_and_is_problem_details(app, kind):
    """RFC 9457; design D8."""
    assert set(http_errors.HTTP_STATUS) == set(KINDS.values())
    response = raising(app, kind("something_else", detail_of="no"))
    answer = response.get(PREFIX)
    assert answer.status_code == http_errors.HTTP_STATUS[kind]
    assert answer.content_type == "application/problem+json"
    body = answer.get_json()
    assert set(body) == {"type", "title", "status", "instance", "correlation_id", "code", "detail", "facts"}
    assert (body["status"], body["code"], body["instance"]) == (answer.status_code, "something_else", PREFIX)
    assert body["correlation_id"] == answer.headers["X-Correlation-Id"]
    assert re.search("[\u4e00-\u9fff]", body["detail"])
    page = response.get("/of-the-test")
    assert page.status_code == answer.status_code
    assert page.content_type.startswith("text/html")


def test_a_wrong_field_is_named_with_its_code_and_sentence(app):
    answer = raising(app, InvalidInput("invalid_input", fields={"phone": ["phone_format"]})).get(PREFIX).get_json()
    (error,) = answer["errors"]
    assert (error["field"], error["code"]) == ("phone", "phone_format")
    assert re.search("[\u4e00-\u9fff]", error["detail"])
    assert "facts" not in answer


def test_a_limit_says_when_to_come_back(app):
    answer = raising(app, TooManyAttempts("too_many_attempts", retry_after=61)).get(PREFIX)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "61")
    assert "61" in answer.get_json()["detail"]


@pytest.mark.parametrize("error", [ValueError("id 430199"), RemoteFault("accounts.me", "c-1")])
def test_a_fault_tells_nothing_of_itself(app, error):
    answer = raising(app, error).get(PREFIX)
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_error")
    assert "430199" not in answer.text


@pytest.mark.parametrize(("path", "method", "status"), [("/api/v1/no", "GET", 404), ("/api/v1/me", "POST", 405)])
def test_what_flask_refuses_is_problem_details_too(app, path, method, status):
    answer = app.test_client().open(path, method=method)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


@pytest.mark.parametrize("path", ["/guide", "/no-such-page", "/api/v1/no", "/healthz"])
def test_every_answer_has_the_headers_that_keep_a_browser_from_guessing(app, path):
    headers = app.test_client().get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Permissions-Policy" in headers
    assert "Strict-Transport-Security" not in headers


def test_over_https_the_browser_is_told_to_stay_there(make_app):
    headers = make_app(PUBLIC_URL=HTTPS).test_client().get("/guide").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_documents_of_the_api_come_from_here_with_a_policy_of_their_own(app):
    """No asset of a foreign host, and the looser policy stands on this page alone."""
    client = app.test_client()
    page = client.get("/api/docs")
    assert "'unsafe-inline'" in page.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in client.get("/guide").headers["Content-Security-Policy"]
    assert "http" not in re.sub(r"http-equiv", "", page.headers["Content-Security-Policy"])
    assets = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    assert len(assets) == 3
    for asset in assets:
        assert asset.startswith("/api/docs/")
        assert client.get(asset).status_code == 200, asset
    assert client.get("/api/docs/index.html").status_code == 404


def test_static_files_are_served_in_one_way_and_kept_by_their_content(app):
    """`/assets` with the content's digest; Flask's own `/static` would be a second copy without it."""
    with app.test_request_context("/"):
        url = asset_url("app.css")
    client = app.test_client()
    assert url.startswith("/assets/app.css?v=")
    assert "immutable" in client.get(url).headers["Cache-Control"]
    assert client.get("/assets/app.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/app.css").status_code == 404
    assert not [rule for rule in app.url_map.iter_rules() if rule.endpoint == "static"]

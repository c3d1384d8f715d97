"""Cookies no script and no other site can use, and forms that only this browser in this session can send."""

from __future__ import annotations

import re

import pytest
from flask import make_response

from services.gateway import csrf
from services.gateway.authentication import sign_in, sign_out
from services.gateway.pages.rendering import safe_next
from shared.platform.errors import PermissionDenied

from .conftest import HTTPS

FORM = "/form-of-the-test"


def with_a_form(app):
    """The application with one page that shows a form token and takes one, and one that logs in."""

    def form():
        return csrf.csrf_token()

    def log_in():
        response = make_response("in")
        sign_in(response, {"session_token": "secret-of-the-session"})
        return response

    app.add_url_rule(FORM, "form", form, methods=["GET"])
    app.add_url_rule(FORM, "sent", lambda: "taken", methods=["POST"])
    app.add_url_rule("/log-in-of-the-test", "log_in", log_in)
    return app


def cookies_of(response) -> dict[str, str]:
    """Name to whole header of each cookie that a response sets."""
    return {header.split("=", 1)[0]: header for header in response.headers.getlist("Set-Cookie")}


@pytest.mark.parametrize(("url", "prefix"), [("http://127.0.0.1:8000", ""), (HTTPS, "__Host-")])
def test_the_cookies_of_session_and_forms_are_out_of_reach(make_app, url, prefix):
    """S9, OWASP: HttpOnly, SameSite; over https Secure and `__Host-`, which wants `Path=/` and no domain."""
    app = with_a_form(make_app(PUBLIC_URL=url))
    set_ = cookies_of(app.test_client().get("/log-in-of-the-test"))
    assert set(set_) == {f"{prefix}yz_session", f"{prefix}yz_csrf"}
    for header in set_.values():
        assert "; HttpOnly" in header
        assert "; SameSite=Lax" in header
        assert "; Path=/" in header
        assert "Domain" not in header
        assert ("; Secure" in header) is bool(prefix)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", HTTPS])
def test_logging_out_takes_the_same_cookie_back(make_app, url):
    app = make_app(PUBLIC_URL=url)
    with app.test_request_context("/"):
        response = make_response("out")
        sign_out(response)
    (header,) = response.headers.getlist("Set-Cookie")
    assert re.match(r"(__Host-)?yz_session=;", header)
    assert "Max-Age=0" in header
    assert header.startswith("__Host-") == ("; Secure" in header) == url.startswith("https")


def test_a_cookie_without_the_prefix_is_nothing_over_https(make_app):
    """A neighbouring subdomain can set that one, but not the other."""
    app = with_a_form(make_app(PUBLIC_URL=HTTPS))
    client = app.test_client()
    client.set_cookie("yz_csrf", "planted")
    with app.test_request_context(FORM, headers={"Cookie": "yz_csrf=planted"}):
        planted = csrf._token_of("planted")
    assert client.post(FORM, data={"csrf_token": planted}).status_code == 403


def test_a_form_of_this_browser_is_taken(app):
    client = with_a_form(app).test_client()
    token = client.get(FORM).text
    assert client.post(FORM, data={"csrf_token": token}).text == "taken"
    assert client.post(FORM, headers={"X-CSRF-Token": token}).text == "taken"


@pytest.mark.parametrize("token", ["", "0" * 64, "令牌", "\ud7ff", "é" * 64])
def test_any_other_token_is_refused_and_never_a_fault(app, token):
    """S9: what isn't ASCII made `compare_digest` fail."""
    client = with_a_form(app).test_client()
    client.get(FORM)
    refused = client.post(FORM, data={"csrf_token": token})
    assert refused.status_code == 403
    assert "页面停留的时间太长" in refused.text
    assert client.post(FORM, headers={"X-CSRF-Token": token.encode().decode("latin-1")}).status_code == 403


def test_a_token_without_its_cookie_is_refused(app):
    token = with_a_form(app).test_client().get(FORM).text
    assert app.test_client().post(FORM, data={"csrf_token": token}).status_code == 403


def test_a_token_of_before_the_login_is_none_afterwards(app):
    """S9: whoever planted or read the cookie before the login can't send forms in the session."""
    client = with_a_form(app).test_client()
    before = client.get(FORM).text
    planted = client.get_cookie("yz_csrf").value
    client.get("/log-in-of-the-test")
    assert client.get_cookie("yz_csrf").value != planted
    cookies = {"Cookie": f"yz_csrf={planted}; yz_session=secret-of-the-session"}
    sent = app.test_request_context(FORM, method="POST", data={"csrf_token": before}, headers=cookies)
    with sent, pytest.raises(PermissionDenied, match="form_expired"):
        app.preprocess_request()


def test_a_token_belongs_to_one_session(app):
    """The same browser cookie in another session makes another token."""
    client = with_a_form(app).test_client()
    client.get("/log-in-of-the-test")
    secret = client.get_cookie("yz_csrf").value
    with app.test_request_context(FORM, headers={"Cookie": f"yz_csrf={secret}; yz_session=one"}):
        one = csrf.csrf_token()
    with app.test_request_context(FORM, headers={"Cookie": f"yz_csrf={secret}; yz_session=other"}):
        assert csrf.csrf_token() != one


def test_a_form_of_an_ended_session_is_left_to_the_page_that_sends_its_reader_to_log_in(app):
    """Without a session nobody's name can be misused: the reader gets their page back, not a refusal."""
    with app.test_request_context("/me/phone", method="POST", data={"phone": "1"}):
        assert app.preprocess_request() is None
    signed_in = app.test_request_context("/me/phone", method="POST", headers={"Cookie": "yz_session=one"})
    with signed_in, pytest.raises(PermissionDenied, match="form_expired"):
        app.preprocess_request()


@pytest.mark.parametrize("path", ["/login", "/staff/login", "/signup", "/lookup", "/logout", "/display"])
def test_forms_for_everybody_want_their_token_as_well(app, path):
    """Logging somebody in under a foreign name is an attack too."""
    assert app.test_client().post(path, data={"login": "a"}).status_code == 403


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "me",
        "/me\r\nSet-Cookie: a=b",
        "\\\\evil.example",
    ],
)
def test_a_login_leads_to_no_other_site(target):
    assert safe_next(target, "/home") == "/home"


def test_a_login_leads_back_to_the_page_that_asked_for_it():
    assert safe_next("/me/applications?after=3", "/home") == "/me/applications?after=3"

"""Whose address counts: the connection's own, or what our proxies say, never what a client claims."""

from __future__ import annotations

import pytest

from services.gateway.client_address import client_address


def seen(app, peer: str | None, forwarded: str | None) -> str:
    """The address that a request comes from, as the application sees it."""
    app.add_url_rule("/seen", view_func=client_address)
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    text: str = app.test_client().get("/seen", headers=headers, environ_overrides={"REMOTE_ADDR": peer}).text
    return text


@pytest.mark.parametrize("forwarded", [None, "198.51.100.7", "198.51.100.7, 198.51.100.8", "nonsense"])
def test_without_a_proxy_the_header_is_the_clients_own_claim(make_app, forwarded):
    assert seen(make_app(TRUSTED_PROXIES="0"), "203.0.113.5", forwarded) == "203.0.113.5"


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("10.0.0.1, 198.51.100.7", "198.51.100.7"),
        ("1.1.1.1, 2.2.2.2, 198.51.100.7", "198.51.100.7"),
        (None, "203.0.113.5"),
    ],
)
def test_behind_one_proxy_the_last_entry_counts_and_what_stands_before_it_does_not(make_app, forwarded, address):
    assert seen(make_app(TRUSTED_PROXIES="1"), "203.0.113.5", forwarded) == address


def test_behind_two_proxies_the_last_but_one_counts(make_app):
    assert seen(make_app(TRUSTED_PROXIES="2"), "203.0.113.5", "6.6.6.6, 198.51.100.7, 203.0.113.4") == "198.51.100.7"


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("", "unknown"),
    ],
)
def test_one_customer_is_one_address_however_it_is_written(make_app, peer, address):
    assert seen(make_app(), peer, None) == address


def test_no_other_header_of_a_proxy_is_believed(make_app):
    """A host or a scheme taken from a header would stand in links."""
    app = make_app(TRUSTED_PROXIES="1")
    from flask import request

    app.add_url_rule("/host", view_func=lambda: request.host_url)
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "ftp", "X-Forwarded-Prefix": "/x"}
    assert app.test_client().get("/host", headers=headers).text == "http://localhost/"

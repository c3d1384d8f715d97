"""The network address of whoever sent a request; everything that limits or logs by address asks here."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

UNKNOWN = "unknown"
_IPV6_SITE = 64


def register(app: Flask, proxies: int) -> None:
    """Believe `X-Forwarded-For` as far as our own `proxies` wrote it (TRUSTED_PROXIES), and no further.

    Each proxy in front appends the address it was asked from, so the last `proxies` entries are theirs and anything
    before them is the client's own claim. Without a proxy the header is not looked at.
    """
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # how Flask has middleware put around an application
            app.wsgi_app, x_for=proxies, x_proto=0, x_host=0, x_port=0, x_prefix=0
        )


def client_address() -> str:
    """The client's address in one spelling; of an IPv6 address the part that one customer is given (/64)."""
    given = (request.remote_addr or "").strip()
    try:
        address = ip_address(given)
    except ValueError:
        return given or UNKNOWN
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    site = int(address) >> (128 - _IPV6_SITE) << (128 - _IPV6_SITE)
    return f"{IPv6Address(site)}/{_IPV6_SITE}"

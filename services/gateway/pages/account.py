"""What the persons' pages ask of `accounts`: who is signed in, and how far the account is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from shared.contracts import accounts
from shared.platform.errors import Unavailable

from ..calls import call

Found = TypeVar("Found")

#: domain §2.1: what the account still needs → the page for it.
STEP_PAGES = {
    "check_qualification": "pages.recognition",
    "update_qualification": "pages.ticket",
    "bind_phone": "pages.phone",
    "activate": "pages.activation",
}


def me() -> dict[str, Any]:
    """The caller's own account, masked."""
    found: dict[str, Any] = call(accounts.ME)
    return found


def or_none(ask: Callable[[], Found]) -> Found | None:
    """A block of a page whose service is away stays empty and says so; the rest of the page works (ui §9)."""
    try:
        return ask()
    except Unavailable:
        return None

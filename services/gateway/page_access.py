"""Which roles a page lets in, noted on its view: read by the form check and by the test that walks every page."""

from __future__ import annotations

from typing import Any

_NOTE = "yizhu_roles_let_in"


def note_roles(view: Any, roles: frozenset[str]) -> None:
    """Note on a view that nobody but these roles gets in."""
    setattr(view, _NOTE, roles)


def roles_let_in(view: Any) -> frozenset[str]:
    """The roles that a page lets in; empty where it is open to everybody."""
    found: frozenset[str] = getattr(view, _NOTE, frozenset())
    return found

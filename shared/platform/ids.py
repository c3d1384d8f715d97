"""Identifiers of records and events: UUID version 7, which sort by the time they were made."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh identifier, larger than every one this process made before."""
    return uuid7()

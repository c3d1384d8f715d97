"""The values inside a case in the form in which their columns keep them, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from shared.contracts.common import InstitutionSnapshot
from shared.platform.crypto import KeyRing
from shared.platform.partly_sealed import open_items, seal_items

from ..domain.case import Authority, Clock, Institution, Policy, Reason

OUTCOME, NOTE = "outcome", "note"

_snapshot = InstitutionSnapshot()


def authority_of(brief: Mapping[str, Any]) -> Authority:
    """An authority from what `accounts` tells of it."""
    return Authority(
        id=brief["id"],
        name=brief["name"],
        tier=brief["tier"],
        division=brief["division"],
        window_address=brief.get("window_address", ""),
        phone=brief.get("phone", ""),
    )


def institution_of(snapshot: Mapping[str, Any]) -> Institution:
    """An institution from its snapshot as loaded with the contract's schema."""
    return Institution(
        id=snapshot["id"],
        name=snapshot["name"],
        division=snapshot["division"],
        licence_status=snapshot["licence_status"],
        authority=authority_of(snapshot["authority"]),
        others=tuple(
            authority_of(brief) for brief in (*snapshot.get("superiors", ()), *snapshot.get("subordinates", ()))
        ),
        snapshot=snapshot,
    )


def stored_institution(institution: Institution) -> dict[str, Any]:
    """The snapshot as JSON."""
    stored: dict[str, Any] = _snapshot.dump(institution.snapshot)
    return stored


def read_institution(stored: Mapping[str, Any]) -> Institution:
    """The institution that `stored_institution` kept."""
    return institution_of(_snapshot.load(dict(stored)))


def stored_policy(policy: Policy) -> dict[str, Any]:
    """Pin and values as JSON."""
    return {**asdict(policy), "on": policy.on.isoformat()}


def read_policy(stored: Mapping[str, Any]) -> Policy:
    """The policy that `stored_policy` kept."""
    return Policy(**{**stored, "on": date.fromisoformat(stored["on"])})


def stored_clock(clock: Clock) -> dict[str, Any]:
    """A clock as JSON."""
    return {**asdict(clock), "started_on": clock.started_on.isoformat(), "due_on": clock.due_on.isoformat()}


def read_clock(stored: Mapping[str, Any]) -> Clock:
    """The clock that `stored_clock` kept."""
    days = {name: date.fromisoformat(stored[name]) for name in ("started_on", "due_on")}
    return Clock(**{**stored, **days})


def stored_note(note: str, ring: KeyRing) -> str:
    """An officer's own words as they rest: sealed, for they may name anybody and anything; none stay none."""
    return ring.seal(note, purpose=NOTE) if note else ""


def read_note(stored: str, ring: KeyRing) -> str:
    """The words that `stored_note` kept."""
    return ring.open(stored, purpose=NOTE) if stored else ""


def stored_reason(reason: Reason, ring: KeyRing) -> dict[str, Any]:
    """A reason as JSON, its words sealed."""
    return {**asdict(reason), "note": stored_note(reason.note, ring)}


def read_reason(stored: Mapping[str, Any], ring: KeyRing) -> Reason:
    """The reason that `stored_reason` kept."""
    return Reason(**{**stored, "note": read_note(stored["note"], ring)})


def stored_authority(authority: Authority) -> dict[str, Any]:
    """An authority as JSON."""
    return {**asdict(authority), "id": str(authority.id)}


def stored_outcomes(outcomes: Iterable[Mapping[str, Any]], ring: KeyRing) -> list[dict[str, Any]]:
    """Outcomes as JSON, the sensitive ones sealed."""
    return seal_items(outcomes, "sensitive", lambda plain: ring.seal(plain, purpose=OUTCOME))


def read_outcomes(stored: Iterable[Mapping[str, Any]], ring: KeyRing) -> tuple[Mapping[str, Any], ...]:
    """The outcomes that `stored_outcomes` kept."""
    return tuple(open_items(stored, lambda sealed: ring.open(sealed, purpose=OUTCOME)))

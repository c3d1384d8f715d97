"""How long a session lasts, and what a caller context made from it says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from shared.platform.errors import Unauthenticated

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
NOTED_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Session:
    """A login that is still good; its secret is known to the gateway's cookie alone."""

    id: UUID
    account_id: UUID
    kind: str
    factors: tuple[str, ...]
    opened_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None = None
    device: str = ""

    @property
    def expires_at(self) -> datetime:
        """When it ends, if nothing is done in the meantime: 30 minutes idle, 12 hours in all."""
        return min(self.last_seen_at + IDLE, self.opened_at + ABSOLUTE)


def continue_session(session: Session, now: datetime) -> Session:
    """The session after an act at `now`; `Unauthenticated("session_ended")` when it is over or was closed."""
    if session.ended_at is not None or now >= session.expires_at:
        raise Unauthenticated("session_ended")
    return replace(session, last_seen_at=max(now, session.last_seen_at))


def is_worth_noting(before: Session, after: Session) -> bool:
    """Whether a use lies long enough after the last one noted to be written down; a busy page asks often."""
    return after.last_seen_at - before.last_seen_at >= NOTED_EVERY


def end_session(session: Session, now: datetime) -> Session:
    """Close it; closing twice changes nothing."""
    return session if session.ended_at is not None else replace(session, ended_at=now)

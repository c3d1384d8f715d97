"""One-time codes by SMS (校验码): six digits, ten minutes, five tries."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from shared.platform.errors import RuleViolated, TooManyAttempts

DIGITS = 6
TRIES = 5
RESEND_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class PhoneCode:
    """A code that was sent to a phone for one account; only its keyed hash is kept."""

    account_id: UUID
    phone: str = field(repr=False)
    code_hash: str = field(repr=False)
    sent_at: datetime
    expires_at: datetime
    tries: int = 0


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def refuse_early_resend(previous: PhoneCode | None, now: datetime) -> None:
    """A new code once a minute: `TooManyAttempts("code_sent_recently")` with what is left of it."""
    if previous is None:
        return
    wait = previous.sent_at + RESEND_AFTER - now
    if wait > timedelta():
        raise TooManyAttempts("code_sent_recently", retry_after=max(1, round(wait.total_seconds())))


def check_code(code: PhoneCode | None, code_hash: str, now: datetime) -> tuple[PhoneCode | None, RuleViolated | None]:
    """What becomes of a code after one try, and the refusal of that try if it fails.

    A right code is used up (None). A wrong one counts; after five it is worthless, as after ten minutes.
    """
    if code is None or now >= code.expires_at:
        return None, RuleViolated("code_expired")
    if secrets.compare_digest(code.code_hash, code_hash):
        return None, None
    tried = replace(code, tries=code.tries + 1)
    if tried.tries >= TRIES:
        return None, RuleViolated("code_expired")
    return tried, RuleViolated("code_wrong", tries_left=TRIES - tried.tries)

"""Login name, password and the lock after too many wrong ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from shared.platform.errors import InvalidInput, TooManyAttempts, Unauthenticated
from shared.trade.contact import check_password, parse_email, parse_login_name, parse_mobile

from .field_faults import FieldFaults
from .knobs import AccountKnobs

FORGOTTEN_AFTER = timedelta(hours=24)
"""Wrong passwords that lie further apart are no longer counted together."""


@dataclass(frozen=True)
class Credentials:
    """What an account signs in with; `kind` says whose it is: a person's or a staff member's."""

    account_id: UUID
    kind: str
    login_name: str
    password_hash: str = field(repr=False)


@dataclass(frozen=True)
class LoginForm:
    """The contact and credentials step in its checked form."""

    phone: str = field(repr=False)
    email: str | None = field(repr=False)
    login_name: str
    password: str = field(repr=False)


def read_login_form(phone: str, email: str | None, login_name: str, password: str, *, knobs: AccountKnobs) -> LoginForm:
    """Check step 3 of opening an account; every fault comes back under its field."""
    faults = FieldFaults()
    mobile = faults.read("phone", parse_mobile, phone)
    address = faults.read("email", parse_email, email) if email and email.strip() else None
    if knobs.email_required and not (email and email.strip()):
        faults.add("email", "required")
    name = faults.read("login_name", parse_login_name, login_name)
    faults.read("password", check_password, password, length=knobs.password_length, classes=knobs.password_classes)
    faults.raise_any()
    if mobile is None or name is None:
        raise AssertionError("a field without a value has a fault")
    return LoginForm(mobile, address, name, password)


def login_key(login_name: str) -> str:
    """The form in which login names are compared: without case."""
    return login_name.strip().casefold()


def as_phone(login: str) -> str | None:
    """The mobile number that was typed in place of a login name, if it is one; a login name never looks like it."""
    try:
        return parse_mobile(login)
    except InvalidInput:
        return None


@dataclass(frozen=True)
class LoginLock:
    """The wrong passwords in a row for one account, or for one name that nobody has: the answer must not tell which."""

    key: str
    failures: int = 0
    last_failure_at: datetime | None = None
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Whether too many wrong passwords lie behind."""
        return self.locked_until is not None and now < self.locked_until

    def refuse_while_locked(self, now: datetime) -> None:
        """`TooManyAttempts("login_locked")` until the lock is over; a right password doesn't open it."""
        if self.locked_until is not None and self.is_locked(now):
            raise TooManyAttempts("login_locked", retry_after=_seconds(self.locked_until - now))

    def after_failure(self, now: datetime, knobs: AccountKnobs) -> LoginLock:
        """One more wrong password; the fifth locks for 15 minutes (`account.lock_after`, `account.lock_minutes`)."""
        lapsed = self.last_failure_at is not None and now - self.last_failure_at > FORGOTTEN_AFTER
        served = self.locked_until is not None and now >= self.locked_until
        failures = 1 if lapsed or served else self.failures + 1
        locked_until = now + knobs.lock_for if failures >= knobs.lock_after else None
        return replace(self, failures=failures, last_failure_at=now, locked_until=locked_until)


def login_failed() -> Unauthenticated:
    """The one refusal of a login: unknown user, wrong password and a phone that isn't bound alike (E13)."""
    return Unauthenticated("login_failed")


def _seconds(span: timedelta) -> int:
    return max(1, int(span.total_seconds() + 0.999))

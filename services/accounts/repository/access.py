"""How people and staff get in: credentials, locks, sessions, captchas, phone codes; and counters without a name."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Database

from shared.platform.crypto import KeyRing
from shared.platform.errors import Unauthenticated

from ..domain.credentials import FORGOTTEN_AFTER, Credentials, LoginLock, login_key
from ..domain.field_faults import field_fault
from ..domain.phone_codes import PhoneCode
from ..domain.sessions import ABSOLUTE, Session
from ..models import CaptchaRow, CounterRow, CredentialsRow, LoginLockRow, PhoneCodeRow, SessionRow
from .constraints import violates


def _insert(database: Database, row: type[Any]) -> Any:
    dialect = postgresql if database.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(row)


class CredentialStore:
    """Login names, password hashes, and the locks after wrong passwords."""

    def __init__(self, session: Database, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def add(self, credentials: Credentials, *, now: datetime) -> None:
        """Enter credentials; a field fault `login_name_taken` if somebody has the name."""
        self._session.add(
            CredentialsRow(
                account_id=credentials.account_id,
                kind=credentials.kind,
                login_name=self._ring.seal(credentials.login_name, purpose="login_name"),
                login_index=self.index(credentials.login_name),
                password_hash=credentials.password_hash,
                changed_at=now,
            )
        )
        try:
            self._session.flush()
        except IntegrityError as error:
            if violates(error, "credentials", "login_index"):
                raise field_fault("login_name", "login_name_taken") from None
            raise

    def is_taken(self, login_name: str) -> bool:
        """Whether somebody has a login name."""
        found = self._session.scalar(
            select(CredentialsRow.account_id).where(CredentialsRow.login_index == self.index(login_name))
        )
        return found is not None

    def find(self, login_name: str) -> Credentials | None:
        """Credentials by login name."""
        return self._one(CredentialsRow.login_index == self.index(login_name))

    def of(self, account_id: UUID) -> Credentials | None:
        """Credentials of an account."""
        return self._one(CredentialsRow.account_id == account_id)

    def replace_password(self, account_id: UUID, password_hash: str, *, now: datetime) -> None:
        """Store another hash of the password."""
        self._session.execute(
            update(CredentialsRow)
            .where(CredentialsRow.account_id == account_id)
            .values(password_hash=password_hash, changed_at=now)
        )

    def index(self, login_name: str) -> str:
        """The blind index of a login name."""
        return self._ring.index(login_key(login_name), purpose="login_name")

    def lock(self, key: str) -> LoginLock:
        """The failures counted under a key, held until the commit, so that guesses at once count one after another.

        One statement makes the row or takes the one that is there: between two of them, a login of the same account
        that succeeds takes the row away.
        """
        fresh = _insert(self._session, LoginLockRow).values(key=key, failures=0)
        held = fresh.on_conflict_do_update(
            index_elements=[LoginLockRow.key], set_={"failures": LoginLockRow.failures}
        ).returning(LoginLockRow.failures, LoginLockRow.last_failure_at, LoginLockRow.locked_until)
        failures, last_failure_at, locked_until = self._session.execute(held).one()
        return LoginLock(key, failures, last_failure_at, locked_until)

    def save_lock(self, lock: LoginLock) -> None:
        """Keep the count of failures."""
        self._session.execute(
            update(LoginLockRow)
            .where(LoginLockRow.key == lock.key)
            .values(failures=lock.failures, last_failure_at=lock.last_failure_at, locked_until=lock.locked_until)
        )

    def clear_lock(self, key: str) -> None:
        """Forget the failures after a right password."""
        self._session.execute(delete(LoginLockRow).where(LoginLockRow.key == key))

    def _one(self, condition: Any) -> Credentials | None:
        row = self._session.scalar(select(CredentialsRow).where(condition))
        if row is None:
            return None
        login_name = self._ring.open(row.login_name, purpose="login_name")
        return Credentials(row.account_id, row.kind, login_name, row.password_hash)


class Sessions:
    """Sessions by the keyed hash of their secret."""

    def __init__(self, session: Database, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def add(self, session: Session, *, secret: str, address: str) -> None:
        """Keep a new session."""
        self._session.add(
            SessionRow(
                id=session.id,
                secret_index=self._index(secret),
                account_id=session.account_id,
                kind=session.kind,
                factors=list(session.factors),
                address=address,
                device=session.device,
                opened_at=session.opened_at,
                last_seen_at=session.last_seen_at,
                ended_at=session.ended_at,
            )
        )
        self._session.flush()

    def get(self, secret: str) -> Session:
        """The session of a secret; an unknown one is as ended as any."""
        found = self.find(secret)
        if found is None:
            raise Unauthenticated("session_ended")
        return found

    def find(self, secret: str) -> Session | None:
        """The session of a secret, open or not."""
        query = select(SessionRow).where(SessionRow.secret_index == self._index(secret))
        row = self._session.scalar(query.execution_options(populate_existing=True))
        if row is None:
            return None
        return Session(
            id=row.id,
            account_id=row.account_id,
            kind=row.kind,
            factors=tuple(row.factors),
            opened_at=row.opened_at,
            last_seen_at=row.last_seen_at,
            ended_at=row.ended_at,
            device=row.device,
        )

    def touch(self, session: Session) -> None:
        """Note that it was used; one that was closed meanwhile stays closed."""
        self._session.execute(
            update(SessionRow).where(SessionRow.id == session.id).values(last_seen_at=session.last_seen_at)
        )

    def close(self, session: Session) -> None:
        """Note that it was closed."""
        self._session.execute(update(SessionRow).where(SessionRow.id == session.id).values(ended_at=session.ended_at))

    def end_all(self, account_id: UUID, now: datetime) -> None:
        """Close every session of an account."""
        open_ones = (SessionRow.account_id == account_id) & SessionRow.ended_at.is_(None)
        self._session.execute(update(SessionRow).where(open_ones).values(ended_at=now))

    def _index(self, secret: str) -> str:
        return self._ring.index(secret, purpose="session")


class OneTimeThings:
    """Captchas and phone codes: short-lived, used once."""

    def __init__(self, session: Database, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def add_captcha(self, captcha_id: UUID, answer: str, expires_at: datetime) -> None:
        """Remember the answer to a captcha as a keyed hash."""
        index = self._captcha_index(captcha_id, answer)
        self._session.add(CaptchaRow(id=captcha_id, answer_index=index, expires_at=expires_at))
        self._session.flush()

    def use_captcha(self, captcha_id: UUID, answer: str, now: datetime) -> bool:
        """Use a captcha up; whether the answer was right and in time. Of two at once one gets it."""
        taken = self._session.execute(
            delete(CaptchaRow)
            .where(CaptchaRow.id == captcha_id)
            .returning(CaptchaRow.answer_index, CaptchaRow.expires_at)
        ).one_or_none()
        if taken is None or now >= taken.expires_at:
            return False
        return bool(taken.answer_index == self._captcha_index(captcha_id, answer))

    def put_code(self, code: PhoneCode) -> None:
        """Make this the code under way for its account."""
        values = {
            "phone": self._ring.seal(code.phone, purpose="phone"),
            "code_index": code.code_hash,
            "sent_at": code.sent_at,
            "expires_at": code.expires_at,
            "tries": code.tries,
        }
        statement = _insert(self._session, PhoneCodeRow).values(account_id=code.account_id, **values)
        self._session.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=values))

    def code_of(self, account_id: UUID, *, lock: bool = False) -> PhoneCode | None:
        """The code under way for an account; `lock` lets tries made at once count one after another."""
        query = select(PhoneCodeRow).where(PhoneCodeRow.account_id == account_id)
        query = query.execution_options(populate_existing=True)
        row = self._session.scalar(query.with_for_update() if lock else query)
        if row is None:
            return None
        phone = self._ring.open(row.phone, purpose="phone")
        return PhoneCode(row.account_id, phone, row.code_index, row.sent_at, row.expires_at, row.tries)

    def drop_code(self, account_id: UUID) -> None:
        """Forget the code under way."""
        self._session.execute(delete(PhoneCodeRow).where(PhoneCodeRow.account_id == account_id))

    def code_hash(self, account_id: UUID, code: str) -> str:
        """The keyed hash under which a code is kept; of no use for another account."""
        return self._ring.index(f"{account_id} {code}", purpose="phone_code")

    def _captcha_index(self, captcha_id: UUID, answer: str) -> str:
        return self._ring.index(f"{captcha_id} {answer}", purpose="captcha")


class Counters:
    """How often a thing happened on a day; all that stays of a sign-up that was not finished (E08)."""

    def __init__(self, session: Database) -> None:
        self._session = session

    def add(self, name: str, day: date) -> None:
        """Count one more."""
        statement = _insert(self._session, CounterRow).values(name=name, day=day, count=1)
        self._session.execute(
            statement.on_conflict_do_update(
                index_elements=["name", "day"], set_={"count": CounterRow.__table__.c["count"] + 1}
            )
        )


def forget_expired(session: Database, now: datetime) -> None:
    """Delete what has no further use: expired captchas and codes, old locks, sessions over for a day."""
    session.execute(delete(CaptchaRow).where(CaptchaRow.expires_at <= now))
    session.execute(delete(PhoneCodeRow).where(PhoneCodeRow.expires_at <= now))
    over = or_(LoginLockRow.locked_until.is_(None), LoginLockRow.locked_until <= now)
    session.execute(delete(LoginLockRow).where(LoginLockRow.last_failure_at <= now - FORGOTTEN_AFTER, over))
    session.execute(delete(SessionRow).where(SessionRow.opened_at <= now - 2 * ABSOLUTE))

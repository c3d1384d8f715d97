"""Login, sessions, and the caller contexts made from them."""

from __future__ import annotations

import secrets
from typing import Any

from shared.contracts import accounts as contracts
from shared.platform.bus import rpc
from shared.platform.errors import PermissionDenied
from shared.platform.identity import Actor
from shared.platform.ids import new_id

from ..domain.account import AccountState
from ..domain.credentials import Credentials, as_phone, login_failed
from ..domain.organisations import INSTITUTION
from ..domain.sessions import Session, continue_session, end_session, is_worth_noting
from ..domain.staff import require_active
from ..news import tell_new_device
from ..passwords import is_password
from ..unit_of_work import AccountsUnitOfWork
from .base import AccountsWork

_SECRET_BYTES = 32
_HOUR = 3_600


class SessionEntrypoints(AccountsWork):
    """Sessions of people and of staff. A context lives for five minutes; renewing asks whether the session stands."""

    @rpc(contracts.OPEN_SESSION, action="session.open")
    def open_session(self, command: dict[str, Any]) -> dict[str, Any]:
        """Log in with login name, or bound phone, password and captcha.

        Unknown user, wrong password and a phone that isn't bound are one refusal (E13), and five of them lock the
        name for 15 minutes, whether it exists or not. A try counts before the password is looked at, so that guesses
        made at once count as well. An address that tries one password on many names is limited by its failures.
        The holder is told of a login from a device that the account wasn't used from before.
        """
        now = self.clock.now()
        knobs = self.knobs.at(now, self._province_of())
        self._refuse_spent_address("failed login", knobs.failed_logins_hour, _HOUR)
        with self.unit_of_work() as uow:
            self._use_captcha(uow, command, now)
            found = self._find(uow, command["login"])
            key = str(found.account_id) if found else uow.credentials.index(command["login"])
            lock = uow.credentials.lock(key)
            if not lock.is_locked(now):
                uow.credentials.save_lock(lock.after_failure(now, knobs))
            uow.commit(refused=True)
        lock.refuse_while_locked(now)
        right = is_password(found.password_hash if found else None, command["password"])
        if found is None or not right:
            self._count_for_address("failed login", knobs.failed_logins_hour, _HOUR)
            raise login_failed()
        address = self._address_hash(command["address"])
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        session = Session(new_id(), found.account_id, found.kind, ("password",), now, now, device=command["device"])
        with self.unit_of_work() as uow:
            actor = self._actor_of(uow, session, address)
            uow.credentials.clear_lock(key)
            uow.sessions.add(session, secret=secret, address=address)
            if uow.devices.meet(found.account_id, command["device_token"], now):
                tell_new_device(uow, actor)
            uow.commit()
        return {
            "session_token": secret,
            "context": self._context(actor, now),
            "expires_at": session.expires_at,
            "kind": session.kind,
            "role": actor.role,
            "factors": list(session.factors),
        }

    @rpc(contracts.RENEW_CONTEXT, action="context.renew")
    def renew_context(self, command: dict[str, Any]) -> dict[str, Any]:
        """A fresh context for a session that stands; what its holder is now, not what they were at login."""
        self.actor.require(None)
        now = self.clock.now()
        with self.unit_of_work(read_only=True) as uow:
            kept = uow.sessions.get(command["session_token"])
            session = continue_session(kept, now)
            actor = self._actor_of(uow, session, self._address_hash(command["address"]))
        if is_worth_noting(kept, session):
            with self.unit_of_work() as uow:
                uow.sessions.touch(session)
                uow.commit()
        return {
            **self._context(actor, now),
            "kind": session.kind,
            "role": actor.role,
            "session_expires_at": session.expires_at,
        }

    @rpc(contracts.CLOSE_SESSION, action="session.close")
    def close_session(self, command: dict[str, Any]) -> None:
        """End a session; whoever holds its secret may, and an ended or unknown one stays as it is."""
        self.actor.require(None)
        now = self.clock.now()
        with self.unit_of_work() as uow:
            session = uow.sessions.find(command["session_token"])
            if session is not None:
                uow.sessions.close(end_session(session, now))
            uow.commit()

    def _find(self, uow: AccountsUnitOfWork, login: str) -> Credentials | None:
        phone = as_phone(login)
        if phone is None:
            return uow.credentials.find(login)
        account_id = uow.accounts.with_bound_phone(phone)
        return None if account_id is None else uow.credentials.of(account_id)

    def _actor_of(self, uow: AccountsUnitOfWork, session: Session, address: str) -> Actor:
        """Who a session speaks for at this moment; refuses the disabled and those who left."""
        if session.kind == "staff":
            return self._staff_actor(uow, session, address)
        account = uow.accounts.get(session.account_id)
        if account.state is AccountState.DISABLED:
            raise PermissionDenied("account_disabled")
        return Actor(
            kind="person",
            id=f"person:{account.person_id}",
            role="physician",
            account_id=account.id,
            session_id=session.id,
            factors=frozenset(session.factors),
            address=address,
            activated=account.is_activated,
            province=account.province,
        )

    def _staff_actor(self, uow: AccountsUnitOfWork, session: Session, address: str) -> Actor:
        member = uow.staff.of_account(session.account_id)
        require_active(member)
        scope = None
        if member.organisation_kind == INSTITUTION:
            division = uow.institutions.get(member.organisation_id).division
        else:
            authority = uow.authorities.get(member.organisation_id)
            division, scope = authority.division, authority.scope
        return Actor(
            kind="staff",
            id=f"staff:{member.id}",
            role=member.role,
            account_id=member.account_id,
            session_id=session.id,
            organisation_id=member.organisation_id,
            organisation_kind=member.organisation_kind,
            organisation_scope=None if scope is None else scope.value,
            division=division,
            factors=frozenset(session.factors),
            address=address,
            activated=True,
            province=division[:2],
        )

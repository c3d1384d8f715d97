"""Opening an account (注册新账号): the identity step and the account step of domain §2.1."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts import accounts as contracts
from shared.platform.bus import rpc
from shared.platform.crypto import Unreadable, storage_ring
from shared.platform.errors import Conflict, RuleViolated, TooManyAttempts
from shared.platform.ids import new_id
from shared.platform.rate_limits import Limit
from shared.platform.working_days import local_date
from shared.trade.masking import mask_phone
from shared.trade.names import PersonName, same_name
from shared.trade.resident_id import ResidentId

from ..domain.account import Account, AccountState
from ..domain.credentials import Credentials, LoginForm, read_login_form
from ..domain.field_faults import field_fault
from ..domain.identity import Identity, Person, excluded, excluded_case, kind_of_id, read_identity
from ..domain.knobs import AccountKnobs
from ..news import tell_account_opened
from ..passwords import hash_password
from ..unit_of_work import SERVICE, AccountsUnitOfWork
from .base import AccountsWork

_TOKEN = "signup_token"  # noqa: S105 - a purpose of the key ring

_HOUR = 3_600


@dataclass(frozen=True)
class PassedStep:
    """What a sign-up token proves; `id` tells two tokens of one person apart."""

    id: str
    identity: Identity
    consent_version: str


class SignUp(AccountsWork):
    """The two steps; between them nothing is stored but a count (E08)."""

    @rpc(contracts.SIGN_UP_IDENTITY, action="account.sign_up")
    def sign_up_identity(self, command: dict[str, Any]) -> dict[str, Any]:
        """Check who wants an account (身份信息); a sealed token proves the passed step for 15 minutes.

        The captcha goes first and is used up whatever comes (E03). The four cases of domain §3.10 are counted and
        refused with their number; an ID that has an account is told so, with no more than a mask (E06). Limited by
        address, so that nobody learns from the answers who has one.
        """
        now = self.clock.now()
        knobs = self.knobs.at(now, self._province_of())
        self._count_for_address("identity", knobs.identities_hour, _HOUR)
        id_type = kind_of_id(command["id_type"], command["id_number"])
        case = excluded_case(id_type, command["purpose"], knobs)
        with self.unit_of_work() as uow:
            self._use_captcha(uow, command, now)
            if case is not None:
                uow.counters.add(f"excluded_case_{case:d}", local_date(now))
            uow.commit()
        if case is not None:
            raise excluded(case)
        identity = read_identity(command["name"], id_type, command["id_number"], today=local_date(now), knobs=knobs)
        with self.unit_of_work() as uow:
            self._refuse_registered(uow, identity)
            uow.counters.add("sign_up_identity_passed", local_date(now))
            uow.commit()
        expires_at = now + knobs.token_life
        token = self._seal(identity, command["consent_version"], expires_at)
        return {"signup_token": token, "expires_at": expires_at, "masked_id": identity.number.masked}

    @rpc(contracts.SIGN_UP_ACCOUNT, action="account.sign_up")
    def sign_up_account(self, command: dict[str, Any]) -> dict[str, Any]:
        """Open the account with contact and credentials; it exists and is not activated.

        A token serves for ten well-formed forms (`account.token_attempts`). What is taken is refused before the
        password is hashed, which is dear. Of two who open one for the same ID at once, the database lets one through.
        """
        now = self.clock.now()
        step = self._open_token(command["signup_token"], now)
        knobs = self.knobs.at(now, self._province_of(step.identity.number.value))
        form = read_login_form(
            command["phone"], command["email"], command["login_name"], command["password"], knobs=knobs
        )
        self._count_for_address("account", knobs.accounts_hour, _HOUR)
        self._count_attempt(step, knobs)
        with self.unit_of_work(read_only=True) as uow:
            self._refuse_taken(uow, step.identity, form)
        password_hash = hash_password(form.password)
        with self.unit_of_work() as uow:
            self._refuse_taken(uow, step.identity, form)
            account = self._enter(uow, step, form, password_hash, now)
            answer = {
                "account_id": account.id,
                "login_name": account.login_name,
                "masked_phone": mask_phone(account.phone),
            }
            uow.commit(answer)
        return answer

    def _enter(
        self,
        uow: AccountsUnitOfWork,
        step: PassedStep,
        form: LoginForm,
        password_hash: str,
        now: datetime,
    ) -> Account:
        person = Person(new_id(), 1, step.identity, self._province_of(step.identity.number.value))
        account = Account(
            id=new_id(),
            person_id=person.id,
            version=1,
            state=AccountState.CREATED,
            province=person.province,
            login_name=form.login_name,
            phone=form.phone,
            email=form.email,
            consent_version=step.consent_version,
            opened_at=now,
        )
        uow.persons.add(person, now=now)
        uow.credentials.add(Credentials(account.id, "person", form.login_name, password_hash), now=now)
        uow.accounts.add(account)
        tell_account_opened(uow, account, person)
        return account

    def _count_attempt(self, step: PassedStep, knobs: AccountKnobs) -> None:
        """Let the token serve once more, or refuse it for good: it would try login names and phones one by one."""
        limit = Limit(knobs.token_attempts, int(knobs.token_life.total_seconds()))
        try:
            self.rate_limits.hit(f"sign-up {step.id}", [limit])
        except TooManyAttempts:
            raise RuleViolated("signup_used_up") from None

    def _refuse_taken(self, uow: AccountsUnitOfWork, identity: Identity, form: LoginForm) -> None:
        """Refuse an ID that has an account (E06), a login name that somebody has, a phone bound elsewhere (E12)."""
        self._refuse_registered(uow, identity)
        if uow.credentials.is_taken(form.login_name):
            raise field_fault("login_name", "login_name_taken")
        if uow.accounts.with_bound_phone(form.phone) is not None:
            raise Conflict("phone_taken")

    def _refuse_registered(self, uow: AccountsUnitOfWork, identity: Identity) -> None:
        """One ID, one account (E06). The mask of a bound phone is told only to who knows the name as well."""
        person = uow.persons.find(identity.number)
        if person is None:
            return
        account = uow.accounts.of_person(person.id)
        knows = same_name(person.identity.name.value, identity.name.value) and account.phone_bound
        ways = ["phone", "institution", "appeal"] if knows else ["institution", "appeal"]
        raise Conflict("already_registered", recovery=ways, masked_phone=mask_phone(account.phone) if knows else "")

    def _seal(self, identity: Identity, consent_version: str, expires_at: datetime) -> str:
        content = {
            "id": str(new_id()),
            "name": identity.name.value,
            "id_type": identity.id_type,
            "id_number": identity.number.value,
            "consent": consent_version,
            "until": expires_at.isoformat(),
        }
        return storage_ring(SERVICE).seal(json.dumps(content, ensure_ascii=False), purpose=_TOKEN)

    def _open_token(self, token: str, now: datetime) -> PassedStep:
        """The identity that a token proves, or `RuleViolated("signup_expired")`: begin anew (E08)."""
        try:
            content = json.loads(storage_ring(SERVICE).open(token, purpose=_TOKEN))
        except (Unreadable, UnicodeDecodeError) as error:
            raise RuleViolated("signup_expired") from error
        if now >= datetime.fromisoformat(content["until"]):
            raise RuleViolated("signup_expired")
        identity = Identity(PersonName(content["name"]), content["id_type"], ResidentId(content["id_number"]))
        return PassedStep(content["id"], identity, content["consent"])

"""A person's account from its opening to activation: the states of domain §2.2 and the steps between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.platform.errors import Conflict, PermissionDenied, RuleViolated


class AccountState(StrEnum):
    """How far an account is. CHECKING lasts one call and LOCKED stands with the credentials, so neither is stored."""

    CREATED = "CREATED"
    UNMATCHED = "UNMATCHED"
    MATCHED = "MATCHED"
    PHONE_BOUND = "PHONE_BOUND"
    ACTIVATED = "ACTIVATED"
    DISABLED = "DISABLED"


_RECOGNISED = (AccountState.MATCHED, AccountState.PHONE_BOUND, AccountState.ACTIVATED)

NEXT_STEP = {
    AccountState.CREATED: "check_qualification",
    AccountState.UNMATCHED: "update_qualification",
    AccountState.MATCHED: "bind_phone",
    AccountState.PHONE_BOUND: "activate",
    AccountState.ACTIVATED: "none",
    AccountState.DISABLED: "none",
}
"""What domain §2.1 asks of the holder next."""


@dataclass(frozen=True)
class Account:
    """One person's account. The phone stands for the login name only once it is bound."""

    id: UUID
    person_id: UUID
    version: int
    state: AccountState
    province: str
    login_name: str
    phone: str = field(repr=False)
    email: str | None = field(repr=False)
    consent_version: str
    opened_at: datetime
    phone_bound: bool = False
    qualification_ids: tuple[UUID, ...] = ()
    paper_certificates: tuple[UUID, ...] = ()
    ticket: str | None = field(default=None, repr=False)
    failed_proofs: int = 0
    activated_at: datetime | None = None
    activation_route: str | None = None
    activated_with: UUID | None = None
    disabled_at: datetime | None = None
    disabled_because: str = ""

    @property
    def is_recognised(self) -> bool:
        """Whether a qualification of the holder was found."""
        return self.state in _RECOGNISED

    @property
    def is_activated(self) -> bool:
        """Whether business may be filed ("激活成功后，方可办理业务")."""
        return self.state is AccountState.ACTIVATED

    @property
    def next_step(self) -> str:
        """What domain §2.1 asks next."""
        return NEXT_STEP[self.state]


def recognise(account: Account, found: Iterable[UUID]) -> tuple[Account, tuple[UUID, ...]]:
    """Take up the holder's published qualifications; the account, and those of them that are new to it.

    Without any an account that never had one is UNMATCHED (E09). What was recognised once is never taken away here:
    whether a qualification still stands, its owner tells.
    """
    _refuse_disabled(account)
    new = tuple(dict.fromkeys(item for item in found if item not in account.qualification_ids))
    ids = account.qualification_ids + new
    if account.is_recognised:
        return replace(account, qualification_ids=ids), new
    state = AccountState.MATCHED if ids else AccountState.UNMATCHED
    return replace(account, qualification_ids=ids, state=state), new


def keep_ticket(account: Account, ticket: str) -> Account:
    """Remember the ticket of the self-service update, so that activation needn't ask for it again."""
    return replace(account, ticket=ticket)


def require_recognised(account: Account) -> None:
    """Refuse what comes before its turn: the order is match → phone → activation (E10)."""
    _refuse_disabled(account)
    if not account.is_recognised:
        raise RuleViolated("qualification_not_matched")


def bind_phone(account: Account, phone: str) -> Account:
    """Bind a phone whose code arrived (手机号绑定); from now on it may be typed in place of the login name.

    A second binding replaces the first, whose alias is free at once.
    """
    require_recognised(account)
    state = AccountState.PHONE_BOUND if account.state is AccountState.MATCHED else account.state
    return replace(account, phone=phone, phone_bound=True, state=state)


def require_activatable(account: Account) -> None:
    """Refuse activation before its turn or after its end."""
    require_recognised(account)
    if account.state is AccountState.MATCHED:
        raise RuleViolated("phone_not_bound")
    if account.is_activated:
        raise Conflict("already_activated")


def activate(account: Account, *, route: str, qualification_id: UUID, now: datetime) -> Account:
    """Activate (激活): the holder proved to own a qualification. The ticket has served and is forgotten."""
    require_activatable(account)
    recognised, _ = recognise(account, [qualification_id])
    return replace(
        recognised,
        state=AccountState.ACTIVATED,
        activated_at=now,
        activation_route=route,
        activated_with=qualification_id,
        failed_proofs=0,
        ticket=None,
    )


def fail_proof(account: Account) -> Account:
    """Count a proof that showed nothing: wrong, foreign, failed or not yet open (E15–E18), all alike."""
    return replace(account, failed_proofs=account.failed_proofs + 1)


def calls_for_alert(account: Account, alert_after: int) -> bool:
    """Whether the holder and the security desk are told now: at the third failure in a row, the sixth, …"""
    return account.failed_proofs > 0 and account.failed_proofs % alert_after == 0


def enter_paper_certificate(account: Account, qualification_id: UUID) -> Account:
    """Note that the holder has the paper certificate of a recognised qualification; twice is once (domain §6.4)."""
    require_recognised(account)
    if qualification_id not in account.qualification_ids:
        raise RuleViolated("proof_not_found")
    papers = dict.fromkeys((*account.paper_certificates, qualification_id))
    return replace(account, paper_certificates=tuple(papers), failed_proofs=0)


def disable(account: Account, *, reason: str, now: datetime) -> Account:
    """Disable (administration, appeal, death, merge): nothing is done with this account any more; its history stays.

    The reason is kept, since its holder may ask for it (PIPL art.44).
    """
    _refuse_disabled(account)
    if not reason.strip():
        raise RuleViolated("reason_required")
    return replace(
        account,
        state=AccountState.DISABLED,
        phone_bound=False,
        ticket=None,
        disabled_at=now,
        disabled_because=reason.strip(),
    )


def _refuse_disabled(account: Account) -> None:
    if account.state is AccountState.DISABLED:
        raise PermissionDenied("account_disabled")

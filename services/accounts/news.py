"""What `accounts` tells the others, each in the transaction of the change it speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from shared.contracts import accounts as contracts
from shared.platform.contract import EventType
from shared.platform.identity import Actor
from shared.trade.divisions import code_of, province_of

from .domain.account import Account
from .domain.identity import Person
from .domain.organisations import INSTITUTION, Authority, Institution
from .domain.staff import ORGANISATION, StaffMember
from .unit_of_work import AccountsUnitOfWork


def _tell(uow: AccountsUnitOfWork, event: EventType, account: Account, **facts: Any) -> None:
    data = {"account_id": account.id, "person_id": account.person_id, **facts}
    uow.announce(event, aggregate_id=account.id, data=data, province=account.province)


def tell_account_opened(uow: AccountsUnitOfWork, account: Account, person: Person) -> None:
    """An account exists; `notices` learns how to reach its holder."""
    _tell(uow, contracts.ACCOUNT_OPENED, account)
    tell_contact(uow, account, person)


def tell_contact(uow: AccountsUnitOfWork, account: Account, person: Person) -> None:
    """How a person is reached."""
    uow.announce(
        contracts.CONTACT_CHANGED,
        aggregate_id=person.id,
        data=contact_of_person(account, person),
        province=account.province,
    )


def contact_of_person(account: Account, person: Person) -> dict[str, Any]:
    """What is told of how a person is reached."""
    return {
        "subject_kind": "person",
        "subject_id": person.id,
        "account_id": account.id,
        "name": person.identity.name.value,
        "phone": account.phone,
        "phone_verified": account.phone_bound,
        "phone_proof": "code" if account.phone_bound else "",
        "email": account.email,
    }


def tell_recognised(
    uow: AccountsUnitOfWork, account: Account, new: tuple[UUID, ...], found: Iterable[Mapping[str, Any]]
) -> None:
    """Qualifications were found that the account didn't have; nothing is told without any.

    `found` has their exam region and year: they decide which gate concerns the holder, not the province of the ID.
    """
    if new:
        exams = [
            {"qualification_id": item["id"], "region": item["region"], "year": item["year"]}
            for item in found
            if item["id"] in new
        ]
        _tell(uow, contracts.QUALIFICATION_RECOGNISED, account, qualification_ids=list(new), exams=exams)


def tell_new_device(uow: AccountsUnitOfWork, actor: Actor) -> None:
    """Somebody logged in as `actor` from a device that the account doesn't know."""
    if actor.account_id is None:
        raise ValueError("whoever logs in has an account")
    uow.announce(
        contracts.NEW_DEVICE,
        aggregate_id=actor.account_id,
        data={"subject_kind": actor.kind, "subject_id": actor.subject_id, "account_id": actor.account_id},
        province=actor.province,
    )


def tell_phone_bound(uow: AccountsUnitOfWork, account: Account, person: Person) -> None:
    """The phone is bound."""
    _tell(uow, contracts.PHONE_BOUND, account)
    tell_contact(uow, account, person)


def tell_activated(uow: AccountsUnitOfWork, account: Account) -> None:
    """Business may be filed."""
    _tell(
        uow,
        contracts.ACCOUNT_ACTIVATED,
        account,
        route=account.activation_route,
        qualification_id=account.activated_with,
    )


def tell_proof_failed(uow: AccountsUnitOfWork, account: Account) -> None:
    """Too many failed proofs in a row: the holder and the security desk are told (E15)."""
    _tell(uow, contracts.ACTIVATION_FAILED, account, failures=account.failed_proofs)


def tell_disabled(uow: AccountsUnitOfWork, account: Account) -> None:
    """Nothing is done with the account any more."""
    _tell(uow, contracts.ACCOUNT_DISABLED, account)


def tell_authority(uow: AccountsUnitOfWork, authority: Authority) -> None:
    """An authority, or the exam centre's desk, was entered or changed."""
    tier = None if authority.tier is None else authority.tier.value
    _tell_organisation(uow, authority, authority.kind, tier)


def tell_institution(uow: AccountsUnitOfWork, institution: Institution, authority: Authority) -> None:
    """An institution was entered or changed; its tier is that of the authority that approved it."""
    tier = None if authority.tier is None else authority.tier.value
    _tell_organisation(uow, institution, INSTITUTION, tier)


def _tell_organisation(uow: AccountsUnitOfWork, record: Authority | Institution, kind: str, tier: str | None) -> None:
    uow.announce(
        contracts.ORGANISATION_CHANGED,
        aggregate_id=record.id,
        data=organisation_facts(record, kind, tier),
        province=record.province,
    )


def organisation_facts(record: Authority | Institution, kind: str, tier: str | None) -> dict[str, Any]:
    """What is told of an organisation."""
    return {
        "organisation_id": record.id,
        "kind": kind,
        "name": record.name,
        "division": code_of(record.division),
        "tier": tier,
        "scope": record.scope.value if isinstance(record, Authority) and record.scope is not None else None,
        "version": record.version,
    }


def tell_licence_status(uow: AccountsUnitOfWork, institution: Institution, since: date) -> None:
    """A licence became valid, suspended or cancelled (E45)."""
    uow.announce(
        contracts.LICENCE_STATUS_CHANGED,
        aggregate_id=institution.id,
        data={"institution_id": institution.id, "status": institution.licence_status.value, "since": since},
        province=institution.province,
    )


def tell_staff(uow: AccountsUnitOfWork, member: StaffMember, division: str) -> None:
    """Who acts for an organisation, in which role, and how they are reached."""
    uow.announce(
        contracts.STAFF_CHANGED,
        aggregate_id=member.id,
        data=staff_facts(member),
        province=province_of(division),
    )
    uow.announce(
        contracts.CONTACT_CHANGED,
        aggregate_id=member.id,
        data=contact_of_staff(member),
        province=province_of(division),
    )


def staff_facts(member: StaffMember) -> dict[str, Any]:
    """What is told of a member of staff."""
    return {
        "staff_id": member.id,
        "account_id": member.account_id,
        "organisation_id": member.organisation_id,
        "organisation_kind": member.organisation_kind,
        "role": member.role,
        "active": member.is_active,
    }


def contact_of_staff(member: StaffMember) -> dict[str, Any]:
    """What is told of how a member of staff is reached."""
    return {
        "subject_kind": "staff",
        "subject_id": member.id,
        "account_id": member.account_id,
        "name": member.name,
        "phone": member.phone,
        "phone_verified": member.has_proved_phone,
        "phone_proof": ORGANISATION if member.has_proved_phone else "",
        "email": member.email,
    }

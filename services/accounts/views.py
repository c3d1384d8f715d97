"""Domain objects in the form of the contract."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from shared.trade.divisions import code_of
from shared.trade.masking import mask_email, mask_phone

from .domain.account import Account
from .domain.identity import Person
from .domain.organisations import Authority, Institution, status_on, subordinates, superiors
from .domain.staff import StaffMember


def me_of_person(account: Account, person: Person, qualifications: list[Any]) -> dict[str, Any]:
    """A person's own account, masked."""
    return {
        "account_id": account.id,
        "kind": "person",
        "role": "physician",
        "state": account.state.value,
        "name": person.identity.name.value,
        "login_name": account.login_name,
        "person_id": person.id,
        "masked_id": person.identity.number.masked,
        "masked_phone": mask_phone(account.phone),
        "masked_email": mask_email(account.email) if account.email else "",
        "sex": person.identity.sex.value,
        "next_step": account.next_step,
        "qualifications": qualifications,
        "organisation": None,
    }


def me_of_staff(member: StaffMember, organisation_name: str, person_id: UUID | None) -> dict[str, Any]:
    """A staff member's own account; it is active from its first day. `person_id` is the human being's own, if known."""
    return {
        "account_id": member.account_id,
        "kind": "staff",
        "role": member.role,
        "state": "ACTIVATED" if member.is_active else "DISABLED",
        "name": member.name,
        "login_name": member.login_name,
        "person_id": person_id,
        "masked_phone": mask_phone(member.phone) if member.phone else "",
        "masked_email": mask_email(member.email) if member.email else "",
        "next_step": "none",
        "organisation": {
            "id": member.organisation_id,
            "kind": member.organisation_kind,
            "name": organisation_name,
        },
    }


def person_view(account: Account, person: Person) -> dict[str, Any]:
    """A person for the service that must know who applies."""
    identity = person.identity
    return {
        "person_id": person.id,
        "account_id": account.id,
        "activated": account.is_activated,
        "name": identity.name.value,
        "id_type": identity.id_type,
        "id_number": identity.number.value,
        "sex": identity.sex.value,
        "birth_date": identity.birth_date.isoformat(),
        "phone": account.phone,
        "email": account.email,
        "qualification_ids": list(account.qualification_ids),
        "paper_certificates": list(account.paper_certificates),
    }


def authority_brief(authority: Authority) -> dict[str, Any]:
    """An authority as others need it."""
    return {
        "id": authority.id,
        "name": authority.name,
        "tier": None if authority.tier is None else authority.tier.value,
        "division": code_of(authority.division),
        "window_address": authority.window_address,
        "phone": authority.phone,
    }


def authority_view(authority: Authority, by_id: dict[UUID, Authority]) -> dict[str, Any]:
    """An authority with those above it, nearest first."""
    above = [authority_brief(superior) for superior in superiors(authority, by_id)]
    return authority_brief(authority) | {"superiors": above}


def institution_snapshot(institution: Institution, by_id: dict[UUID, Authority], today: date) -> dict[str, Any]:
    """An institution as it stands today: a licence past its end counts as suspended."""
    authority = by_id[institution.authority_id]
    return {
        "id": institution.id,
        "version": institution.version,
        "name": institution.name,
        "licence_number": institution.licence_number,
        "licence_status": status_on(institution, today).value,
        "licence_valid_to": institution.licence_valid_to,
        "division": code_of(institution.division),
        "category": institution.category.value,
        "grade": institution.grade,
        "beds": institution.beds,
        "departments": list(institution.departments),
        "address": institution.address,
        "is_township_or_village": institution.is_township_or_village,
        "is_county_or_below": institution.is_county_or_below,
        "is_prevention": institution.is_prevention,
        "is_military": institution.is_military,
        "authority": authority_brief(authority),
        "superiors": [authority_brief(superior) for superior in superiors(authority, by_id)],
        "subordinates": [authority_brief(below) for below in subordinates(authority, institution.division, by_id)],
    }

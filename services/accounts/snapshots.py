"""The state of the records that others keep copies of, for consumers that came after the news of them (design D13)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, union

from shared.contracts import accounts as contracts
from shared.platform.errors import NotFound
from shared.platform.outbox import News
from shared.platform.snapshots import SnapshotSource
from shared.trade.divisions import province_of

from .domain.organisations import INSTITUTION
from .domain.staff import StaffMember
from .models import AuthorityRow, InstitutionRow, PersonRow, StaffRow
from .news import contact_of_person, contact_of_staff, organisation_facts, staff_facts
from .unit_of_work import AccountsUnitOfWork

Rows = type[PersonRow] | type[StaffRow] | type[AuthorityRow] | type[InstitutionRow]


def contact(uow: AccountsUnitOfWork, subject_id: UUID) -> News:
    """How a person or a member of staff is reached."""
    try:
        person = uow.persons.get(subject_id)
    except NotFound:
        member = uow.staff.get(subject_id)
        return News(member.id, contact_of_staff(member), _province(uow, member))
    account = uow.accounts.of_person(person.id)
    return News(person.id, contact_of_person(account, person), account.province)


def staff(uow: AccountsUnitOfWork, staff_id: UUID) -> News:
    """For whom a member of staff acts."""
    member = uow.staff.get(staff_id)
    return News(member.id, staff_facts(member), _province(uow, member))


def organisation(uow: AccountsUnitOfWork, organisation_id: UUID) -> News:
    """An institution or authority, with the status of its licence if it has one."""
    authority = uow.authorities.all().get(organisation_id)
    if authority is not None:
        tier = None if authority.tier is None else authority.tier.value
        facts = organisation_facts(authority, authority.kind, tier) | {"licence_status": None}
        return News(authority.id, facts, authority.province)
    institution = uow.institutions.get(organisation_id)
    approved_by = uow.authorities.get(institution.authority_id)
    tier = None if approved_by.tier is None else approved_by.tier.value
    facts = organisation_facts(institution, INSTITUTION, tier) | {"licence_status": institution.licence_status.value}
    return News(institution.id, facts, institution.province)


def _province(uow: AccountsUnitOfWork, member: StaffMember) -> str:
    authority = uow.authorities.all().get(member.organisation_id)
    division = uow.institutions.get(member.organisation_id).division if authority is None else authority.division
    return province_of(division)


def _ids(uow: AccountsUnitOfWork, after: UUID | None, limit: int, *kinds: Rows) -> Sequence[UUID]:
    """The next identifiers over one or two tables."""
    queries = [select(row.id) if after is None else select(row.id).where(row.id > after) for row in kinds]
    found = union(*queries).subquery()
    return list(uow.session.scalars(select(found.c.id).order_by(found.c.id).limit(limit)))


SNAPSHOTS = (
    SnapshotSource(
        contracts.CONTACT_SNAPSHOT, lambda uow, after, limit: _ids(uow, after, limit, PersonRow, StaffRow), contact
    ),
    SnapshotSource(contracts.STAFF_SNAPSHOT, lambda uow, after, limit: _ids(uow, after, limit, StaffRow), staff),
    SnapshotSource(
        contracts.ORGANISATION_SNAPSHOT,
        lambda uow, after, limit: _ids(uow, after, limit, AuthorityRow, InstitutionRow),
        organisation,
    ),
)
UNIT_OF_WORK = AccountsUnitOfWork

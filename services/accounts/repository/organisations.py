"""Authorities, institutions, their history, and their staff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing
from shared.platform.database import save_versioned
from shared.platform.errors import NotFound
from shared.platform.ids import new_id
from shared.trade.divisions import Tier
from shared.trade.institutions import InstitutionGroup, LicenceStatus
from shared.trade.resident_id import ResidentId

from ..domain.organisations import INSTITUTION, Authority, ExamScope, Institution, searchable
from ..domain.staff import PhoneProof, StaffMember
from ..models import (
    AuthorityRow,
    CredentialsRow,
    InstitutionRow,
    OrganisationHistoryRow,
    OrganisationLineageRow,
    PersonRow,
    StaffRow,
)

_ENTERED = ("entered",)


class Authorities:
    """The tree of authorities; a province has a few hundred at most, so it is read whole."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[UUID, Authority] | None = None

    def all(self) -> dict[UUID, Authority]:
        """Every authority by identifier, read once in a unit of work."""
        if self._known is None:
            self._known = {row.id: _authority(row) for row in self._session.scalars(select(AuthorityRow))}
        return self._known

    def get(self, authority_id: UUID) -> Authority:
        """An authority, or `NotFound("authority_unknown")`."""
        found = self.all().get(authority_id)
        if found is None:
            raise NotFound("authority_unknown")
        return found

    def by_code(self, code: str) -> Authority | None:
        """The authority with the code of the loaded file."""
        return next((authority for authority in self.all().values() if authority.code == code), None)

    def add(self, authority: Authority, *, now: datetime, by: str) -> None:
        """Enter an authority, with the first line of its history."""
        values = _authority_values(authority)
        self._session.add(AuthorityRow(id=authority.id, version=authority.version, **values))
        self._session.flush()
        _remember(self._session, authority, authority.kind, _ENTERED, now, by)
        self._known = None

    def save(self, authority: Authority, changed: tuple[str, ...], *, now: datetime, by: str) -> Authority:
        """Write an authority back, and what it is now into its history."""
        version = save_versioned(
            self._session,
            AuthorityRow,
            authority.id,
            authority.version,
            _authority_values(authority),
            "organisation_changed",
        )
        self._known = None
        saved = replace(authority, version=version)
        _remember(self._session, saved, authority.kind, changed, now, by)
        return saved


class Institutions:
    """Institutions by identifier, by licence number and by a part of their name."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, institution_id: UUID) -> Institution:
        """An institution, or `NotFound("institution_unknown")`."""
        row = self._session.get(InstitutionRow, institution_id, populate_existing=True)
        if row is None:
            raise NotFound("institution_unknown")
        return institution_of(row)

    def by_licence(self, number: str) -> Institution | None:
        """The institution with a licence number."""
        row = self._session.scalar(select(InstitutionRow).where(InstitutionRow.licence_number == number))
        return None if row is None else institution_of(row)

    def matching(self, query: Any) -> list[Institution]:
        """What a query over the rows finds, in its order."""
        return [institution_of(row) for row in self._session.scalars(query)]

    def add(self, institution: Institution, *, now: datetime, by: str) -> None:
        """Enter an institution, with the first line of its history."""
        values = _institution_values(institution)
        self._session.add(InstitutionRow(id=institution.id, version=institution.version, **values))
        self._session.flush()
        _remember(self._session, institution, INSTITUTION, _ENTERED, now, by)

    def save(self, institution: Institution, changed: tuple[str, ...], *, now: datetime, by: str) -> Institution:
        """Write an institution back, and what it is now into its history."""
        version = save_versioned(
            self._session,
            InstitutionRow,
            institution.id,
            institution.version,
            _institution_values(institution),
            "organisation_changed",
        )
        saved = replace(institution, version=version)
        _remember(self._session, saved, INSTITUTION, changed, now, by)
        return saved

    def link(self, predecessor: UUID, successor: UUID, *, now: datetime, by: str) -> bool:
        """Note that one institution came out of another (历史沿革); False if that was known."""
        dialect = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        statement = dialect.insert(OrganisationLineageRow).values(
            id=new_id(), predecessor_id=predecessor, successor_id=successor, recorded_at=now, recorded_by=by
        )
        written = self._session.execute(statement.on_conflict_do_nothing().returning(OrganisationLineageRow.id))
        return written.one_or_none() is not None

    def predecessors(self, institution_id: UUID) -> list[UUID]:
        """The institutions that one came out of, oldest entry first."""
        query = select(OrganisationLineageRow.predecessor_id).where(
            OrganisationLineageRow.successor_id == institution_id
        )
        return list(self._session.scalars(query.order_by(OrganisationLineageRow.recorded_at)))

    def history(self, institution_id: UUID) -> list[dict[str, Any]]:
        """What an organisation was, version by version."""
        query = select(OrganisationHistoryRow.facts).where(OrganisationHistoryRow.organisation_id == institution_id)
        return list(self._session.scalars(query.order_by(OrganisationHistoryRow.version)))


class Staff:
    """Members of staff with the login name of their account."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def get(self, staff_id: UUID) -> StaffMember:
        """A member of staff, or `NotFound("staff_unknown")`."""
        found = self._one(StaffRow.id == staff_id)
        if found is None:
            raise NotFound("staff_unknown")
        return found

    def of_account(self, account_id: UUID) -> StaffMember:
        """Who signs in with an account, or `NotFound("staff_unknown")`."""
        found = self._one(StaffRow.account_id == account_id)
        if found is None:
            raise NotFound("staff_unknown")
        return found

    def by_account(self, account_id: UUID) -> StaffMember | None:
        """The same for somebody who may not be there."""
        return self._one(StaffRow.account_id == account_id)

    def person_of(self, account_id: UUID) -> UUID | None:
        """The person with the ID number of who signs in with an account, from the day that person has an account."""
        query = select(PersonRow.id).join(StaffRow, StaffRow.id_index == PersonRow.id_index)
        return self._session.scalar(query.where(StaffRow.account_id == account_id))

    def add(self, member: StaffMember) -> None:
        """Enter a member of staff; the credentials stand already."""
        self._session.add(StaffRow(id=member.id, version=member.version, **self._values(member)))
        self._session.flush()

    def save(self, member: StaffMember) -> StaffMember:
        """Write a member of staff back unless changed meanwhile."""
        version = save_versioned(
            self._session, StaffRow, member.id, member.version, self._values(member), "staff_changed"
        )
        return replace(member, version=version)

    def _one(self, condition: ColumnElement[bool]) -> StaffMember | None:
        query = select(StaffRow, CredentialsRow.login_name).join(
            CredentialsRow, CredentialsRow.account_id == StaffRow.account_id
        )
        found = self._session.execute(query.where(condition).execution_options(populate_existing=True)).one_or_none()
        if found is None:
            return None
        row, login_name = found
        return StaffMember(
            id=row.id,
            version=row.version,
            account_id=row.account_id,
            organisation_id=row.organisation_id,
            organisation_kind=row.organisation_kind,
            role=row.role,
            name=row.name,
            login_name=self._ring.open(login_name, purpose="login_name"),
            phone=None if row.phone is None else self._ring.open(row.phone, purpose="phone"),
            email=None if row.email is None else self._ring.open(row.email, purpose="email"),
            is_active=row.is_active,
            id_number=None
            if row.id_number is None
            else ResidentId(self._ring.open(row.id_number, purpose="id_number")),
            phone_proof=None
            if row.phone_proved_by is None or row.phone_proved_at is None
            else PhoneProof(row.phone_proved_by, row.phone_proved_at),
        )

    def _values(self, member: StaffMember) -> dict[str, Any]:
        number = None if member.id_number is None else member.id_number.value
        return {
            "account_id": member.account_id,
            "organisation_id": member.organisation_id,
            "organisation_kind": member.organisation_kind,
            "role": member.role,
            "name": member.name,
            "phone": None if member.phone is None else self._ring.seal(member.phone, purpose="phone"),
            "email": None if member.email is None else self._ring.seal(member.email, purpose="email"),
            "is_active": member.is_active,
            "id_number": None if number is None else self._ring.seal(number, purpose="id_number"),
            "id_index": None if number is None else self._ring.index(number, purpose="id_number"),
            "phone_proved_by": None if member.phone_proof is None else member.phone_proof.by,
            "phone_proved_at": None if member.phone_proof is None else member.phone_proof.at,
        }


def institution_of(row: InstitutionRow) -> Institution:
    """The institution that a row holds."""
    return Institution(
        id=row.id,
        version=row.version,
        licence_number=row.licence_number,
        name=row.name,
        licence_status=LicenceStatus(row.licence_status),
        licence_valid_to=row.licence_valid_to,
        status_since=row.status_since,
        division=row.division,
        category=InstitutionGroup(row.category),
        authority_id=row.authority_id,
        credit_code=row.credit_code,
        grade=row.grade,
        beds=row.beds,
        departments=tuple(row.departments),
        address=row.address,
        is_county_or_below=row.is_county_or_below,
        is_military=row.is_military,
    )


def _authority(row: AuthorityRow) -> Authority:
    return Authority(
        id=row.id,
        version=row.version,
        code=row.code,
        kind=row.kind,
        name=row.name,
        tier=None if row.tier is None else Tier(row.tier),
        division=row.division,
        superior_id=row.superior_id,
        window_address=row.window_address,
        phone=row.phone,
        scope=None if row.scope is None else ExamScope(row.scope),
    )


def _authority_values(authority: Authority) -> dict[str, Any]:
    values = asdict(authority)
    del values["id"], values["version"]
    return values | {
        "tier": None if authority.tier is None else authority.tier.value,
        "scope": None if authority.scope is None else authority.scope.value,
    }


def _institution_values(institution: Institution) -> dict[str, Any]:
    values = asdict(institution)
    del values["id"], values["version"]
    return values | {
        "licence_status": institution.licence_status.value,
        "category": institution.category.value,
        "departments": list(institution.departments),
        "search_name": searchable(institution.name),
    }


def _remember(
    session: Session, record: Authority | Institution, kind: str, changed: Iterable[str], now: datetime, by: str
) -> None:
    session.add(
        OrganisationHistoryRow(
            id=new_id(),
            organisation_id=record.id,
            kind=kind,
            version=record.version,
            recorded_at=now,
            recorded_by=by,
            changed=list(changed),
            facts={name: _plain(value) for name, value in asdict(record).items()},
        )
    )
    session.flush()


def _plain(value: Any) -> Any:
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    return value

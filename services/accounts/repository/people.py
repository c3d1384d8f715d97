"""Persons and their accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing
from shared.platform.database import save_versioned
from shared.platform.errors import Conflict, NotFound
from shared.trade.names import PersonName
from shared.trade.resident_id import ResidentId

from ..domain.account import Account, AccountState
from ..domain.identity import Identity, Person
from ..models import (
    AccountQualificationRow,
    AccountRow,
    CredentialsRow,
    PaperCertificateRow,
    PersonRow,
)
from .constraints import violates


class Persons:
    """Persons by identifier and by ID number."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def add(self, person: Person, *, now: datetime) -> None:
        """Enter a person; `Conflict("already_registered")` if someone with this ID came first."""
        self._session.add(
            PersonRow(
                id=person.id,
                version=person.version,
                name=person.identity.name.value,
                id_type=person.identity.id_type,
                id_number=self._ring.seal(person.identity.number.value, purpose="id_number"),
                id_index=self._index(person.identity.number),
                province=person.province,
                created_at=now,
            )
        )
        try:
            self._session.flush()
        except IntegrityError as error:
            if violates(error, "persons", "id_index"):
                raise Conflict("already_registered") from None
            raise

    def get(self, person_id: UUID) -> Person:
        """A person, or `NotFound("person_unknown")`."""
        row = self._session.get(PersonRow, person_id)
        if row is None:
            raise NotFound("person_unknown")
        return self._person(row)

    def find(self, number: ResidentId) -> Person | None:
        """The person with an ID number, if there is one."""
        row = self._session.scalar(select(PersonRow).where(PersonRow.id_index == self._index(number)))
        return None if row is None else self._person(row)

    def _index(self, number: ResidentId) -> str:
        return self._ring.index(number.value, purpose="id_number")

    def _person(self, row: PersonRow) -> Person:
        number = ResidentId(self._ring.open(row.id_number, purpose="id_number"))
        return Person(row.id, row.version, Identity(PersonName(row.name), row.id_type, number), row.province)


class Accounts:
    """People's accounts, with the qualifications recognised and the paper certificates entered."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def add(self, account: Account) -> None:
        """Open an account for a person just entered; its credentials are added beside it."""
        self._session.add(
            AccountRow(
                id=account.id,
                version=account.version,
                person_id=account.person_id,
                opened_at=account.opened_at,
                consent_version=account.consent_version,
                **self._values(account),
            )
        )
        self._session.flush()

    def get(self, account_id: UUID, *, lock: bool = False) -> Account:
        """An account, or `NotFound("account_unknown")`. `lock` lets no other change in before the commit."""
        return self._one(AccountRow.id == account_id, lock=lock)

    def of_person(self, person_id: UUID, *, lock: bool = False) -> Account:
        """The one account of a person."""
        return self._one(AccountRow.person_id == person_id, lock=lock)

    def with_bound_phone(self, phone: str) -> UUID | None:
        """The account that a phone is bound to (E13: a phone that isn't bound is no login)."""
        index = self._ring.index(phone, purpose="phone")
        return self._session.scalar(select(AccountRow.id).where(AccountRow.bound_phone_index == index))

    def save(self, account: Account, *, now: datetime) -> Account:
        """Write an account back unless it was changed meanwhile; `Conflict("phone_taken")` where E12 forbids it."""
        try:
            version = save_versioned(
                self._session, AccountRow, account.id, account.version, self._values(account), "account_changed"
            )
        except IntegrityError as error:
            if violates(error, "accounts", "bound_phone_index"):
                raise Conflict("phone_taken") from None
            raise
        self._append(AccountQualificationRow, account.id, account.qualification_ids, recognised_at=now)
        self._append(PaperCertificateRow, account.id, account.paper_certificates, entered_at=now)
        return replace(account, version=version)

    def _one(self, condition: Any, *, lock: bool) -> Account:
        query = select(AccountRow, CredentialsRow.login_name).join(
            CredentialsRow, CredentialsRow.account_id == AccountRow.id
        )
        query = query.where(condition).execution_options(populate_existing=True)
        found = self._session.execute(query.with_for_update(of=AccountRow) if lock else query).one_or_none()
        if found is None:
            raise NotFound("account_unknown")
        row, login_name = found
        return self._account(row, login_name)

    def _account(self, row: AccountRow, login_name: str) -> Account:
        open_ = self._ring.open
        return Account(
            id=row.id,
            person_id=row.person_id,
            version=row.version,
            state=AccountState(row.state),
            province=row.province,
            login_name=open_(login_name, purpose="login_name"),
            phone=open_(row.phone, purpose="phone"),
            email=None if row.email is None else open_(row.email, purpose="email"),
            consent_version=row.consent_version,
            opened_at=row.opened_at,
            phone_bound=row.bound_phone_index is not None,
            qualification_ids=self._linked(AccountQualificationRow, row.id),
            paper_certificates=self._linked(PaperCertificateRow, row.id),
            ticket=None if row.ticket is None else open_(row.ticket, purpose="ticket"),
            failed_proofs=row.failed_proofs,
            activated_at=row.activated_at,
            activation_route=row.activation_route,
            activated_with=row.activated_with,
            disabled_at=row.disabled_at,
            disabled_because=row.disabled_because,
        )

    def _values(self, account: Account) -> dict[str, Any]:
        seal = self._ring.seal
        return {
            "state": account.state.value,
            "province": account.province,
            "phone": seal(account.phone, purpose="phone"),
            "email": None if account.email is None else seal(account.email, purpose="email"),
            "bound_phone_index": self._ring.index(account.phone, purpose="phone") if account.phone_bound else None,
            "ticket": None if account.ticket is None else seal(account.ticket, purpose="ticket"),
            "failed_proofs": account.failed_proofs,
            "activated_at": account.activated_at,
            "activation_route": account.activation_route,
            "activated_with": account.activated_with,
            "disabled_at": account.disabled_at,
            "disabled_because": account.disabled_because,
        }

    def _linked(self, row: type[AccountQualificationRow | PaperCertificateRow], account_id: UUID) -> tuple[UUID, ...]:
        query = select(row.qualification_id).where(row.account_id == account_id).order_by(row.position)
        return tuple(self._session.scalars(query))

    def _append(
        self,
        row: type[AccountQualificationRow | PaperCertificateRow],
        account_id: UUID,
        wanted: tuple[UUID, ...],
        **when: datetime,
    ) -> None:
        known = self._linked(row, account_id)
        for position, qualification_id in enumerate(wanted):
            if qualification_id not in known:
                self._session.add(
                    row(account_id=account_id, qualification_id=qualification_id, position=position, **when)
                )
        self._session.flush()

"""Staff of organisations from a file, each with an account of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from shared.platform.errors import InvalidInput
from shared.platform.ids import new_id
from shared.trade.contact import check_password, parse_email, parse_login_name, parse_mobile
from shared.trade.institutions import LicenceNumber
from shared.trade.names import PersonName
from shared.trade.resident_id import ResidentId

from ..domain.credentials import Credentials
from ..domain.field_faults import FieldFaults, field_fault
from ..domain.knobs import AccountKnobs
from ..domain.organisations import INSTITUTION
from ..domain.staff import PhoneProof, StaffMember, check_role
from ..news import tell_staff
from ..passwords import hash_password_here
from ..schemas import StaffLine
from ..unit_of_work import AccountsUnitOfWork
from .organisations import Line
from .report import Done, LoadReport, Outcome, report_line


@dataclass(frozen=True)
class StaffLoader:
    """Writes lines at a moment. A password in the file is a first one: it is set with the account and never again.

    Whoever loads the file vouches for the phones in it and is kept with them: deadlines are told there without a code.

    An ID number that is known stays where a line has none, so that no file without the column lets staff decide their
    own applications.
    """

    unit_of_work: Callable[[], AccountsUnitOfWork]
    now: datetime
    knobs: AccountKnobs

    def load(self, lines: Sequence[Line]) -> LoadReport:
        """Load the file; the login name is the key of a line."""
        report = LoadReport()
        for number, cells in lines:
            key = cells.get("login_name", "").strip()
            report.lines.append(report_line(number, key, partial(self._member, cells)))
        return report

    def _member(self, cells: dict[str, str]) -> Done:
        line: dict[str, Any] = StaffLine().load(cells)
        faults = FieldFaults()
        login_name = faults.read("login_name", parse_login_name, line["login_name"])
        name = faults.read("name", PersonName.parse, line["name"])
        phone = faults.read("phone", parse_mobile, line["phone"]) if line["phone"] else None
        email = faults.read("email", parse_email, line["email"]) if line["email"] else None
        id_number = faults.read("id_number", ResidentId.parse, line["id_number"]) if line["id_number"] else None
        faults.raise_any()
        with self.unit_of_work() as uow:
            organisation_id, kind, division = self._organisation(uow, line["organisation"])
            check_role(line["role"], kind)
            credentials = uow.credentials.find(str(login_name))
            known = uow.staff.by_account(credentials.account_id) if credentials else None
            if credentials is not None and known is None:
                raise field_fault("login_name", "login_name_taken")
            member = StaffMember(
                id=known.id if known else new_id(),
                version=known.version if known else 1,
                account_id=known.account_id if known else new_id(),
                organisation_id=organisation_id,
                organisation_kind=kind,
                role=line["role"],
                name=str(name),
                login_name=known.login_name if known else str(login_name),
                phone=phone,
                email=email,
                is_active=line["active"],
                id_number=id_number or (known.id_number if known else None),
                phone_proof=self._proof(uow, phone, known),
            )
            if known is None:
                self._enter(uow, member, line["password"])
                changed: tuple[str, ...] = ()
            else:
                changed = _differs(known, member)
                if not changed:
                    return Done(Outcome.UNCHANGED)
                member = uow.staff.save(member)
                if not member.is_active:
                    uow.sessions.end_all(member.account_id, self.now)
            tell_staff(uow, member, division)
            uow.commit()
        return Done(Outcome.CHANGED, changed) if known else Done(Outcome.CREATED)

    def _proof(self, uow: AccountsUnitOfWork, phone: str | None, known: StaffMember | None) -> PhoneProof | None:
        """Whoever loads the file vouches for its phones; one that stays the same keeps whoever vouched for it first."""
        if phone is None:
            return None
        if known is not None and known.phone == phone and known.phone_proof is not None:
            return known.phone_proof
        return PhoneProof(uow.context.actor, self.now)

    def _enter(self, uow: AccountsUnitOfWork, member: StaffMember, password: str | None) -> None:
        if password is None:
            raise field_fault("password", "required")
        faults = FieldFaults()
        knobs = self.knobs
        faults.read("password", check_password, password, length=knobs.password_length, classes=knobs.password_classes)
        faults.raise_any()
        credentials = Credentials(member.account_id, "staff", member.login_name, hash_password_here(password))
        uow.credentials.add(credentials, now=self.now)
        uow.staff.add(member)

    def _organisation(self, uow: AccountsUnitOfWork, key: str) -> tuple[UUID, str, str]:
        """The organisation that a cell names: its identifier, kind and division."""
        authority = uow.authorities.by_code(key)
        if authority is not None:
            return authority.id, authority.kind, authority.division
        try:
            institution = uow.institutions.by_licence(LicenceNumber.parse(key).value)
        except InvalidInput:
            institution = None
        if institution is None:
            raise field_fault("organisation", "organisation_unknown")
        return institution.id, INSTITUTION, institution.division


def _differs(old: StaffMember, new: StaffMember) -> tuple[str, ...]:
    return tuple(item.name for item in fields(old) if getattr(old, item.name) != getattr(new, item.name))

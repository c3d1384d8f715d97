"""Authorities and institutions from files; a file may be loaded again, and only what differs is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from shared.platform.ids import new_id
from shared.platform.working_days import local_date
from shared.trade.divisions import Tier, path_of
from shared.trade.institutions import LicenceNumber, parse_credit_code

from ..domain.field_faults import FieldFaults, field_fault
from ..domain.organisations import (
    AUTHORITY,
    Authority,
    ExamScope,
    Institution,
    check_authority,
    check_institution,
    differs,
    order_by_tree,
    standing_on,
)
from ..news import tell_authority, tell_institution, tell_licence_status
from ..schemas import AuthorityLine, InstitutionLine
from ..unit_of_work import AccountsUnitOfWork
from .report import Done, LoadReport, Outcome, report_line

Line = tuple[int, dict[str, str]]
"""The number of a line in its file, and its cells by column."""


@dataclass(frozen=True)
class OrganisationLoader:
    """Writes lines as somebody's act at a moment, for the provinces that the deployment serves (design §1)."""

    unit_of_work: Callable[[], AccountsUnitOfWork]
    now: datetime
    by: str
    provinces: tuple[str, ...]

    def load_authorities(self, lines: Sequence[Line]) -> LoadReport:
        """Load the tree, each superior before those below it whatever the order of the file."""
        report = LoadReport()
        by_code: dict[str, Line] = {}
        for number, cells in lines:
            code = cells.get("code", "").strip()
            if code and code not in by_code:
                by_code[code] = number, cells
            else:
                again = _named_twice if code else partial(self._authority, cells)
                report.lines.append(report_line(number, code, again))
        for code in order_by_tree([(code, cells.get("superior", "").strip()) for code, (_, cells) in by_code.items()]):
            number, cells = by_code[code]
            report.lines.append(report_line(number, code, partial(self._authority, cells)))
        report.sort()
        return report

    def load_institutions(self, lines: Sequence[Line]) -> LoadReport:
        """Load institutions in the order of the file; predecessors stand before their successors."""
        report = LoadReport()
        for number, cells in lines:
            key = cells.get("licence_number", "").strip()
            report.lines.append(report_line(number, key, partial(self._institution, cells)))
        return report

    def _authority(self, cells: dict[str, str]) -> Done:
        line: dict[str, Any] = AuthorityLine().load(cells)
        faults = FieldFaults()
        division = faults.read("division", path_of, line["division"])
        faults.raise_any()
        with self.unit_of_work() as uow:
            superior = uow.authorities.by_code(line["superior"]) if line["superior"] else None
            if line["superior"] and superior is None:
                raise field_fault("superior", "authority_unknown")
            known = uow.authorities.by_code(line["code"])
            authority = Authority(
                id=known.id if known else new_id(),
                version=known.version if known else 1,
                code=line["code"],
                kind=line["kind"],
                name=line["name"],
                tier=None if line["tier"] is None else Tier(line["tier"]),
                division=division or "",
                superior_id=superior.id if superior else None,
                window_address=line["window_address"],
                phone=line["phone"],
                scope=None if line["scope"] is None else ExamScope(line["scope"]),
            )
            check_authority(authority, superior)
            # The exam centre serves the whole country from its own seat.
            if authority.kind == AUTHORITY:
                self._require_served(authority.province)
            if known is None:
                uow.authorities.add(authority, now=self.now, by=self.by)
                changed: tuple[str, ...] = ()
            else:
                changed = differs(known, authority)
                if not changed:
                    return Done(Outcome.UNCHANGED)
                authority = uow.authorities.save(authority, changed, now=self.now, by=self.by)
            tell_authority(uow, authority)
            uow.commit()
        return Done(Outcome.CHANGED, changed) if known else Done(Outcome.CREATED)

    def _institution(self, cells: dict[str, str]) -> Done:
        line: dict[str, Any] = InstitutionLine().load(cells)
        faults = FieldFaults()
        number = faults.read("licence_number", LicenceNumber.parse, line["licence_number"])
        division = faults.read("division", path_of, line["division"])
        credit_code = (
            faults.read("credit_code", parse_credit_code, line["credit_code"]) if line["credit_code"] else None
        )
        faults.raise_any()
        with self.unit_of_work() as uow:
            authority = uow.authorities.by_code(line["authority"])
            if authority is None:
                raise field_fault("authority", "authority_unknown")
            known = uow.institutions.by_licence(str(number))
            county = line["is_county_or_below"]
            institution = Institution(
                id=known.id if known else new_id(),
                version=known.version if known else 1,
                licence_number=str(number),
                name=line["name"],
                licence_status=line["licence_status"],
                licence_valid_to=line["licence_valid_to"],
                status_since=local_date(self.now),
                division=division or "",
                category=line["category"],
                authority_id=authority.id,
                credit_code=credit_code,
                grade=line["grade"],
                beds=line["beds"],
                departments=_departments(line["departments"]),
                address=line["address"],
                is_county_or_below=authority.tier is Tier.COUNTY if county is None else county,
                is_military=line["is_military"],
            )
            warnings = check_institution(institution, authority)
            # A military institution stands outside the civil tree (医师法 art.65).
            if not institution.is_military:
                self._require_served(institution.province)
            # As the timer has left it: a file that calls an ended licence valid changes nothing.
            institution = standing_on(institution, local_date(self.now))
            done = self._save_institution(uow, known, institution, authority, line["predecessor"])
        return replace(done, warnings=warnings)

    def _require_served(self, province: str) -> None:
        """Refuse a line of a province that is served elsewhere: it would have two owners."""
        if province not in self.provinces:
            raise field_fault("division", "province_not_served")

    def _save_institution(
        self,
        uow: AccountsUnitOfWork,
        known: Institution | None,
        institution: Institution,
        authority: Authority,
        predecessor: str | None,
    ) -> Done:
        changed = differs(known, institution) if known else ()
        if known is None:
            uow.institutions.add(institution, now=self.now, by=self.by)
        elif changed:
            if "licence_status" not in changed:
                institution = replace(institution, status_since=known.status_since)
            institution = uow.institutions.save(institution, changed, now=self.now, by=self.by)
        linked = predecessor is not None and self._link(uow, institution, predecessor)
        if known is not None and not changed and not linked:
            return Done(Outcome.UNCHANGED)
        if known is None or changed:
            tell_institution(uow, institution, authority)
        if "licence_status" in changed:
            tell_licence_status(uow, institution, institution.status_since)
        uow.commit()
        if known is None:
            return Done(Outcome.CREATED)
        return Done(Outcome.CHANGED, (*changed, *(("predecessor",) if linked else ())))

    def _link(self, uow: AccountsUnitOfWork, institution: Institution, predecessor: str) -> bool:
        """Note where an institution came from (历史沿革)."""
        faults = FieldFaults()
        number = faults.read("predecessor", LicenceNumber.parse, predecessor)
        faults.raise_any()
        before = uow.institutions.by_licence(str(number))
        if before is None or before.id == institution.id:
            raise field_fault("predecessor", "institution_unknown")
        return uow.institutions.link(before.id, institution.id, now=self.now, by=self.by)


def _departments(text: str) -> tuple[str, ...]:
    """The departments 诊疗科目 of a cell, between semicolons of either width."""
    parts = (part.strip() for part in text.replace("；", ";").split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))


def _named_twice() -> Done:
    raise field_fault("code", "named_twice")

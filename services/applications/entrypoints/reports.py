"""What an organisation starts: a cancellation that is reported or found, the end of a filing, a departure (§3.6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.contracts import applications as contracts
from shared.platform.bus import rpc
from shared.platform.errors import Conflict, InvalidInput
from shared.platform.ids import new_id
from shared.trade.statuses import ApplicationState

from .. import views
from ..domain.application import Application
from ..domain.assessment import Occasion
from ..domain.business import BusinessKind, startable_kind
from ..domain.effect import Changes, Decision, Ending
from ..domain.filing import EndReason, Filing, open_on
from ..domain.form import check_step
from ..domain.register import Registration, entry_at
from ..domain.register_acts import left
from ..domain.reporting import report
from ..enacting import enact
from ..gathering import Asked, Gathered, asked, gather
from ..unit_of_work import ApplicationsUnitOfWork
from .base import ApplicationsWork
from .submission import submitted

DEPARTURE_PREFIX = "LG"


class Reports(ApplicationsWork):
    """The institution's and the authority's own acts."""

    @rpc(contracts.REPORT, action="application.report")
    def report(self, command: dict[str, Any]) -> dict[str, Any]:
        """Start and submit in one step; its papers come to the window, the physician is told and may object."""
        kind = startable_kind(command["type"], command["sub_kind"], self.actor.organisation_kind)
        now, today = self._now()
        registration, filing = self._about(command)
        self.actor.require(registration if filing is None else filing, hide=True)
        values = _values(kind, command["values"], today)
        wanted = self._wanted_of(kind, registration, filing)
        gathered = gather(self.bus, wanted)
        with self.unit_of_work() as uow:
            uow.register.lock(registration.id)
            saved = start_report(
                self,
                uow,
                kind,
                gathered,
                form=values,
                subject_id=registration.id,
                filing_id=None if filing is None else filing.id,
                started_by=self.actor.organisation_kind,
                starter_id=self.actor.organisation_id,
                now=now,
                today=today,
            )
            view = self._view(uow, saved, today)
            uow.commit(view)
        return view

    @rpc(contracts.FILE_DEPARTURE, action="registration.leave")
    def file_departure(self, command: dict[str, Any]) -> dict[str, Any]:
        """离岗备案 holds with the report (医师执业注册管理办法 art.19), and ends what is filed on the registration."""
        now, today = self._now()
        with self.unit_of_work() as uow:
            found = uow.register.get(command["registration_id"])
            self.actor.require(found, hide=True)
            require_version(found, command["version"])
            number = uow.numbers.application_number(DEPARTURE_PREFIX, today)
            turn = left(found, command["left_on"], number, today=today)
            filings = open_on(uow.filings.of_registration(found.id), found.id, today)
            changes = Changes(
                turns=(turn,),
                endings=tuple(Ending(filing, today, EndReason.REGISTRATION_ENDED) for filing in filings),
            )
            enact(uow, changes, None, entered(found, number, command["left_on"]), now)
            view = registration_view(uow, found.id, now, today)
            uow.commit(view)
        return view

    def _about(self, command: dict[str, Any]) -> tuple[Registration, Filing | None]:
        """What is reported on: a registration, or a filing with the registration that it is on."""
        registration_id, filing_id = command["registration_id"], command["filing_id"]
        if registration_id is None and filing_id is None:
            raise InvalidInput("invalid_input", fields={"registration_id": ["required"]})
        with self.unit_of_work(read_only=True) as uow:
            filing = None if filing_id is None else uow.filings.get(filing_id)
            found = uow.register.get(registration_id if filing is None else filing.registration_id)
        return found, filing

    def _wanted_of(self, kind: BusinessKind, registration: Registration, filing: Filing | None) -> Asked:
        with self.unit_of_work(read_only=True) as uow:
            return asked(
                uow,
                kind,
                person_id=registration.person_id,
                qualification_id=None,
                named_id=None,
                subject_id=registration.id,
                filing_id=None if filing is None else filing.id,
            )


def registration_view(uow: ApplicationsUnitOfWork, registration_id: UUID, now: datetime, today: date) -> dict[str, Any]:
    """A registration as it stands after what was just entered."""
    found = uow.register.get(registration_id)
    entry = entry_at(uow.register.history(found.id), as_of=max(today, found.standing_since), known_at=now)
    if entry is None:
        raise ValueError("a registration without an entry for today")
    return views.registration(found, entry, now, uow.filings.of_registration(found.id), today)


def start_report(
    work: ApplicationsWork,
    uow: ApplicationsUnitOfWork,
    kind: BusinessKind,
    gathered: Gathered,
    *,
    form: dict[str, dict[str, Any]],
    subject_id: UUID,
    filing_id: UUID | None,
    started_by: str,
    starter_id: UUID | None,
    now: datetime,
    today: date,
) -> Application:
    """Write an application that others than the physician start, submitted at once, and announce it."""
    institution = gathered.institution
    if institution is None:
        raise ValueError("a registration has an institution")
    draft = Application(
        id=new_id(),
        version=1,
        number=uow.numbers.application_number(kind.number_prefix, today),
        province=institution.province,
        type=kind.type.value,
        sub_kind=kind.sub_kind,
        state=ApplicationState.DRAFT,
        submission=0,
        person_id=gathered.applicant.person_id,
        identity=gathered.identity,
        qualification=gathered.qualification,
        created_at=now,
        updated_at=now,
        form=form,
        institution=institution,
        releasing=gathered.releasing,
        subject_id=subject_id,
        filing_id=filing_id,
        started_by=started_by,
        starter_id=starter_id,
    )
    assessment = work._assess(uow, kind, gathered, on=today, occasion=Occasion.SUBMISSION, application=draft)
    reported = report(draft, kind, assessment, now=now)
    uow.applications.add(reported)
    uow.assessments.add(reported, assessment, at=now)
    uow.announce(
        contracts.APPLICATION_SUBMITTED,
        aggregate_id=reported.id,
        data=submitted(reported, kind, assessment),
        province=reported.province,
    )
    return reported


def entered(registration: Registration, number: str, day: date) -> Decision:
    """An entry into a registration without an application, in the name of the authority that keeps it."""
    standing = registration.standing
    return Decision(number, day, standing.authority_id, standing.authority_name, standing.authority_path.split("/")[-1])


def _values(kind: BusinessKind, values: dict[str, Any], today: date) -> dict[str, dict[str, Any]]:
    """The kind's form of a report: its one page with something to fill in, checked; the others stand empty."""
    pages = [step for step in kind.steps if not step.takes_files and not step.is_last]
    form: dict[str, dict[str, Any]] = {step.name: {} for step in pages}
    (page,) = [step for step in pages if step.can_be_changed]
    form[page.name] = check_step(page, values, today=today)
    return form


def require_version(registration: Registration, version: int) -> None:
    """Refuse what was asked for on another version of the registration than the present one."""
    if registration.version != version:
        raise Conflict("registration_changed", version=registration.version)

"""What the days bring: filings and suspensions end, departures lapse, reminders go out (`domain.md` §3.6, §3.7, §9.1).

Every replica runs these; an item is taken in a transaction of its own, so that a run may stop anywhere and go on
(design D18). A run that did something says what.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from shared.contracts import accounts
from shared.contracts import applications as contracts
from shared.platform.errors import Conflict, DomainError
from shared.platform.inbox import Event, on_event
from shared.platform.logging import get_logger
from shared.platform.timers import each_due, every
from shared.trade.statuses import BusinessType, CancelKind, CancellationGround

from ..domain.business import kind_of
from ..domain.days import add_years
from ..domain.effect import Changes, Ending
from ..domain.filing import EndReason
from ..domain.register import Registration
from ..domain.register_acts import lapses_on, resumed
from ..enacting import announce_filing, enact
from ..gathering import asked, gather
from ..models import FilingRow, RegistrationRow
from ..repository.filings import due_to_close, due_to_remind, filing_of
from ..repository.register import left_before, registration_of, suspensions_over
from ..unit_of_work import ApplicationsUnitOfWork
from .base import ApplicationsWork
from .reports import entered, start_report

_log = get_logger(__name__)

CLOSE: Final = "applications.close_filings"
REMIND: Final = "applications.remind_of_filings"
RESUME: Final = "applications.resume_suspended"
LAPSE_NEAR: Final = "applications.remind_of_lapses"
FILING_DAYS: Final = 30
"""Days before the end of a filing on which both institutions and the physician are reminded."""
LAPSE_DAYS: Final = (30, 90)
PROPOSED_AT_ONCE: Final = 50


class Nightly(ApplicationsWork):
    """Timers of the register."""

    @every(seconds=60)
    def close_filings(self) -> None:
        """Filings whose last day is over are told to have ended; since then nobody was shown them as valid."""
        _, today = self._now()
        due = due_to_close(today)
        self._report(CLOSE, each_due(self.unit_of_work, CLOSE, due, key=FilingRow.id, handle=self._close))

    @every(seconds=60)
    def remind_of_filings(self) -> None:
        """Thirty days before a filing ends."""
        _, today = self._now()
        due = due_to_remind(today + timedelta(days=FILING_DAYS))
        self._report(REMIND, each_due(self.unit_of_work, REMIND, due, key=FilingRow.id, handle=self._remind))

    @every(seconds=60)
    def resume_suspended(self) -> None:
        """A suspension whose last day is over ends once an assessment was passed (E49)."""
        _, today = self._now()
        due = suspensions_over(today).where(RegistrationRow.id.in_(self._assessed()))
        self._report(RESUME, each_due(self.unit_of_work, RESUME, due, key=RegistrationRow.id, handle=self._resume))

    @every(seconds=60)
    def propose_cancellations(self) -> None:
        """Two years after a departure an officer is asked to cancel (医师执业注册管理办法 art.19)."""
        _, today = self._now()
        with self.unit_of_work(read_only=True) as uow:
            rows = uow.session.scalars(left_before(self._left_too_long(today)).limit(PROPOSED_AT_ONCE))
            waiting = [registration_of(row) for row in rows if not uow.applications.is_reported(row.id)]
        self._report("applications.propose_cancellations", sum(self._propose(found, today) for found in waiting))

    @every(seconds=60)
    def remind_of_lapses(self) -> None:
        """Ninety and thirty days before the two years are over: physician, last institution and authority (§9.1)."""
        _, today = self._now()
        told = 0
        with self.unit_of_work(read_only=True) as uow:
            first = self._left_too_long(today + timedelta(days=max(LAPSE_DAYS)))
            found = [registration_of(row) for row in uow.session.scalars(left_before(first))]
        for registration in found:
            due_on = lapses_on(registration, self._years(registration.province, today))
            for days in LAPSE_DAYS:
                if today < due_on <= today + timedelta(days=days):
                    told += self._remind_of_lapse(registration, due_on, days)
                    break
        self._report(LAPSE_NEAR, told)

    @on_event(accounts.LICENCE_STATUS_CHANGED)
    def licence_status_changed(self, event: Event, uow: ApplicationsUnitOfWork, prepared: object) -> None:
        """A cancelled institution has nobody filed with it any more (§3.7)."""
        if event.data["status"] != "cancelled":
            return
        now, today = self._now()
        for filing in uow.filings.open_at(event.data["institution_id"], today):
            registration = uow.register.get(filing.registration_id)
            changes = Changes(endings=(Ending(filing, today, EndReason.INSTITUTION_CANCELLED),))
            enact(uow, changes, None, entered(registration, filing.decision_number, today), now)

    def _close(self, uow: ApplicationsUnitOfWork, row: FilingRow) -> None:
        row.closed_at = self.clock.now()
        if row.ended_on is None:
            announce_filing(uow, filing_of(row), "ended", uow.register.get(row.registration_id).institution_id)

    def _remind(self, uow: ApplicationsUnitOfWork, row: FilingRow) -> None:
        row.reminded_at = self.clock.now()
        announce_filing(uow, filing_of(row), "ends_soon", uow.register.get(row.registration_id).institution_id)

    def _resume(self, uow: ApplicationsUnitOfWork, row: RegistrationRow) -> None:
        now, today = self._now()
        registration = registration_of(row)
        turn = resumed(registration, uow.practice.last_passed(registration.id), today=today)
        if turn is not None:
            decision = entered(registration, registration.standing.decision_number, today)
            enact(uow, Changes(turns=(turn,)), None, decision, now)

    def _assessed(self) -> list[UUID]:
        """Suspended registrations with an assessment that lets them end; the others are not taken up at all."""
        _, today = self._now()
        with self.unit_of_work(read_only=True) as uow:
            rows = [registration_of(row) for row in uow.session.scalars(suspensions_over(today))]
            return [one.id for one in rows if resumed(one, uow.practice.last_passed(one.id), today=today)]

    def _propose(self, registration: Registration, today: date) -> bool:
        kind = kind_of(BusinessType.CANCEL, CancelKind.PROPOSED)
        now = self.clock.now()
        with self.unit_of_work(read_only=True) as uow:
            wanted = asked(
                uow,
                kind,
                person_id=registration.person_id,
                qualification_id=None,
                named_id=None,
                subject_id=registration.id,
                filing_id=None,
            )
        gathered = gather(self.bus, wanted)
        since = registration.standing_since
        ground = {
            "ground": CancellationGround.LEFT_TWO_YEARS.value,
            "happened_on": since.isoformat(),
            "known_on": today.isoformat(),
        }
        try:
            with self.unit_of_work() as uow:
                uow.register.lock(registration.id)
                start_report(
                    self,
                    uow,
                    kind,
                    gathered,
                    form={"registration": {}, "ground": ground},
                    subject_id=registration.id,
                    filing_id=None,
                    started_by="system",
                    starter_id=None,
                    now=now,
                    today=today,
                )
                uow.commit()
        except Conflict:
            return False  # another replica was quicker
        except DomainError as refused:
            _log.warning("cancellation_not_proposed", registration_id=str(registration.id), code=refused.code)
            return False
        return True

    def _remind_of_lapse(self, registration: Registration, due_on: date, days: int) -> bool:
        now = self.clock.now()
        with self.unit_of_work() as uow:
            if not uow.reminders.note(registration.id, f"lapse_{days}", due_on, now):
                return False
            standing = registration.standing
            uow.announce(
                contracts.LAPSE_NEAR,
                aggregate_id=registration.id,
                data={
                    "registration_id": registration.id,
                    "person_id": registration.person_id,
                    "institution_id": standing.institution_id,
                    "authority_id": standing.authority_id,
                    "since": registration.standing_since,
                    "lapses_on": due_on,
                    "days": days,
                },
                province=registration.province,
            )
            uow.commit()
        return True

    def _left_too_long(self, today: date) -> date:
        """Who left on this day or before has been away for the years of the policy (`lapse.years`)."""
        years = min(self._years(province, today) for province in self.settings.provinces)
        return add_years(today, -years)

    def _years(self, province: str, today: date) -> int:
        years: int = self.policy.on(today).whole("lapse.years", province)
        return years

    def _report(self, task: str, done: int) -> None:
        if done:
            _log.info("nightly_done", task=task, items=done)

"""What every family of entry points works with, and the few steps they share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.contracts import applications as contracts
from shared.platform.authorisation import ActorProvider
from shared.platform.backlog_provider import BacklogProvider
from shared.platform.bus import BusClient
from shared.platform.clock import ClockProvider
from shared.platform.database import UnitOfWorkProvider
from shared.platform.files import FileStoreProvider
from shared.platform.ids import new_id
from shared.platform.rate_limits import RateLimiterProvider
from shared.platform.settings_provider import SettingsProvider
from shared.platform.working_days import local_date

from .. import views
from ..authority import AUTHORITY
from ..dependencies import ChildWorkProvider, PolicyProvider
from ..domain.application import Application
from ..domain.assessment import Assessment, Occasion, Pin, assess
from ..domain.business import BusinessKind, kind_of
from ..domain.dossier import Dossier
from ..domain.register import Registration
from ..gathering import Gathered, facts_for
from ..repository.certificates import UNRENDERED
from ..unit_of_work import ApplicationsUnitOfWork

AUTHORITY_SEES_ALL = ("window", "officer", "head", "physician")


class ApplicationsWork:
    """The dependencies of the service, and what its families have in common."""

    actor = ActorProvider(AUTHORITY)
    clock = ClockProvider()
    settings = SettingsProvider()
    bus = BusClient()
    unit_of_work = UnitOfWorkProvider(ApplicationsUnitOfWork)
    files = FileStoreProvider()
    limits = RateLimiterProvider()
    policy = PolicyProvider()
    child = ChildWorkProvider()
    unrendered = BacklogProvider(UNRENDERED)

    def _now(self) -> tuple[datetime, date]:
        """The moment, and the legal day that it falls on."""
        now: datetime = self.clock.now()
        return now, local_date(now)

    def _read(self, application_id: UUID, *, version: int | None = None) -> Application:
        """An application that the caller may see for this action; whose it isn't learns nothing of it."""
        with self.unit_of_work(read_only=True) as uow:
            application: Application = uow.applications.get(application_id)
            self.actor.require(self._dossier(application), hide=True)
            return application if version is None else uow.applications.get(application_id, version=version)

    def _dossier(self, application: Application) -> Dossier:
        """The application with the tiers that look at it by its policy, as the case has them."""
        if application.institution is None or application.policy is None:
            return Dossier(application, ())
        in_force = self.policy.on(application.policy.on)
        return Dossier(application, tuple(in_force.texts("review.pre_tiers", application.institution.division)))

    def _tell_of_view(self, record: Application | Registration, what: str, reason: str) -> None:
        """Tell that a member of staff looked at somebody's papers; the person can see it (E71).

        Once a day for each of the staff and each record; a look for which a reason was asked is told each time.
        """
        viewer, (_, today) = self.actor.id, self._now()
        if not reason:
            with self.unit_of_work(read_only=True) as uow:
                if uow.views.was_seen(record.id, what, viewer, today):
                    return
        with self.unit_of_work() as uow:
            if not reason and not uow.views.note(record.id, what, viewer, today):
                return
            uow.announce(
                contracts.APPLICATIONS_DATA_VIEWED,
                aggregate_id=new_id(),
                data={
                    "person_id": record.person_id,
                    "role": self.actor.role,
                    "organisation_id": self.actor.organisation_id,
                    "what": what,
                    "reason": reason,
                },
                province=record.province,
            )
            uow.commit()

    def _home_province(self) -> str:
        """The province of a draft until its institution says another: the caller's, if it is one of this deployment."""
        provinces: tuple[str, ...] = self.settings.provinces
        return self.actor.province if self.actor.province in provinces else provinces[0]

    def _policy_values(self, kind: BusinessKind, application: Application, today: date) -> dict[str, Any]:
        """The knobs for an application: of the day it is pinned to, else of today."""
        division = application.institution.division if application.institution else application.province
        day = application.policy.on if application.policy else today
        values: dict[str, Any] = self.policy.values(kind, division, day)
        return values

    def _view(self, application: Application, today: date) -> dict[str, Any]:
        """The application as the caller may see it."""
        kind = kind_of(application.type)
        values = self._policy_values(kind, application, today)
        sees_sensitive = self.actor.role in AUTHORITY_SEES_ALL
        return views.application(application, kind, values, sees_sensitive=sees_sensitive)

    def _assess(
        self,
        uow: ApplicationsUnitOfWork,
        kind: BusinessKind,
        gathered: Gathered,
        *,
        on: date,
        occasion: Occasion,
        pin: Pin | None = None,
        application: Application | None = None,
        sub_kind: str = "",
    ) -> Assessment:
        """Run all rules, under today's policy or the one that is pinned."""
        institution = gathered.institution
        division = institution.division if institution else self._home_province()
        policy: Pin = pin or self.policy.pin(institution.province if institution else division, on)
        values = self.policy.values(kind, division, policy.on)
        if pin is not None and application is not None:
            # What was kept with the pin holds, whatever a file says of that day by now; what it lacks came later.
            values = {**values, **uow.assessments.latest(application.id).facts.policy}
        facts = facts_for(
            uow,
            kind,
            gathered,
            on=on,
            provinces=self.settings.provinces,
            policy=values,
            application=application,
            sub_kind=sub_kind,
        )
        return assess(kind, facts, policy, occasion)

"""Business types, readiness, and drafts page by page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from shared.contracts import applications as contracts
from shared.platform.bus import rpc
from shared.platform.errors import InvalidInput, NotFound, RuleViolated
from shared.platform.ids import new_id
from shared.platform.timers import every
from shared.trade.scopes import fits
from shared.trade.statuses import ApplicationState

from .. import views
from ..domain.application import Application, kept_on, refuse_too_many, save_step
from ..domain.assessment import Occasion
from ..domain.business import KINDS, available_kind, kind_of
from ..domain.institution import Institution
from ..gathering import fetch_institution, fetch_person, fetch_qualifications, gather
from .base import ApplicationsWork

PURGED_AT_ONCE = 100


class Drafts(ApplicationsWork):
    """What may be asked for, what stands in the way, and the form."""

    @rpc(contracts.BUSINESS_TYPE_LIST, action="business.list")
    def business_types(self, command: dict[str, Any]) -> dict[str, Any]:
        """All nine kinds, as they stand in the caller's province today."""
        _, today = self._now()
        province = self._home_province()
        return {
            "items": [views.business_type(kind, self.policy.values(kind, province, today)) for kind in KINDS.values()]
        }

    @rpc(contracts.READINESS, action="business.readiness")
    def readiness(self, command: dict[str, Any]) -> dict[str, Any]:
        """办理条件自查: all rules on what is known now; nothing is kept."""
        kind = available_kind(command["type"])
        _, today = self._now()
        person_id = self.actor.subject_id
        qualification_id = command["qualification_id"] or self._first_qualification(person_id)
        gathered = gather(self.bus, person_id, qualification_id, command["institution_id"])
        with self.unit_of_work(read_only=True) as uow:
            assessment = self._assess(
                uow,
                kind,
                gathered,
                on=today,
                occasion=Occasion.SUBMISSION,
                sub_kind=kind.available_sub_kinds[0],
            )
        values = assessment.facts.policy
        return {
            "type": kind.type.value,
            "ready": assessment.ready,
            "outcomes": views.outcomes(assessment.outcomes),
            "policy": views.pin(assessment.policy),
            "materials": [views.material(item) for item in kind.needed_materials(values, assessment.outcomes)],
            "decision_days": values["sla.decision_days"],
        }

    @rpc(contracts.START, action="application.start")
    def start(self, command: dict[str, Any]) -> dict[str, Any]:
        """Begin a draft with what the registries know; only an activated account may (E11)."""
        kind = available_kind(command["type"], command["sub_kind"])
        now, today = self._now()
        gathered = gather(self.bus, self.actor.subject_id, command["qualification_id"], None, must_be_activated=True)
        province = self._home_province()
        with self.unit_of_work() as uow:
            refuse_too_many(uow.applications.drafts_of(gathered.applicant.person_id))
            draft = Application(
                id=new_id(),
                version=1,
                number=uow.numbers.application_number(kind.number_prefix, today),
                province=province,
                type=kind.type.value,
                sub_kind=command["sub_kind"],
                state=ApplicationState.DRAFT,
                submission=0,
                person_id=gathered.applicant.person_id,
                identity=gathered.identity,
                qualification=gathered.qualification,
                created_at=now,
                updated_at=now,
            )
            draft = kept_on(draft, today, self._draft_days(province, today))
            uow.applications.add(draft)
            view = self._view(draft, today)
            uow.commit(view)
        return view

    @rpc(contracts.APPLICATION, action="application.read")
    def application(self, command: dict[str, Any]) -> dict[str, Any]:
        """An application, as much of it as the caller may see; what staff looks at is told to the person (E71)."""
        _, today = self._now()
        application = self._read(command["id"])
        if self.actor.kind == "staff":
            self._tell_of_view(application, "application", "")
        return self._view(application, today)

    @rpc(contracts.APPLICATIONS, action="application.list")
    def applications(self, command: dict[str, Any]) -> dict[str, Any]:
        """The caller's own, newest first."""
        limit = command["limit"]
        with self.unit_of_work(read_only=True) as uow:
            rows = uow.applications.of_person(self.actor.subject_id, after=_cursor(command["after"]), limit=limit)
            items = [views.application_row(row) for row in rows[:limit]]
        return {"items": items, "next": str(items[-1]["id"]) if len(rows) > limit else None}

    @rpc(contracts.SAVE_STEP, action="application.edit")
    def save_step(self, command: dict[str, Any]) -> dict[str, Any]:
        """Save one page as a whole; what is wrong is named field by field."""
        now, today = self._now()
        before = self._read(command["id"], version=command["version"])
        institution = self._institution_named(command["values"])
        with self.unit_of_work() as uow:
            application = uow.applications.get(before.id, version=command["version"])
            self.actor.require(application, hide=True)
            changed = save_step(
                application,
                kind_of(application.type),
                command["step"],
                command["values"],
                institution=institution,
                now=now,
                today=today,
                keep_days=self._draft_days(application.province, today),
            )
            _check_scopes(changed, command["step"], self.policy.on(today).texts("scope.extra", changed.province))
            if institution is not None and institution.province in self.settings.provinces:
                changed = replace(changed, province=institution.province)
            saved = uow.applications.save(changed)
            view = self._view(saved, today)
            uow.commit(view)
        return view

    @every(seconds=60)
    def forget_expired_drafts(self) -> None:
        """Drafts live 30 days after their last edit (`retention.draft_days`); each goes in a transaction of its own."""
        now, today = self._now()
        with self.unit_of_work(read_only=True) as uow:
            expired = uow.applications.expired_drafts(today, PURGED_AT_ONCE)
        for application_id in expired:
            with self.unit_of_work() as uow:
                freed = uow.applications.remove_draft(application_id, today)
                if freed is not None:
                    uow.stored_files.look_again(freed, now)
                    uow.commit()
        with self.unit_of_work() as uow:
            uow.captchas.forget(now)
            uow.views.forget(today - timedelta(days=1))
            uow.commit()

    def _institution_named(self, values: dict[str, Any]) -> Institution | None:
        """The institution that a page names, as it is now; one that isn't there is a wrong field."""
        named = values.get("institution_id")
        if named is None:
            return None
        try:
            return fetch_institution(self.bus, UUID(str(named)))
        except (ValueError, NotFound) as error:
            raise InvalidInput("invalid_input", fields={"institution_id": ["institution_unknown"]}) from error

    def _first_qualification(self, person_id: UUID) -> UUID:
        """The newest published qualification of a person who named none."""
        person = fetch_person(self.bus, person_id)
        found = fetch_qualifications(self.bus, person["qualification_ids"])
        if not found:
            raise RuleViolated("qualification_missing")
        return max(found, key=lambda item: item.facts.published_on).facts.id

    def _draft_days(self, province: str, today: date) -> int:
        days: int = self.policy.on(today).whole("retention.draft_days", province)
        return days


def _check_scopes(application: Application, step: str, extra: list[str]) -> None:
    """A scope outside the qualification's category is a wrong field already, not only a failed rule."""
    if step != "scope":
        return
    facts = application.qualification.facts
    if any(not fits(code, facts.category, facts.level, extra) for code in application.form["scope"]["scopes"]):
        raise InvalidInput("invalid_input", fields={"scopes": ["scope_outside_category"]})


def _cursor(after: str | None) -> UUID | None:
    try:
        return None if after is None else UUID(after)
    except ValueError as error:
        raise InvalidInput("invalid_input", fields={"after": ["not_a_cursor"]}) from error

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
from shared.trade.statuses import ApplicationState, BusinessType

from .. import views
from ..domain.application import Application, kept_on, refuse_too_many, save_step
from ..domain.assessment import Occasion
from ..domain.business import About, BusinessKind, kind_of, startable_kind, sub_kinds
from ..domain.facts import Held
from ..domain.institution import Institution
from ..gathering import Asked, asked, fetch_institution, fetch_person, fetch_qualifications, gather
from ..repository.register import held_of
from ..unit_of_work import ApplicationsUnitOfWork
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
            "items": [
                views.business_type(
                    name,
                    [(kind, self.policy.values(kind, province, today)) for kind in sub_kinds(name)],
                )
                for name in BusinessType
            ]
        }

    @rpc(contracts.READINESS, action="business.readiness")
    def readiness(self, command: dict[str, Any]) -> dict[str, Any]:
        """办理条件自查: all rules on what is known now; nothing is kept."""
        kind = startable_kind(command["type"], command["sub_kind"])
        _, today = self._now()
        wanted = self._wanted(kind, command, named_id=command["institution_id"])
        gathered = gather(self.bus, wanted)
        with self.unit_of_work(read_only=True) as uow:
            assessment = self._assess(
                uow,
                kind,
                gathered,
                on=today,
                occasion=Occasion.SUBMISSION,
                subject_id=command["registration_id"],
                filing_id=command["filing_id"],
            )
        values = assessment.facts.policy
        return {
            "type": kind.type.value,
            "sub_kind": kind.sub_kind,
            "ready": assessment.ready,
            "outcomes": views.outcomes(assessment.outcomes),
            "policy": views.pin(assessment.policy),
            "materials": [views.material(item) for item in kind.needed_materials(values, assessment.outcomes)],
            "decision_days": values["sla.decision_days"],
        }

    @rpc(contracts.START, action="application.start")
    def start(self, command: dict[str, Any]) -> dict[str, Any]:
        """Begin a draft with what the registries know; only an activated account may (E11)."""
        kind = startable_kind(command["type"], command["sub_kind"])
        now, today = self._now()
        wanted = self._wanted(kind, command, named_id=None)
        gathered = gather(self.bus, wanted, must_be_activated=True)
        institution = gathered.institution
        province = institution.province if institution else self._home_province()
        with self.unit_of_work() as uow:
            refuse_too_many(uow.applications.drafts_of(wanted.person_id))
            draft = Application(
                id=new_id(),
                version=1,
                number=uow.numbers.application_number(kind.number_prefix, today),
                province=province,
                type=kind.type.value,
                sub_kind=kind.sub_kind,
                state=ApplicationState.DRAFT,
                submission=0,
                person_id=wanted.person_id,
                identity=gathered.identity,
                qualification=gathered.qualification,
                created_at=now,
                updated_at=now,
                institution=institution,
                subject_id=command["registration_id"],
                filing_id=command["filing_id"],
            )
            draft = kept_on(draft, today, self._draft_days(province, today))
            uow.applications.add(draft)
            view = self._view(uow, draft, today)
            uow.commit(view)
        return view

    def _wanted(self, kind: BusinessKind, command: dict[str, Any], *, named_id: UUID | None) -> Asked:
        """Whom to ask about for what the caller wants to begin; what it is about has to be said.

        Without a word on the qualification it is the newest that fits: the one of the registration, or a physician's
        for an assistant's upgrade.
        """
        person_id, qualification_id = self.actor.subject_id, command["qualification_id"]
        if kind.about is About.FILING and command["filing_id"] is None:
            raise InvalidInput("invalid_input", fields={"filing_id": ["required"]})
        if kind.about is not About.QUALIFICATION and command["registration_id"] is None:
            command["registration_id"] = self._registration_of(command["filing_id"])
        if qualification_id is None and (kind.about is About.QUALIFICATION or kind.opens_with_another):
            qualification_id = self._newest_qualification(kind, person_id, command["registration_id"])
        with self.unit_of_work(read_only=True) as uow:
            return asked(
                uow,
                kind,
                person_id=person_id,
                qualification_id=qualification_id,
                named_id=named_id,
                subject_id=command["registration_id"],
                filing_id=command["filing_id"],
            )

    def _registration_of(self, filing_id: UUID | None) -> UUID:
        """The registration that a filing is on; without either nothing can begin."""
        if filing_id is None:
            raise InvalidInput("invalid_input", fields={"registration_id": ["required"]})
        with self.unit_of_work(read_only=True) as uow:
            found: UUID = uow.filings.get(filing_id).registration_id
        return found

    @rpc(contracts.APPLICATION, action="application.read")
    def application(self, command: dict[str, Any]) -> dict[str, Any]:
        """An application, as much of it as the caller may see; what staff looks at is told to the person (E71)."""
        _, today = self._now()
        application = self._read(command["id"])
        if self.actor.kind == "staff":
            self._tell_of_view(application, "application", "")
        with self.unit_of_work(read_only=True) as uow:
            return self._view(uow, application, today)

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
                kind_of(application.type, application.sub_kind),
                command["step"],
                command["values"],
                institution=institution,
                subject=_subject(uow, application),
                now=now,
                today=today,
                keep_days=self._draft_days(application.province, today),
            )
            _check_scopes(changed, command["step"], self.policy.on(today).texts("scope.extra", changed.province))
            if institution is not None and institution.province in self.settings.provinces:
                changed = replace(changed, province=institution.province)
            saved = uow.applications.save(changed)
            view = self._view(uow, saved, today)
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

    def _newest_qualification(self, kind: BusinessKind, person_id: UUID, subject_id: UUID | None) -> UUID:
        """The newest published qualification of a person who named none, other than the registration's own."""
        person = fetch_person(self.bus, person_id)
        found = fetch_qualifications(self.bus, person["qualification_ids"])
        if kind.opens_with_another and subject_id is not None:
            with self.unit_of_work(read_only=True) as uow:
                own = uow.register.get(subject_id).qualification_id
            found = [item for item in found if item.facts.id != own] or found
        if not found:
            raise RuleViolated("qualification_missing")
        return max(found, key=lambda item: item.facts.published_on).facts.id

    def _draft_days(self, province: str, today: date) -> int:
        days: int = self.policy.on(today).whole("retention.draft_days", province)
        return days


def _subject(uow: ApplicationsUnitOfWork, application: Application) -> Held | None:
    return None if application.subject_id is None else held_of(uow.register.get(application.subject_id))


def _check_scopes(application: Application, step: str, extra: list[str]) -> None:
    """A scope outside the qualification's category is a wrong field already, not only a failed rule."""
    facts, chosen = application.qualification.facts, application.form[step].get("scopes", ())
    if any(not fits(code, facts.category, facts.level, extra) for code in chosen):
        raise InvalidInput("invalid_input", fields={"scopes": ["scope_outside_category"]})


def _cursor(after: str | None) -> UUID | None:
    try:
        return None if after is None else UUID(after)
    except ValueError as error:
        raise InvalidInput("invalid_input", fields={"after": ["not_a_cursor"]}) from error

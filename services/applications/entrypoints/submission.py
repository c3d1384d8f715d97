"""Submitting, again after a return, and handing in what a supplement notice asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.contracts import applications as contracts
from shared.platform.bus import rpc

from .. import views
from ..domain.application import Application, submit, supplement
from ..domain.assessment import Assessment, Occasion
from ..domain.business import BusinessKind, available_kind, kind_of
from ..domain.form import institution_of
from ..gathering import gather, snapshot_of
from .base import ApplicationsWork


class Submission(ApplicationsWork):
    """From the applicant's hands to the institution's."""

    @rpc(contracts.SUBMIT, action="application.submit")
    def submit(self, command: dict[str, Any]) -> dict[str, Any]:
        """Submit with the declaration of truth: all rules run, and what they saw is kept with the news of it."""
        now, today = self._now()
        before = self._read(command["id"], version=command["version"])
        kind = available_kind(before.type, before.sub_kind)
        gathered = gather(self.bus, before.person_id, before.qualification_id, institution_of(before.form))
        with self.unit_of_work() as uow:
            application = uow.applications.get(before.id, version=command["version"])
            self.actor.require(application, hide=True)
            current = replace(application, identity=gathered.identity, qualification=gathered.qualification)
            assessment = self._assess(uow, kind, gathered, on=today, occasion=Occasion.SUBMISSION, application=current)
            saved = uow.applications.save(submit(current, kind, assessment, now=now))
            uow.assessments.add(saved, assessment, at=now)
            uow.announce(
                contracts.APPLICATION_SUBMITTED,
                aggregate_id=saved.id,
                data=_submitted(saved, kind, assessment),
                province=saved.province,
            )
            view = self._view(saved, today)
            uow.commit(view)
        return view

    @rpc(contracts.SUPPLEMENT, action="application.supplement")
    def supplement(self, command: dict[str, Any]) -> dict[str, Any]:
        """The papers that were asked for are there (补正); the rules look again, under the policy that is pinned."""
        now, today = self._now()
        before = self._read(command["id"], version=command["version"])
        kind = kind_of(before.type)
        gathered = gather(self.bus, before.person_id, before.qualification_id, institution_of(before.form))
        with self.unit_of_work() as uow:
            application = uow.applications.get(before.id, version=command["version"])
            self.actor.require(application, hide=True)
            assessment = self._assess(
                uow,
                kind,
                gathered,
                on=today,
                occasion=Occasion.SUPPLEMENT,
                pin=application.policy,
                application=application,
            )
            saved = uow.applications.save(supplement(application, kind, assessment, now=now))
            uow.assessments.add(saved, assessment, at=now)
            uow.announce(
                contracts.APPLICATION_SUPPLEMENTED,
                aggregate_id=saved.id,
                data={
                    "application_id": saved.id,
                    "notice": saved.notice,
                    "materials": sorted(saved.uploaded),
                    "paper_materials": kind.paper_materials(assessment.facts.policy, saved.uploaded),
                    "outcomes": views.outcomes(assessment.outcomes),
                    "note": command["note"],
                },
                province=saved.province,
            )
            view = self._view(saved, today)
            uow.commit(view)
        return view


def _submitted(application: Application, kind: BusinessKind, assessment: Assessment) -> dict[str, Any]:
    """All that `review` needs to open the case and to route it."""
    if application.institution is None or application.policy is None:
        raise ValueError("a submission has an institution and a policy")
    qualification = application.qualification.facts
    return {
        "application_id": application.id,
        "number": application.number,
        "type": application.type,
        "sub_kind": application.sub_kind,
        "submission": application.submission,
        "person_id": application.person_id,
        "qualification_id": application.qualification_id,
        "applicant_name": application.identity.name,
        "level": qualification.level.value,
        "category": qualification.category.value,
        "institution": snapshot_of(application.institution),
        "outcomes": views.outcomes(assessment.outcomes),
        "materials": sorted(application.uploaded),
        "paper_materials": kind.paper_materials(assessment.facts.policy, application.uploaded),
        "policy": views.pin(application.policy),
    }

"""What the case decides: the application's state follows it, and an approval takes effect here (`domain.md` §3.0)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from shared.contracts import applications as contracts
from shared.contracts import review
from shared.platform.errors import Conflict
from shared.platform.ids import new_id
from shared.platform.inbox import Event, on_event
from shared.trade.statuses import ApplicationState as State

from .. import views
from ..domain.application import Application, Reason, missing_materials, noticed
from ..domain.assessment import Assessment, Occasion, assess, newly_failed
from ..domain.business import kind_of
from ..domain.certificate import new_check_code
from ..domain.effect import Decision, Opened, code_key, open_registration
from ..domain.rules import RuleOutcome
from ..domain.states import may_take_effect, project
from ..gathering import Gathered, gather_again
from ..repository.register import Holder
from ..unit_of_work import ApplicationsUnitOfWork
from .base import ApplicationsWork


class CaseNews(ApplicationsWork):
    """The handlers of what `review` announces."""

    @on_event(review.CASE_ADVANCED)
    def case_advanced(self, event: Event, uow: ApplicationsUnitOfWork, prepared: object) -> None:
        """Project the application's state; at receipt the policy of that day is pinned."""
        news = event.data
        application = uow.applications.get(news["application_id"])
        state = project(application.state, State(news["to_state"]))
        if state is not State(news["to_state"]):
            return  # a step behind what this service has decided itself since
        if state is State.SUPPLEMENT:
            application = noticed(application, news["notice"])
        changed = replace(
            application,
            state=state,
            reasons=tuple(Reason(item["code"], item["target"], item["note"]) for item in news["reasons"]),
            acts_next=news["acts_next"],
            act_until=news["act_until"],
            updated_at=self.clock.now(),
        )
        if state is State.SUPPLEMENT and not changed.awaits_supplement:
            # News from before the case heard of the answer: nothing is asked of the applicant meanwhile.
            changed = replace(changed, acts_next="window", act_until=None)
        if state is State.RECEIVED and application.state not in (State.SUPPLEMENT, State.RECEIVED):
            changed = self._pin_policy(uow, changed, news)
        uow.applications.save(changed)

    @on_event(review.CASE_DECIDED)
    def case_decided(self, event: Event, uow: ApplicationsUnitOfWork, prepared: Gathered | None) -> None:
        """Carry an approval out after a last look at its conditions; a refusal is projected with its reasons."""
        news = event.data
        application = uow.applications.get(news["application_id"])
        if news["outcome"] == "refused":
            self._refuse(uow, application, news)
            return
        if application.state in (State.EFFECTIVE, State.CERT_ISSUED):
            return
        if not may_take_effect(application.state):
            raise Conflict("decision_out_of_order", state=application.state.value)
        if prepared is None:
            raise ValueError("an approval is prepared")
        assessment = self._assess(
            uow,
            kind_of(application.type),
            prepared,
            on=news["decided_on"],
            occasion=Occasion.EFFECT,
            pin=application.policy,
            application=application,
        )
        uow.assessments.add(application, assessment, at=self.clock.now())
        if assessment.failed:
            self._block(uow, application, assessment)
        else:
            self._open(uow, application, prepared, news)

    @case_decided.prepare
    def prepare_decision(self, event: Event) -> Gathered | None:
        """Fetch anew what may have changed since the submission."""
        if event.data["outcome"] != "approved":
            return None
        with self.unit_of_work(read_only=True) as uow:
            application = uow.applications.get(event.data["application_id"])
        return gather_again(self.bus, application)

    def _pin_policy(self, uow: ApplicationsUnitOfWork, application: Application, news: dict[str, Any]) -> Application:
        """Pin the policy in force on the day of receipt; where it differs, all rules run again (design §2)."""
        pin = self.policy.pin(application.province, news["effective_on"])
        if application.policy is not None and pin.hash == application.policy.hash:
            return replace(application, policy=pin)
        kind = kind_of(application.type)
        facts = uow.assessments.latest(application.id).facts
        policy = self.policy.values(kind, facts.institution.division if facts.institution else facts.province, pin.on)
        again = assess(kind, replace(facts, on=pin.on, policy=policy), pin, Occasion.RECEIPT)
        repinned = replace(application, policy=pin, outcomes=again.outcomes)
        uow.assessments.add(repinned, again, at=self.clock.now())
        uow.announce(
            contracts.APPLICATION_REASSESSED,
            aggregate_id=application.id,
            data={
                "application_id": application.id,
                "policy": views.pin(pin),
                "outcomes": views.outcomes(again.outcomes),
                "newly_failed": newly_failed(application.outcomes, again.outcomes),
                "missing_materials": missing_materials(repinned, kind, policy),
                "paper_materials": kind.paper_materials(policy, application.uploaded),
            },
            province=application.province,
        )
        return repinned

    def _refuse(self, uow: ApplicationsUnitOfWork, application: Application, news: dict[str, Any]) -> None:
        reasons = tuple(Reason(item["code"], item["target"], item["note"]) for item in news["reasons"])
        state = project(application.state, State.REFUSED)
        uow.applications.save(
            replace(
                application,
                state=state,
                reasons=reasons,
                acts_next="none",
                act_until=None,
                updated_at=self.clock.now(),
            )
        )

    def _block(self, uow: ApplicationsUnitOfWork, application: Application, assessment: Assessment) -> None:
        """办理受阻: a condition changed meanwhile; the case goes on as an exception, decided by a person."""
        reasons = tuple(_reason(outcome) for outcome in assessment.failed)
        saved = uow.applications.save(
            replace(
                application,
                state=State.EFFECT_BLOCKED,
                outcomes=assessment.outcomes,
                reasons=reasons,
                acts_next="authority",
                act_until=None,
                updated_at=self.clock.now(),
            )
        )
        uow.announce(
            contracts.EFFECT_BLOCKED,
            aggregate_id=saved.id,
            data={
                "application_id": saved.id,
                "outcomes": views.outcomes(assessment.outcomes),
                "reasons": [{"code": item.code, "target": item.target, "note": ""} for item in reasons],
            },
            province=saved.province,
        )

    def _open(
        self, uow: ApplicationsUnitOfWork, application: Application, gathered: Gathered, news: dict[str, Any]
    ) -> None:
        """Open the registration, number the certificate and tell everybody, in this one transaction."""
        now, authority = self.clock.now(), news["deciding_authority"]
        decision = Decision(
            number=news["decision_number"],
            decided_on=news["decided_on"],
            authority_id=authority["id"],
            authority_name=authority["name"],
            authority_division=authority["division"],
        )
        current = replace(
            application,
            identity=gathered.identity,
            qualification=gathered.qualification,
            institution=gathered.institution,
        )
        code = uow.numbers.practice_code(*code_key(current, decision))
        opened = open_registration(
            current, decision, code, now=now, new_id=new_id, check_code=new_check_code(secrets.randbelow)
        )
        uow.register.open(opened.registration, opened.entry, _holder(current))
        uow.certificates.add(opened.certificate)
        uow.applications.save(
            replace(
                current,
                state=State.CERT_ISSUED,
                reasons=(),
                acts_next="none",
                act_until=None,
                registration_id=opened.registration.id,
                updated_at=now,
            )
        )
        _announce_opening(uow, current, opened, decision)


def _announce_opening(
    uow: ApplicationsUnitOfWork, application: Application, opened: Opened, decision: Decision
) -> None:
    registration, certificate = opened.registration, opened.certificate
    standing = registration.standing
    uow.announce(
        contracts.REGISTRATION_CHANGED,
        aggregate_id=registration.id,
        data={
            "registration_id": registration.id,
            "application_id": application.id,
            "application_number": application.number,
            "person_id": registration.person_id,
            "qualification_id": registration.qualification_id,
            "change": "opened",
            "status": standing.status.value,
            "practice_code": registration.practice_code,
            "level": registration.level,
            "category": standing.category,
            "practice_place": standing.practice_place,
            "institution_id": standing.institution_id,
            "institution_name": standing.institution_name,
            "authority_id": standing.authority_id,
            "authority_name": standing.authority_name,
            "decided_on": decision.decided_on,
            "decision_number": decision.number,
        },
        province=registration.province,
    )
    uow.announce(
        contracts.CERTIFICATE_ISSUED,
        aggregate_id=certificate.id,
        data={
            "certificate_id": certificate.id,
            "registration_id": registration.id,
            "application_id": application.id,
            "person_id": registration.person_id,
            "practice_code": certificate.practice_code,
            "issued_on": certificate.issued_on,
        },
        province=certificate.province,
    )


def _holder(application: Application) -> Holder:
    identity, qualification = application.identity, application.qualification
    return Holder(
        name=identity.name,
        sex=identity.sex,
        birth_date=identity.birth_date,
        id_number=identity.id_number,
        qualification_code=qualification.code,
        education=qualification.facts.education,
    )


def _reason(outcome: RuleOutcome) -> Reason:
    return Reason(outcome.code, outcome.rule)

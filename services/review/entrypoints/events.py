"""News of other services that opens a case or takes it on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from shared.contracts import accounts, applications
from shared.platform.errors import NotFound
from shared.platform.inbox import Event, on_event
from shared.platform.logging import get_logger

from ..casework import Casework
from ..domain.case import ActorFacts, Case, Reason
from ..domain.deadlines import without_clock
from ..domain.submissions import Reassessment, Submission, Supplement, assessed_anew, submitted_again, supplemented
from ..domain.workflow import ActorKind
from ..repository.mapping import institution_of
from ..unit_of_work import ReviewUnitOfWork
from .base import ReviewWork

_log = get_logger(__name__)

LICENCE_CANCELLED = "cancelled"


@dataclass(frozen=True)
class PresentLicence:
    """How the institution's licence stands as the case is opened; None where nobody knows the institution any more."""

    status: str | None


class Events(ReviewWork):
    """Each handler runs in the transaction of its inbox row; news that comes too late for its case changes nothing."""

    @on_event(applications.APPLICATION_SUBMITTED)
    def application_submitted(self, event: Event, uow: ReviewUnitOfWork, prepared: PresentLicence) -> None:
        """Open the case and route it by the snapshot, or go on with the one of a returned application."""
        work, data = self._casework(uow), event.data
        submission = self._submission(data)
        by = ActorFacts(ActorKind.EVENT, event.actor, "physician", name="application_submitted")
        case = uow.cases.of_application(submission.application_id, lock=True)
        if case is None:
            case = work.open_case(submission, by)
        elif submission.submission <= case.submission or not self._fits(work, case, "resubmit", event):
            return
        else:
            case = work.take(submitted_again(case, submission), "resubmit", by)
        if prepared.status is not None:
            self._licence_stands(work, case, prepared.status)

    @application_submitted.prepare
    def prepare_submission(self, event: Event) -> PresentLicence:
        """The licence may have changed since the submission, and that news have come before this one (E45)."""
        try:
            answer = self.bus.call(accounts.INSTITUTION, id=event.data["institution"]["id"], as_service=True)
        except NotFound:
            return PresentLicence(None)
        return PresentLicence(answer["licence_status"])

    @on_event(applications.APPLICATION_SUPPLEMENTED)
    def application_supplemented(self, event: Event, uow: ReviewUnitOfWork, prepared: object) -> None:
        """What the notice asked for is there: the application is received again, and the days count anew."""
        work, data = self._casework(uow), event.data
        case = uow.cases.of_application(data["application_id"], lock=True)
        if case is None or not self._fits(work, case, "supplemented", event):
            return
        answer = Supplement(
            notice=data["notice"],
            materials=tuple(data["materials"]),
            paper_materials=tuple(data["paper_materials"]),
            outcomes=tuple(data["outcomes"]),
        )
        if answer.notice != case.notice:  # more was asked for meanwhile: the applicant answers that notice too
            _log.info("older_notice_answered", case_id=case.id, notice=answer.notice, latest=case.notice)
            return
        by = ActorFacts(ActorKind.EVENT, event.actor, "physician", name="application_supplemented")
        work.take(supplemented(case, answer), "supplemented", by, note=data["note"])

    @on_event(applications.APPLICATION_REASSESSED)
    def application_reassessed(self, event: Event, uow: ReviewUnitOfWork, prepared: object) -> None:
        """All rules ran again under the policy of the day of receipt; what fails now is told, never silently lost."""
        work, data = self._casework(uow), event.data
        case = uow.cases.of_application(data["application_id"], lock=True)
        if case is None:
            return
        pin = data["policy"]
        policy = self.policies.pinned(pin["number"], pin["hash"], pin["on"], case.institution.division)
        found = Reassessment(
            policy=policy,
            outcomes=tuple(data["outcomes"]),
            newly_failed=tuple(data["newly_failed"]),
            missing_materials=tuple(data["missing_materials"]),
            paper_materials=tuple(data["paper_materials"]),
        )
        case, points = assessed_anew(case, found)
        if points and work.workflow_of(case).rows(case.state, "reassess"):
            by = ActorFacts(ActorKind.EVENT, event.actor, "service", name="application_reassessed")
            work.take(case, "reassess", by, reasons=points)
        else:
            work.save(case)

    @on_event(applications.QUALIFICATION_LOST)
    def qualification_lost(self, event: Event, uow: ReviewUnitOfWork, prepared: object) -> None:
        """The qualification was annulled: what waits for a decision ends (E55); what is decided is not undone here."""
        work = self._casework(uow)
        case = uow.cases.of_application(event.data["application_id"], lock=True)
        if case is None or not work.workflow_of(case).rows(case.state, "qualification_annulled"):
            return
        by = ActorFacts(ActorKind.EVENT, event.actor, "service", name="qualification_annulled")
        reason = Reason("qualification_annulled", "qualification_certificate")
        work.take(case, "qualification_annulled", by, reasons=(reason,))

    @on_event(applications.EFFECT_BLOCKED)
    def effect_blocked(self, event: Event, uow: ReviewUnitOfWork, prepared: object) -> None:
        """An approval could not take effect (办理受阻): the case is somebody's task again, with the reasons."""
        work, data = self._casework(uow), event.data
        case = uow.cases.of_application(data["application_id"], lock=True)
        if case is None or not self._fits(work, case, "effect_blocked", event):
            return
        reasons = tuple(Reason(item["code"], item["target"], item["note"]) for item in data["reasons"])
        by = ActorFacts(ActorKind.EVENT, event.actor, "service", name="effect_blocked")
        work.take(replace(case, outcomes=tuple(data["outcomes"])), "effect_blocked", by, reasons=reasons)

    @on_event(applications.CERTIFICATE_ISSUED)
    def certificate_issued(self, event: Event, uow: ReviewUnitOfWork, prepared: object) -> None:
        """The certificate is there: its ten working days (行政许可法 art.44) count no more."""
        application_id = event.data["application_id"]
        case = None if application_id is None else uow.cases.of_application(application_id, lock=True)
        if case is not None:
            self._casework(uow).save(without_clock(case, "certificate"))

    @on_event(accounts.LICENCE_STATUS_CHANGED)
    def licence_status_changed(self, event: Event, uow: ReviewUnitOfWork, prepared: object) -> None:
        """A licence changed: without one, waiting applications end, accepted ones are an officer's task (E45)."""
        work, data = self._casework(uow), event.data
        for case in uow.cases.open_of_institution(data["institution_id"]):
            self._licence_stands(work, case, data["status"])

    def _licence_stands(self, work: Casework, case: Case, status: str) -> None:
        if case.licence_status == status:
            return
        if status == LICENCE_CANCELLED:
            self._licence_cancelled(work, case)
        else:
            work.settle(work.save(replace(case, licence_status=status)))

    def _licence_cancelled(self, work: Casework, case: Case) -> None:
        case = replace(case, licence_status=LICENCE_CANCELLED)
        if not work.workflow_of(case).rows(case.state, "licence_cancelled"):
            work.save(case)  # returned to the applicant, who may choose another institution
            return
        by = ActorFacts(ActorKind.EVENT, "service:accounts", "service", name="licence_cancelled")
        work.take(case, "licence_cancelled", by, reasons=(Reason("institution_not_licensed", "institution"),))

    def _fits(self, work: Casework, case: Case, action: str, event: Event) -> bool:
        """Whether the case is still where the news was true, or has gone on meanwhile, by a withdrawal for instance.

        News that no longer applies is written down as received (the inbox) and changes nothing: raising would stop all
        later news of the same application.
        """
        if work.workflow_of(case).rows(case.state, action):
            return True
        _log.info("news_no_longer_applies", case_id=case.id, state=case.state, type=event.type, event_id=str(event.id))
        return False

    def _submission(self, data: dict[str, Any]) -> Submission:
        institution, pin = institution_of(data["institution"]), data["policy"]
        return Submission(
            application_id=data["application_id"],
            number=data["number"],
            type=data["type"],
            sub_kind=data["sub_kind"],
            submission=data["submission"],
            person_id=data["person_id"],
            applicant_name=data["applicant_name"],
            level=data["level"],
            category=data["category"],
            institution=institution,
            outcomes=tuple(data["outcomes"]),
            materials=tuple(data["materials"]),
            paper_materials=tuple(data["paper_materials"]),
            policy=self.policies.pinned(pin["number"], pin["hash"], pin["on"], institution.division),
        )

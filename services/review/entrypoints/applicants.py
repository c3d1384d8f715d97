"""What an applicant sees of the own case, and taking it back (撤回)."""

from __future__ import annotations

from typing import Any

from shared.contracts import review as contracts
from shared.platform.bus import rpc
from shared.platform.errors import NotFound

from ..casework import Casework, require_version
from ..domain.case import ActorFacts, Case
from ..domain.transitions import options
from ..domain.workflow import ActorKind
from ..views import timeline
from .base import ReviewWork


class Applicants(ReviewWork):
    """An applicant's own case, by application."""

    @rpc(contracts.TIMELINE, action="case.timeline")
    def timeline(self, command: dict[str, Any]) -> dict[str, Any]:
        """What happened, who acts next and until when.

        `NotFound` where there is no case: whether an application of that number exists, and its case
        only isn't open yet, is known to `applications` alone.
        """
        with self.unit_of_work(read_only=True) as uow:
            work = self._casework(uow)
            case = self._case_of(uow.cases.of_application(command["id"]))
            return self._timeline(work, case)

    @rpc(contracts.WITHDRAW, action="case.withdraw")
    def withdraw(self, command: dict[str, Any]) -> dict[str, Any]:
        """Take the application back before it is approved; decided on the case's version, so it never races a decision.

        Without a case: `NotFound`.
        """
        with self.unit_of_work() as uow:
            work = self._casework(uow)
            case = self._case_of(uow.cases.of_application(command["application_id"], lock=True))
            require_version(case, command["version"])
            case = work.take(case, "withdraw", self._applicant(), note=command["reason"])
            answer = self._timeline(work, case)
            uow.commit(answer)
        return answer

    def _case_of(self, case: Case | None) -> Case:
        """The case, if there is one and it is the caller's."""
        if case is None:
            raise NotFound("not_found")
        self.actor.require(case, hide=True)
        return case

    def _timeline(self, work: Casework, case: Case) -> dict[str, Any]:
        workflow = work.workflow_of(case)
        may = {action.name for action in options(workflow, case, self._applicant(), work.context(case))}
        return timeline(case, workflow, work.uow.records.steps_of(case.id), can_withdraw="withdraw" in may)

    def _applicant(self) -> ActorFacts:
        return ActorFacts(ActorKind.APPLICANT, self.actor.id, self.actor.role, person_id=self.actor.subject_id)

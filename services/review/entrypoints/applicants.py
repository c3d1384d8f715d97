"""What an applicant sees of the own case; taking it back (撤回), and objecting to what others have started (异议)."""

from __future__ import annotations

from typing import Any

from shared.contracts import review as contracts
from shared.platform.bus import rpc
from shared.platform.errors import NotFound

from ..authority import hears_opinions
from ..casework import Casework, require_version
from ..domain.case import Case
from ..domain.steps import ActorFacts
from ..domain.transitions import options
from ..domain.workflow import ActorKind
from ..views import timeline
from .base import ReviewWork


class Applicants(ReviewWork):
    """A case by its application: the applicant's own, or one that the own institution has reported."""

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
        """Take it back before it is approved, by whoever started it.

        Decided on the case's version, so it never races a decision. Without a case: `NotFound`.
        """
        return self._take(command, "withdraw", command["reason"])

    @rpc(contracts.CONTEST, action="case.contest")
    def contest(self, command: dict[str, Any]) -> dict[str, Any]:
        """Object to what an institution, an authority or the nightly job has started (本人提出异议; domain §3.6).

        It ends nothing: the officer who decides reads the words. Without a case: `NotFound`.
        """
        return self._take(command, "contest", command["note"])

    def _take(self, command: dict[str, Any], action: str, words: str) -> dict[str, Any]:
        by = self._applicant() if self.actor.kind == "person" else self._staff()
        with self.unit_of_work() as uow:
            work = self._casework(uow)
            case = self._case_of(uow.cases.of_application(command["application_id"], lock=True))
            require_version(case, command["version"])
            case = work.take(case, action, by, note=words)
            answer = self._timeline(work, case)
            uow.commit(answer)
        return answer

    def _case_of(self, case: Case | None) -> Case:
        """The case, if there is one and the caller has to do with it."""
        if case is None:
            raise NotFound("not_found")
        self.actor.require(case, hide=True)
        return case

    def _timeline(self, work: Casework, case: Case) -> dict[str, Any]:
        workflow = work.workflow_of(case)
        is_own = self.actor.kind == "person"
        possible = options(workflow, case, self._applicant(), work.context(case)) if is_own else ()
        may = {action.name for action in possible}
        return timeline(
            case,
            workflow,
            work.uow.records.steps_of(case.id),
            can_withdraw="withdraw" in may,
            can_contest="contest" in may,
            hears_opinions=hears_opinions(self.actor, case),
        )

    def _applicant(self) -> ActorFacts:
        return ActorFacts(ActorKind.APPLICANT, self.actor.id, self.actor.role, person_id=self.actor.subject_id)

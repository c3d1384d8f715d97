"""What institutions and authorities do with a case: look at it, receive its paper, act on its task."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared.contracts import accounts
from shared.contracts import review as contracts
from shared.platform.bus import rpc
from shared.platform.errors import InvalidInput
from shared.platform.ids import new_id

from ..casework import require_version
from ..domain.case import Authority, Case, Reason
from ..domain.work_list import require_free
from ..domain.workflow import Workflow
from ..repository.mapping import authority_of
from .base import ReviewWork


class Decisions(ReviewWork):
    """`domain/transitions.py` holds the rules; here a case is loaded, taken one step on, saved and told."""

    @rpc(contracts.CASE, action="case.view")
    def case(self, command: dict[str, Any]) -> dict[str, Any]:
        """A case with its history; that somebody looked at the applicant's data is news, once a day (E71)."""
        staff = self._staff()
        with self.unit_of_work(read_only=True) as uow:
            work = self._casework(uow)
            case = uow.cases.get(command["id"])
            self.actor.require(case, hide=True)
            answer = self._case_view(work, case, staff)
            is_known = uow.records.was_seen(case.id, self.actor.id, work.today)
        if not is_known:
            self._tell_of_view(case)
        return answer

    def _tell_of_view(self, case: Case) -> None:
        """Note the day's first look at a case by a member of staff, and tell it in the same transaction."""
        with self.unit_of_work() as uow:
            work = self._casework(uow)
            if not uow.records.note_view(case.id, self.actor.id, work.today):
                return
            uow.announce(
                contracts.REVIEW_DATA_VIEWED,
                aggregate_id=new_id(),
                data={
                    "person_id": case.person_id,
                    "role": self.actor.role,
                    "organisation_id": self.actor.organisation_id,
                    "what": "case",
                    "reason": f"{case.type} {case.number}",
                },
                province=case.province,
                occurred_at=work.now,
            )
            uow.commit()

    @rpc(contracts.RECEIVE_PAPER, action="case.receive_paper")
    def receive_paper(self, command: dict[str, Any]) -> dict[str, Any]:
        """The paper file is there (接收纸质材料): from this day on the application counts as received."""
        staff = self._staff()
        with self.unit_of_work() as uow:
            work = self._casework(uow)
            case = uow.cases.get(command["case_id"], lock=True)
            self.actor.require(case, hide=True)
            require_version(case, command["version"])
            task = uow.tasks.open_of(case.id)
            if task is not None:
                require_free(task, self.actor.subject_id, self.actor.role, work.now)
            papers = tuple(command["received"])
            case = work.take(case, "receive_paper", staff, papers=papers, note=command["note"])
            answer = self._case_view(work, case, staff)
            uow.commit(answer)
        return answer

    @rpc(contracts.DECIDE, action="case.decide")
    def decide(self, command: dict[str, Any]) -> dict[str, Any]:
        """Act on a task. Of two who do so in the same moment one acts, the other is told `case_changed`.

        Whether this authority is still the competent one is asked before the transaction (E31).
        """
        staff = self._staff()
        reasons = tuple(Reason(item["code"], item["target"], item["note"]) for item in command["reasons"])
        present, right = self._competence(command, reasons)
        with self.unit_of_work() as uow:
            work = self._casework(uow)
            task, case = self._task_and_case(uow, command["task_id"])
            require_version(case, command["version"])
            if any(row.papers for row in work.workflow_of(case).rows(case.state, command["action"])):
                raise InvalidInput("papers_missing")
            require_free(task, self.actor.subject_id, self.actor.role, work.now)
            case = work.take(
                case,
                command["action"],
                staff,
                reasons=reasons,
                note=command["note"],
                present_authority=present,
                right_authority=right,
            )
            answer = self._case_view(work, case, staff)
            uow.commit(answer)
        return answer

    def _competence(
        self, command: dict[str, Any], reasons: tuple[Reason, ...]
    ) -> tuple[Authority | None, Authority | None]:
        """Who approves the institution now, and who is competent instead of this authority; None where nobody asks."""
        with self.unit_of_work(read_only=True) as uow:
            case = uow.cases.get(uow.tasks.get(command["task_id"]).case_id)
            self.actor.require(case, hide=True)
            workflow = self._casework(uow).workflow_of(case)
        names_another = any(
            reason.code in workflow.reasons and workflow.reasons[reason.code].names_authority for reason in reasons
        )
        if not names_another and not _asks_who_is_competent(workflow, case, command["action"]):
            return None, None
        snapshot = self.bus.call(accounts.INSTITUTION, id=case.institution.id)
        present = authority_of(snapshot["authority"])
        if not names_another:
            return present, None
        return present, self._right_authority(case, present, command["right_authority_id"])

    def _right_authority(self, case: Case, present: Authority, wanted: UUID | None) -> Authority | None:
        """The authority that a notice of not accepting names; by itself the one that the licence names now."""
        own = case.institution.authority.id
        if wanted is None:
            return None if present.id == own else present
        if wanted == own:
            raise InvalidInput("invalid_input", fields={"right_authority_id": ["right_authority_is_own"]})
        return present if wanted == present.id else authority_of(self.bus.call(accounts.AUTHORITY, id=wanted))


def _asks_who_is_competent(workflow: Workflow, case: Case, action: str) -> bool:
    return any("still_competent" in row.when for row in workflow.rows(case.state, action))

"""What every family of entry points works with, and the few steps they share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared.contracts import accounts
from shared.platform.authorisation import ActorProvider
from shared.platform.bus import BusClient
from shared.platform.clock import ClockProvider
from shared.platform.database import UnitOfWorkProvider
from shared.platform.settings_provider import SettingsProvider
from shared.platform.working_days import working_days

from ..authority import AUTHORITY, hears_opinions
from ..casework import Casework, staff_facts
from ..dependencies import PoliciesProvider, StaffPersonsProvider, WorkflowsProvider
from ..domain.case import ActorFacts, Case
from ..domain.transitions import options
from ..domain.work_list import Task, Viewer
from ..unit_of_work import ReviewUnitOfWork
from ..views import case_view


class ReviewWork:
    """The dependencies of the service, and what its families have in common."""

    actor = ActorProvider(AUTHORITY)
    clock = ClockProvider()
    settings = SettingsProvider()
    bus = BusClient()
    unit_of_work = UnitOfWorkProvider(ReviewUnitOfWork)
    workflows = WorkflowsProvider()
    policies = PoliciesProvider()
    staff_persons = StaffPersonsProvider()

    def _casework(self, uow: ReviewUnitOfWork) -> Casework:
        """Casework at this moment, in this transaction."""
        return Casework(uow, self.workflows, self.policies, working_days(), self.clock.now())

    def _staff(self) -> ActorFacts:
        """The calling member of staff, with the human being behind it; asks `accounts`, so outside a transaction."""
        actor = self.actor
        person_id = self.staff_persons.person_of(actor.account_id, self._own_person_id)
        return staff_facts(actor.id, actor.role, actor.organisation_id, person_id)

    def _viewer(self, person_id: UUID | None = None) -> Viewer:
        """Whose work list it is."""
        return Viewer(self.actor.subject_id, self.actor.organisation_id, self.actor.role, person_id)

    def _own_person_id(self) -> UUID | None:
        person_id: UUID | None = self.bus.call(accounts.ME)["person_id"]
        return person_id

    def _case_view(self, work: Casework, case: Case, staff: ActorFacts) -> dict[str, Any]:
        """A case with the actions that this member of staff may take now; a task that a colleague holds offers none."""
        workflow, task = work.workflow_of(case), work.uow.tasks.open_of(case.id)
        viewer_id: UUID = self.actor.subject_id
        may_act = task is None or task.holder(work.now) in (None, viewer_id) or self.actor.role == "head"
        actions = options(workflow, case, staff, work.context(case)) if may_act else ()
        return case_view(
            case,
            workflow,
            task=task,
            actions=actions,
            steps=work.uow.records.steps_of(case.id),
            calendar=work.calendar,
            today=work.today,
            now=work.now,
            viewer_id=viewer_id,
            role=self.actor.role,
            hears_opinions=hears_opinions(self.actor, case),
        )

    def _task_and_case(self, uow: ReviewUnitOfWork, task_id: UUID) -> tuple[Task, Case]:
        """A task as it is once its case is locked, if the caller has to do with the case at all."""
        case = uow.cases.get(uow.tasks.get(task_id).case_id, lock=True)
        self.actor.require(case, hide=True)
        return uow.tasks.get(task_id), case

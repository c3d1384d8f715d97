"""Work lists: what lies on the desks of the caller's organisation, and taking it (领取办件)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared.contracts import review as contracts
from shared.platform.bus import rpc
from shared.platform.errors import Conflict, InvalidInput, PermissionDenied
from shared.trade.divisions import path_of

from ..casework import Casework
from ..domain.work_list import Filter, Task, require_free
from ..unit_of_work import ReviewUnitOfWork
from ..views import tally, task_row
from .base import ReviewWork


class WorkLists(ReviewWork):
    """Every list is narrowed to the caller's own organisation and desks by the task's own row."""

    @rpc(contracts.WORK_LIST, action="task.list")
    def work_list(self, command: dict[str, Any]) -> dict[str, Any]:
        """A page of tasks, the fewest working days left first, with the count of each tab."""
        viewer = self._viewer()
        with self.unit_of_work(read_only=True) as uow:
            work = self._casework(uow)
            wanted = self._filter(uow, command)
            tasks, following = uow.tasks.page(viewer, wanted, work.today, command["after"], command["limit"])
            return {
                "items": self._rows(work, tasks, viewer.staff_id),
                "next": following,
                "total": tally(uow.tasks.tally(viewer, wanted, work.today)),
                "tabs": {tab: tally(found) for tab, found in uow.tasks.tallies(viewer, work.today).items()},
            }

    @rpc(contracts.NEXT_TASK, action="task.next")
    def next_task(self, command: dict[str, Any]) -> dict[str, Any]:
        """Claim the most urgent task that nobody else holds; never one of the caller's own applications."""
        staff = self._staff()
        viewer = self._viewer(staff.person_id)
        with self.unit_of_work() as uow:
            work = self._casework(uow)
            task = uow.tasks.take_next(viewer, command["tab"], work.now)
            rows = [] if task is None else self._rows(work, [task], viewer.staff_id)
            answer = {"task": rows[0] if rows else None}
            uow.commit(answer)
        return answer

    @rpc(contracts.CLAIM_TASK, action="task.claim")
    def claim_task(self, command: dict[str, Any]) -> dict[str, Any]:
        """Take one task; whoever asks second is told that it is held: `Conflict("task_claimed")`."""
        staff = self._staff()
        with self.unit_of_work() as uow:
            work = self._casework(uow)
            task, case = self._task_and_case(uow, command["task_id"])
            self._require_own_desk(task)
            if staff.person_id is not None and staff.person_id == case.person_id:
                raise PermissionDenied("own_application")
            if task.waits:
                raise Conflict("task_waits", step=task.step)
            if not task.is_open:
                raise Conflict("task_closed")
            if not uow.tasks.claim(task, self.actor.subject_id, work.now):
                require_free(uow.tasks.get(task.id), self.actor.subject_id, self.actor.role, work.now)
                uow.tasks.release(task)  # the head of the section takes it over
                uow.tasks.claim(task, self.actor.subject_id, work.now)
            answer = self._case_view(work, case, staff)
            uow.commit(answer)
        return answer

    @rpc(contracts.RELEASE_TASK, action="task.release")
    def release_task(self, command: dict[str, Any]) -> dict[str, Any]:
        """Lay a task back; the head may do so for a colleague."""
        staff = self._staff()
        with self.unit_of_work() as uow:
            work = self._casework(uow)
            task, case = self._task_and_case(uow, command["task_id"])
            self._require_own_desk(task)
            require_free(task, self.actor.subject_id, self.actor.role, work.now)
            uow.tasks.release(task)
            answer = self._case_view(work, case, staff)
            uow.commit(answer)
        return answer

    def _require_own_desk(self, task: Task) -> None:
        viewer = self._viewer()
        if task.organisation_id != viewer.organisation_id or task.desk not in viewer.desks:
            raise PermissionDenied("not_your_step", step=task.step)

    def _filter(self, uow: ReviewUnitOfWork, command: dict[str, Any]) -> Filter:
        division, name = command["division"], command["name"]
        try:
            path = None if division is None else path_of(division)
        except InvalidInput as fault:
            raise InvalidInput("invalid_input", fields={"division": [fault.code]}) from None
        return Filter(
            tab=command["tab"],
            type=command["type"],
            division=path,
            number=command["number"].strip().upper() if command["number"] else None,
            name_index=uow.cases.name_index(name) if name else None,
        )

    def _rows(self, work: Casework, tasks: list[Task], viewer_id: UUID) -> list[dict[str, Any]]:
        cases = work.uow.cases.many(task.case_id for task in tasks)
        return [
            task_row(
                task,
                cases[task.case_id],
                calendar=work.calendar,
                today=work.today,
                now=work.now,
                viewer_id=viewer_id,
                role=self.actor.role,
            )
            for task in tasks
        ]

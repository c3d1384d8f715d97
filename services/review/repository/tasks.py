"""Tasks and work lists: filtered by what stands in the task's own row, paged by keyset, counted to 100 (design D17)."""

from __future__ import annotations

import base64
import binascii
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, ScalarResult, Select, and_, func, insert, literal, or_, select, union_all, update
from sqlalchemy.orm import Session

from shared.platform.errors import InvalidInput, NotFound
from shared.platform.ids import new_id
from shared.platform.timers import take_due
from shared.platform.working_days import start_of_day
from shared.trade.divisions import path_of

from ..domain.case import Case, TaskFacts
from ..domain.work_list import CLAIM_LASTS, COUNTED_TO, OPEN_TABS, Filter, Tally, Task, Viewer
from ..models import TaskRow

NO_DUE_DAY: Final = date(9999, 12, 31)


class Tasks:
    """What lies on the desks of institutions and authorities."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, task_id: UUID) -> Task:
        """The task, or `NotFound`."""
        return self._one(select(TaskRow).where(TaskRow.id == task_id))

    def open_of(self, case_id: UUID) -> Task | None:
        """The open task of a case; there is never more than one."""
        row = self._rows(select(TaskRow).where(TaskRow.case_id == case_id, TaskRow.status == "OPEN")).first()
        return None if row is None else _task(row)

    def open(self, case: Case, facts: TaskFacts, name_index: str, now: datetime) -> Task:
        """Put a task on a desk."""
        task_id = new_id()
        self._session.execute(
            insert(TaskRow).values(
                id=task_id,
                case_id=case.id,
                division_path=path_of(case.institution.division),
                step=facts.step,
                status="OPEN",
                settled=False,
                type=case.type,
                number=case.number,
                person_id=case.person_id,
                applicant_name_index=name_index,
                opened_at=now,
                **_placed(facts),
            )
        )
        return self.get(task_id)

    def update(self, task: Task, facts: TaskFacts) -> None:
        """Where an open task lies and until when, after its case has changed without leaving its state."""
        self._write(task.id, **_placed(facts))

    def close(self, task: Task, now: datetime, *, done: bool, settled: bool) -> None:
        """Take a task off the desk: done by its unit, or overtaken by something else."""
        status = "DONE" if done else "CANCELLED"
        self._write(task.id, status=status, settled=settled, done_at=now, claimed_by=None, claimed_until=None)

    def claim(self, task: Task, staff_id: UUID, now: datetime) -> bool:
        """Take the task, unless a colleague holds it; whether it worked is decided by the database."""
        free = or_(TaskRow.claimed_by.is_(None), TaskRow.claimed_until <= now, TaskRow.claimed_by == staff_id)
        return self._write(
            task.id, TaskRow.status == "OPEN", free, claimed_by=staff_id, claimed_until=now + CLAIM_LASTS
        )

    def release(self, task: Task) -> None:
        """Lay the task back."""
        self._write(task.id, claimed_by=None, claimed_until=None)

    def take_next(self, viewer: Viewer, tab: str | None, now: datetime) -> Task | None:
        """Claim the most urgent task that nobody else holds; two who ask at once get two (design D18)."""
        free = or_(TaskRow.claimed_by.is_(None), TaskRow.claimed_until <= now, TaskRow.claimed_by == viewer.staff_id)
        statement = (
            select(TaskRow)
            .where(*_on_desks(viewer), TaskRow.waits.is_(False), free)
            .order_by(TaskRow.due_sort, TaskRow.id)
            .limit(1)
        )
        if tab is not None:
            statement = statement.where(TaskRow.tab == tab)
        if viewer.person_id is not None:
            statement = statement.where(TaskRow.person_id != viewer.person_id)
        row = self._session.scalars(take_due(self._session, statement)).first()
        if row is None:
            return None
        self._write(row.id, claimed_by=viewer.staff_id, claimed_until=now + CLAIM_LASTS)
        return self.get(row.id)

    def page(
        self, viewer: Viewer, wanted: Filter, today: date, after: str | None, limit: int
    ) -> tuple[list[Task], str | None]:
        """A page of tasks and the cursor of the next; done ones newest first, all others most urgent first."""
        statement = select(TaskRow).where(*_seen(viewer, wanted, today))
        if wanted.tab in ("done", "done_today"):
            statement = _newest_first(statement, after)
        else:
            statement = _most_urgent_first(statement, after)
        rows = list(self._session.scalars(statement.limit(limit + 1)))
        tasks = [_task(row) for row in rows[:limit]]
        return tasks, _cursor(tasks[-1], wanted) if len(rows) > limit else None

    def tally(self, viewer: Viewer, wanted: Filter, today: date) -> Tally:
        """How many tasks fit."""
        limited = select(TaskRow.id).where(*_seen(viewer, wanted, today)).limit(COUNTED_TO + 1).subquery()
        return Tally.of(self._session.scalar(select(func.count()).select_from(limited)) or 0)

    def tallies(self, viewer: Viewer, today: date) -> dict[str, Tally]:
        """How many tasks lie in each tab that the viewer's role sees; one statement for all."""
        counts: list[Select[str, int]] = []
        for tab in viewer.tabs:
            seen = _seen(viewer, Filter(tab=tab), today)
            limited = select(TaskRow.id).where(*seen).limit(COUNTED_TO + 1).subquery()
            counts.append(select(literal(tab).label("tab"), func.count().label("found")).select_from(limited))
        if not counts:
            return {}
        return {tab: Tally.of(found) for tab, found in self._session.execute(union_all(*counts))}

    def _one(self, statement: Select[TaskRow]) -> Task:
        row = self._rows(statement).first()
        if row is None:
            raise NotFound("not_found")
        return _task(row)

    def _rows(self, statement: Select[TaskRow]) -> ScalarResult[TaskRow]:
        # What this transaction wrote by statement is read anew.
        return self._session.scalars(statement.execution_options(populate_existing=True))

    def _write(self, task_id: UUID, *conditions: ColumnElement[bool], **values: Any) -> bool:
        written = self._session.execute(
            update(TaskRow)
            .where(TaskRow.id == task_id, *conditions)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        return bool(written.rowcount == 1)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def _placed(facts: TaskFacts) -> dict[str, Any]:
    return {
        "organisation_id": facts.organisation_id,
        "desk": facts.desk,
        "tab": facts.tab,
        "waits": facts.waits,
        "due_on": facts.due_on,
        "due_sort": facts.due_on or NO_DUE_DAY,
        "due_provisional": facts.provisional,
    }


def _on_desks(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (
        TaskRow.organisation_id == viewer.organisation_id,
        TaskRow.status == "OPEN",
        TaskRow.desk.in_(viewer.desks),
    )


def _seen(viewer: Viewer, wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]]
    if wanted.tab in ("done", "done_today"):
        conditions = [
            TaskRow.organisation_id == viewer.organisation_id,
            TaskRow.settled.is_(True),
            TaskRow.desk.in_(viewer.desks),
        ]
        if wanted.tab == "done_today":
            conditions.append(TaskRow.done_at >= start_of_day(today))
    else:
        tabs = OPEN_TABS if wanted.tab is None else (wanted.tab,)
        conditions = [*_on_desks(viewer), TaskRow.tab.in_(tabs)]
    if wanted.type is not None:
        conditions.append(TaskRow.type == wanted.type)
    if wanted.division is not None:
        conditions.append(
            or_(TaskRow.division_path == wanted.division, TaskRow.division_path.startswith(f"{wanted.division}/"))
        )
    if wanted.number is not None:
        conditions.append(TaskRow.number == wanted.number)
    if wanted.name_index is not None:
        conditions.append(TaskRow.applicant_name_index == wanted.name_index)
    return conditions


def _most_urgent_first(statement: Select[TaskRow], after: str | None) -> Select[TaskRow]:
    statement = statement.order_by(TaskRow.due_sort, TaskRow.id)
    if after is None:
        return statement
    due, task_id = _read_cursor(after, date.fromisoformat)
    return statement.where(or_(TaskRow.due_sort > due, and_(TaskRow.due_sort == due, TaskRow.id > task_id)))


def _newest_first(statement: Select[TaskRow], after: str | None) -> Select[TaskRow]:
    statement = statement.order_by(TaskRow.done_at.desc(), TaskRow.id.desc())
    if after is None:
        return statement
    moment, task_id = _read_cursor(after, _moment)
    return statement.where(or_(TaskRow.done_at < moment, and_(TaskRow.done_at == moment, TaskRow.id < task_id)))


def _cursor(last: Task, wanted: Filter) -> str:
    is_done = wanted.tab in ("done", "done_today") and last.done_at is not None
    place = last.done_at.isoformat() if is_done and last.done_at else (last.due_on or NO_DUE_DAY).isoformat()
    return base64.urlsafe_b64encode(orjson.dumps([place, str(last.id)])).decode().rstrip("=")


def _read_cursor(after: str, read: Any) -> tuple[Any, UUID]:
    try:
        place, task_id = orjson.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        return read(place), UUID(task_id)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise InvalidInput("cursor_invalid") from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone")
    return moment


def _task(row: TaskRow) -> Task:
    return Task(
        id=row.id,
        case_id=row.case_id,
        organisation_id=row.organisation_id,
        desk=row.desk,
        step=row.step,
        tab=row.tab,
        status=row.status,
        waits=row.waits,
        opened_at=row.opened_at,
        due_on=row.due_on,
        provisional=row.due_provisional,
        claimed_by=row.claimed_by,
        claimed_until=row.claimed_until,
        done_at=row.done_at,
    )

"""Everybody who works on cases, for tests: takes the steps through `Casework`, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import select

from services.review.casework import Casework, require_version
from services.review.dependencies import Policies
from services.review.domain.case import ActorFacts, Case
from services.review.domain.submissions import Submission
from services.review.domain.work_list import Viewer
from services.review.models import CaseRow
from services.review.repository.cases import waking
from services.review.unit_of_work import ReviewUnitOfWork
from services.review.workflow_files import Workflows
from shared.platform.database import Database, WorkContext
from shared.platform.ids import new_id
from shared.platform.platform_tables import outbox
from shared.platform.timers import each_due
from shared.platform.working_days import local_date
from shared.trade.policy import Policy as ProvincePolicies
from tests.unit.review.makers import CALENDAR, COUNTY, HOSPITAL, MONDAY, ROOT, a_submission, event

Answer = TypeVar("Answer")


@dataclass
class Desk:
    """`now` is the clock of all; it only goes forward."""

    database: Database
    now: datetime = MONDAY
    policies: Policies = field(default_factory=lambda: Policies(ProvincePolicies.load(ROOT / "provinces", ["44"])))
    workflows: Workflows = field(default_factory=Workflows.load)

    @contextmanager
    def unit(self, *, read_only: bool = False) -> Iterator[Casework]:
        """Casework in a transaction, committed when the block ends well."""
        with self.open_unit(read_only=read_only) as uow:
            yield Casework(uow, self.workflows, self.policies, CALENDAR, self.now)
            if not read_only:
                uow.commit()

    def open_unit(self, *, read_only: bool = False) -> ReviewUnitOfWork:
        """A unit of work that nobody commits."""
        return ReviewUnitOfWork(self.database, WorkContext.of_service("review", "test"), read_only=read_only)

    def open(self, submission: Submission | None = None, **changes: Any) -> Case:
        """A case that waits for its institution."""
        with self.unit() as work:
            return work.open_case(submission or a_submission(**changes), event("application_submitted"))

    def take(self, case: Case, action: str, actor: ActorFacts, **said: Any) -> Case:
        """A step on the version of the case that its actor saw."""
        with self.unit() as work:
            present = work.uow.cases.get(case.id, lock=True)
            require_version(present, case.version)
            return work.take(present, action, actor, **said)

    def case(self, case_id: UUID) -> Case:
        """The case as it stands."""
        with self.unit(read_only=True) as work:
            return work.uow.cases.get(case_id)

    def fire_clocks(self) -> int:
        """What the timer does."""

        def fire(uow: ReviewUnitOfWork, row: CaseRow) -> None:
            Casework(uow, self.workflows, self.policies, CALENDAR, self.now).look_at_clocks(uow.cases.get(row.id))

        return each_due(self.open_unit, "fire", waking(local_date(self.now)), key=CaseRow.id, handle=fire)

    def days_go_by(self, days: int) -> None:
        """Move the clock."""
        self.now += timedelta(days=days)

    def news(self, case_id: UUID | None = None) -> list[dict[str, Any]]:
        """The envelopes in the outbox, in order; those of one case where it is named."""
        statement = select(outbox.c.envelope).order_by(outbox.c.position)
        if case_id is not None:
            statement = statement.where(outbox.c.aggregate == f"case:{case_id}")
        with self.open_unit(read_only=True) as uow:
            return [orjson.loads(envelope) for envelope in uow.session.scalars(statement)]

    def in_a_unit(self, work: Callable[[Casework], Answer]) -> Answer:
        """The answer of something done in a transaction."""
        with self.unit() as casework:
            return work(casework)


def viewer(role: str = "officer", organisation_id: UUID = COUNTY.id, staff_id: UUID | None = None) -> Viewer:
    """Somebody with a work list."""
    return Viewer(staff_id or new_id(), organisation_id, role)


CLERK_VIEW = viewer("clerk", HOSPITAL)

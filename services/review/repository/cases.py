"""Cases with their history and decisions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing
from shared.platform.daily_marks import forget_before, is_marked, mark
from shared.platform.database import save_versioned
from shared.platform.errors import NotFound
from shared.platform.ids import new_id
from shared.trade.names import normalise

from ..domain.case import Authority, Case, Decision, Step, WorkflowPin
from ..models import CaseRow, CaseViewRow, DecisionCounterRow, DecisionRow, StepRow
from .mapping import (
    read_clock,
    read_institution,
    read_note,
    read_outcomes,
    read_policy,
    read_reason,
    stored_authority,
    stored_clock,
    stored_institution,
    stored_note,
    stored_outcomes,
    stored_policy,
    stored_reason,
)

NAME = "applicant_name"


def waking(today: date) -> Select[CaseRow]:
    """The cases with a clock that has something to tell by `today`, for `each_due`."""
    return select(CaseRow).where(CaseRow.wake_on <= today).order_by(CaseRow.wake_on)


def provisional(published_year: int) -> Select[CaseRow]:
    """The cases whose running clock was counted before the calendar of its year was published, for `each_due`."""
    return select(CaseRow).where(CaseRow.provisional_year <= published_year).order_by(CaseRow.id)


class Cases:
    """The cases of this deployment."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def get(self, case_id: UUID, *, lock: bool = False) -> Case:
        """The case, or `NotFound`. `lock` keeps other writers waiting until this transaction ends."""
        return self._one(select(CaseRow).where(CaseRow.id == case_id), lock)

    def of_application(self, application_id: UUID, *, lock: bool = False) -> Case | None:
        """The case of an application; None while it isn't open yet."""
        return self._first(select(CaseRow).where(CaseRow.application_id == application_id), lock)

    def open_of_institution(self, institution_id: UUID) -> list[Case]:
        """The open cases that name an institution, locked, always in the same order."""
        statement = select(CaseRow).where(CaseRow.institution_id == institution_id, CaseRow.is_open.is_(True))
        rows = self._session.scalars(self._locked(statement.order_by(CaseRow.id)))
        return [self._case(row) for row in rows]

    def many(self, ids: Iterable[UUID]) -> dict[UUID, Case]:
        """The cases of a page of tasks."""
        rows = self._session.scalars(select(CaseRow).where(CaseRow.id.in_(list(ids))))
        return {row.id: self._case(row) for row in rows}

    def add(self, case: Case, *, is_open: bool, wake_on: date | None) -> Case:
        """A new case, at version 1."""
        self._session.execute(
            insert(CaseRow).values(id=case.id, version=1, **self._values(case, is_open=is_open, wake_on=wake_on))
        )
        return replace(case, version=1)

    def save(self, case: Case, *, is_open: bool, wake_on: date | None) -> Case:
        """Write the case back, unless someone else wrote it since it was read: `Conflict("case_changed")`."""
        values = self._values(case, is_open=is_open, wake_on=wake_on)
        version = save_versioned(self._session, CaseRow, case.id, case.version, values, "case_changed")
        return replace(case, version=version)

    def name_index(self, name: str) -> str:
        """The blind index by which an applicant's name is searched, dots and spaces unified."""
        return self._ring.index(normalise(name), purpose=NAME)

    def _one(self, statement: Select[CaseRow], lock: bool) -> Case:
        found = self._first(statement, lock)
        if found is None:
            raise NotFound("not_found")
        return found

    def _first(self, statement: Select[CaseRow], lock: bool) -> Case | None:
        # What this transaction wrote by statement is read anew.
        statement = statement.execution_options(populate_existing=True)
        row = self._session.scalars(self._locked(statement) if lock else statement).first()
        return None if row is None else self._case(row)

    def _locked(self, statement: Select[CaseRow]) -> Select[CaseRow]:
        # SQLite's writers have the whole file to themselves.
        return statement.with_for_update() if self._session.get_bind().dialect.name == "postgresql" else statement

    def _case(self, row: CaseRow) -> Case:
        return Case(
            id=row.id,
            version=row.version,
            application_id=row.application_id,
            number=row.number,
            type=row.type,
            sub_kind=row.sub_kind,
            submission=row.submission,
            province=row.province,
            person_id=row.person_id,
            applicant_name=self._ring.open(row.applicant_name, purpose=NAME),
            level=row.level,
            category=row.category,
            institution=read_institution(row.institution),
            workflow=WorkflowPin(row.workflow_name, row.workflow_version, row.workflow_digest),
            policy=read_policy(row.policy),
            state=row.state,
            opened_at=row.opened_at,
            entered_on=row.entered_on,
            received_on=row.received_on,
            accepted_on=row.accepted_on,
            decided_on=row.decided_on,
            licence_status=row.licence_status,
            outcomes=read_outcomes(row.outcomes, self._ring),
            materials=tuple(row.materials),
            paper_materials=tuple(row.paper_materials),
            paper_received=tuple(row.paper_received),
            reasons=tuple(read_reason(reason, self._ring) for reason in row.reasons),
            noticed_targets=tuple(row.noticed_targets),
            notice=row.notice,
            pre_reviewed=tuple(row.pre_reviewed),
            clocks=tuple(read_clock(clock) for clock in row.clocks),
            decision_number=row.decision_number,
            steps=row.steps,
        )

    def _values(self, case: Case, *, is_open: bool, wake_on: date | None) -> dict[str, Any]:
        years = [clock.due_on.year for clock in case.clocks if clock.running and clock.provisional]
        return {
            "application_id": case.application_id,
            "number": case.number,
            "type": case.type,
            "sub_kind": case.sub_kind,
            "submission": case.submission,
            "province": case.province,
            "person_id": case.person_id,
            "applicant_name": self._ring.seal(case.applicant_name, purpose=NAME),
            "applicant_name_index": self.name_index(case.applicant_name),
            "level": case.level,
            "category": case.category,
            "institution_id": case.institution.id,
            "institution": stored_institution(case.institution),
            "workflow_name": case.workflow.name,
            "workflow_version": case.workflow.version,
            "workflow_digest": case.workflow.digest,
            "policy": stored_policy(case.policy),
            "state": case.state,
            "is_open": is_open,
            "opened_at": case.opened_at,
            "entered_on": case.entered_on,
            "received_on": case.received_on,
            "accepted_on": case.accepted_on,
            "decided_on": case.decided_on,
            "licence_status": case.licence_status,
            "outcomes": stored_outcomes(case.outcomes, self._ring),
            "materials": list(case.materials),
            "paper_materials": list(case.paper_materials),
            "paper_received": list(case.paper_received),
            "reasons": [stored_reason(reason, self._ring) for reason in case.reasons],
            "noticed_targets": list(case.noticed_targets),
            "pre_reviewed": list(case.pre_reviewed),
            "clocks": [stored_clock(clock) for clock in case.clocks],
            "decision_number": case.decision_number,
            "steps": case.steps,
            "notice": case.notice,
            "wake_on": wake_on,
            "provisional_year": max(years, default=None),
        }


class Records:
    """What is only ever added: steps and decisions."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def add_step(self, case: Case, step: Step) -> None:
        """Append a step to a case's history."""
        self._session.execute(
            insert(StepRow).values(
                id=new_id(),
                case_id=case.id,
                position=step.position,
                at=step.at,
                action=step.action,
                from_state=step.from_state,
                to_state=step.to_state,
                actor=step.actor,
                actor_role=step.actor_role,
                organisation_id=step.organisation_id,
                organisation_name=step.organisation_name,
                reasons=[stored_reason(reason, self._ring) for reason in step.reasons],
                note=stored_note(step.note, self._ring),
                effective_on=step.effective_on,
                submission=step.submission,
                right_authority=None if step.right_authority is None else stored_authority(step.right_authority),
            )
        )

    def steps_of(self, case_id: UUID) -> list[Step]:
        """The history of a case, oldest first."""
        rows = self._session.scalars(select(StepRow).where(StepRow.case_id == case_id).order_by(StepRow.position))
        return [_step(row, self._ring) for row in rows]

    def was_seen(self, case_id: UUID, viewer: str, day: date) -> bool:
        """Whether that day's access log has this look already."""
        return is_marked(self._session, CaseViewRow, who=viewer, what=str(case_id), day=day)

    def note_view(self, case_id: UUID, viewer: str, day: date) -> bool:
        """Note that somebody looks at a case; whether it is the first time that day."""
        return mark(self._session, CaseViewRow, who=viewer, what=str(case_id), day=day)

    def forget_views(self, before: date) -> int:
        """Drop the notes of days that are over; the access log itself is kept by `accounts`."""
        return forget_before(self._session, CaseViewRow, before)

    def next_serial(self, division: str, business_type: str, year: int) -> int:
        """The next number of decisions in a division; held until the transaction ends, so that none is given twice."""
        dialect = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        counted = dialect.insert(DecisionCounterRow).values(division=division, type=business_type, year=year, last=1)
        counted = counted.on_conflict_do_update(
            index_elements=["division", "type", "year"], set_={"last": DecisionCounterRow.last + 1}
        )
        return int(self._session.execute(counted.returning(DecisionCounterRow.last)).scalar_one())

    def add_decision(self, case: Case, decision: Decision, number: str) -> None:
        """Keep a decision with its inputs: reasons, workflow, policy and the outcomes of the rules (domain §8)."""
        self._session.execute(
            insert(DecisionRow).values(
                id=new_id(),
                case_id=case.id,
                number=number,
                outcome=decision.outcome,
                authority_id=decision.authority.id,
                decided_on=decision.decided_on,
                decided_at=decision.decided_at,
                decided_by=decision.decided_by,
                submission=case.submission,
                reasons=[stored_reason(reason, self._ring) for reason in decision.reasons],
                note=stored_note(decision.note, self._ring),
                remedies=list(decision.remedies),
                workflow=f"{case.workflow.name}/{case.workflow.version}",
                workflow_digest=case.workflow.digest,
                policy=stored_policy(case.policy),
                outcomes=stored_outcomes(case.outcomes, self._ring),
            )
        )


def _step(row: StepRow, ring: KeyRing) -> Step:
    right = row.right_authority
    return Step(
        position=row.position,
        at=row.at,
        action=row.action,
        from_state=row.from_state,
        to_state=row.to_state,
        actor=row.actor,
        actor_role=row.actor_role,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        reasons=tuple(read_reason(reason, ring) for reason in row.reasons),
        note=read_note(row.note, ring),
        effective_on=row.effective_on,
        submission=row.submission,
        right_authority=None if right is None else Authority(**{**right, "id": UUID(right["id"])}),
    )

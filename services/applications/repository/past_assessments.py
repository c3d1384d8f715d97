"""The kept runs of all rules, application by application, in pages: what a rehearsal reads, and never writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing
from shared.platform.partly_sealed import open_items

from ..domain.assessment import Assessment, Occasion, Pin
from ..domain.facts import Facts
from ..domain.plain import from_plain
from ..domain.rules import Result, RuleOutcome
from ..models import ApplicationRow, AssessmentRow
from .applications import FACTS, OUTCOME


@dataclass(frozen=True)
class Selection:
    """Which runs are wanted: of applications of these provinces, from a moment on, before another."""

    provinces: tuple[str, ...]
    since: datetime | None
    before: datetime


@dataclass(frozen=True)
class PastAssessment:
    """A kept run with what is to be known of its application: no name, no identity."""

    id: UUID
    application_id: UUID
    number: str
    type: str
    province: str
    assessment: Assessment


class PastAssessments:
    """Reads them by application and age."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def page(self, selection: Selection, after: PastAssessment | None, limit: int) -> list[PastAssessment]:
        """The next runs behind one, those of an application together and the oldest first; none at the end."""
        query = (
            select(AssessmentRow, ApplicationRow.number, ApplicationRow.type, ApplicationRow.province)
            .join(ApplicationRow, ApplicationRow.id == AssessmentRow.application_id)
            .where(ApplicationRow.province.in_(selection.provinces), AssessmentRow.at < selection.before)
            .order_by(AssessmentRow.application_id, AssessmentRow.id)
            .limit(limit)
        )
        if selection.since is not None:
            query = query.where(AssessmentRow.at >= selection.since)
        if after is not None:
            behind = and_(AssessmentRow.application_id == after.application_id, AssessmentRow.id > after.id)
            # The first condition says nothing new: it lets the index of applications begin where the page does.
            query = query.where(
                AssessmentRow.application_id >= after.application_id,
                or_(AssessmentRow.application_id > after.application_id, behind),
            )
        return [
            PastAssessment(row.id, row.application_id, number, type_, province, self._assessment(row))
            for row, number, type_, province in self._session.execute(query)
        ]

    def _assessment(self, row: AssessmentRow) -> Assessment:
        outcomes = open_items(row.outcomes, lambda sealed: self._ring.open(sealed, purpose=OUTCOME))
        return Assessment(
            occasion=Occasion(row.occasion),
            facts=from_plain(Facts, json.loads(self._ring.open(row.facts, purpose=FACTS))),
            policy=from_plain(Pin, row.policy),
            outcomes=tuple(map(_outcome, outcomes)),
        )


_NAMES = frozenset(field.name for field in fields(RuleOutcome))


def _outcome(plain: Mapping[str, Any]) -> RuleOutcome:
    """What `from_plain` gives; finding out for each that an outcome is flat would be half of a rehearsal."""
    known = {name: value for name, value in plain.items() if name in _NAMES}
    return RuleOutcome(**{**known, "result": Result(plain["result"])})

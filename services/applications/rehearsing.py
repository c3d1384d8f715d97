"""Rehearses a draft of a policy on all past cases: page after page, reading only, in the memory of one page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import groupby

from shared.platform.crypto import storage_ring
from shared.platform.database import UnitOfWorkFactory
from shared.trade.knobs import KNOBS
from shared.trade.policy import Policy

from .dependencies import PolicyBook
from .domain.business import kind_of
from .domain.rehearsal import PolicyValues, Rehearsed, RehearsedCase, rehearse
from .repository.past_assessments import PastAssessment, PastAssessments, Selection
from .unit_of_work import SERVICE, ApplicationsUnitOfWork

PAGE = 500


class Rehearsal:
    """Past runs of the rules under the deployment's policy, and under it with a draft in place of one file."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory[ApplicationsUnitOfWork],
        known: Policy,
        draft: Policy,
        *,
        as_of: date | None = None,
        page: int = PAGE,
    ) -> None:
        """Each run is judged by the draft of its own policy's day, or all by that of `as_of`."""
        self._unit_of_work = unit_of_work
        self._known = PolicyBook(known)
        self._draft = PolicyBook(draft)
        self._as_of = as_of
        self._page = page
        self._values = lru_cache(maxsize=1024)(self._look_up)

    def cases(self, selection: Selection) -> Iterator[RehearsedCase]:
        """Every application that has a run in the selection, rehearsed."""
        for _, runs in groupby(self._past(selection), key=lambda past: past.application_id):
            first, *others = runs
            yield RehearsedCase(first.number, first.type, tuple(self._rehearsed(run) for run in (first, *others)))

    def _past(self, selection: Selection) -> Iterator[PastAssessment]:
        last: PastAssessment | None = None
        while True:
            with self._unit_of_work(read_only=True) as uow:
                found = PastAssessments(uow.session, storage_ring(SERVICE)).page(selection, last, self._page)
            yield from found
            if len(found) < self._page:
                return
            last = found[-1]

    def _rehearsed(self, past: PastAssessment) -> Rehearsed:
        """Under the values of the institution's division, as they were looked up for the run itself."""
        kept, kind = past.assessment, kind_of(past.type, past.assessment.facts.sub_kind)
        institution = kept.facts.institution
        division = past.province if institution is None else institution.division
        known, draft = self._values(past.type, kept.facts.sub_kind, division, kept.policy.on)
        if others := [key for key in kept.facts.policy if key in KNOBS and key not in draft]:
            # What the kind no longer reads stands in the record still, and the very versions that ran may read it.
            in_force = self._draft.on(self._as_of or kept.policy.on)
            draft = {**draft, **{key: in_force.get(key, division) for key in others}}
        return rehearse(kind, kept, known, draft)

    def _look_up(self, type_: str, sub_kind: str, division: str, day: date) -> tuple[PolicyValues, PolicyValues]:
        kind = kind_of(type_, sub_kind)
        return self._known.values(kind, division, day), self._draft.values(kind, division, self._as_of or day)

"""A report: an application that an organisation or a nightly job starts and submits in one step (`domain.md` §3.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.trade.statuses import ApplicationState

from .application import Application, refuse_stopped
from .assessment import Assessment
from .business import BusinessKind


def report(draft: Application, kind: BusinessKind, assessment: Assessment, *, now: datetime) -> Application:
    """The submitted application; what fails or was not said stops it (`not_ready`), what a person judges does not."""
    refuse_stopped([*assessment.failed, *assessment.unproved])
    return replace(
        draft,
        state=ApplicationState.SUBMITTED,
        submission=1,
        outcomes=assessment.outcomes,
        policy=assessment.policy,
        acts_next="window" if draft.started_by == "institution" else "authority",
        submitted_at=now,
    )

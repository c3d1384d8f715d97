"""A step of a case: who takes it, what the history keeps of it, the decision it may be, and the task it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from .case import Authority, Reason
from .workflow import ActorKind


@dataclass(frozen=True)
class ActorFacts:
    """Who acts, as far as the table asks. `person_id` is the human being behind a member of staff, where known.

    `name` is the event's or the clock's. `id` and `role` go into the history.
    """

    kind: ActorKind
    id: str = ""
    role: str = ""
    organisation_id: UUID | None = None
    person_id: UUID | None = None
    name: str = ""


@dataclass(frozen=True)
class Step:
    """One step of a case as it happened; steps are only added."""

    position: int
    at: datetime
    action: str
    from_state: str
    to_state: str
    actor: str
    actor_role: str
    organisation_id: UUID | None
    organisation_name: str
    reasons: tuple[Reason, ...]
    note: str
    effective_on: date
    submission: int
    right_authority: Authority | None = None


@dataclass(frozen=True)
class Decision:
    """A decision (决定) on a case; its number is given when it is recorded."""

    outcome: str
    decided_on: date
    decided_at: datetime
    authority: Authority
    decided_by: str
    reasons: tuple[Reason, ...]
    note: str
    remedies: tuple[str, ...]


@dataclass(frozen=True)
class TaskFacts:
    """What a state puts on whose desk."""

    step: str
    tab: str
    desk: str
    waits: bool
    organisation_id: UUID
    organisation_name: str
    due_on: date | None
    provisional: bool

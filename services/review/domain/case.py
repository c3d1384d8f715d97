"""A case (案件) and what belongs to it: who is responsible, the policy it is decided under, its clocks and steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.trade.knobs import Value

from .workflow import ActorKind, Unit

SEES_SENSITIVE = frozenset({"window", "officer", "head"})
"""The roles of an authority, which alone judge what is sensitive."""


@dataclass(frozen=True)
class Authority:
    """A health authority (卫生健康主管部门) as the case needs it."""

    id: UUID
    name: str
    tier: str
    division: str
    window_address: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Institution:
    """The institution (拟执业机构) as it stood when the application was submitted.

    `authority` approved it and is competent for its physicians (医师执业注册管理办法 art.9); `others` are the
    authorities above it and below it on the institution's own division path. `snapshot` is the whole of what was told,
    in its wire form, for those who look at the case.
    """

    id: UUID
    name: str
    division: str
    licence_status: str
    authority: Authority
    others: tuple[Authority, ...] = ()
    snapshot: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def authority_of(self, tier: str) -> Authority | None:
        """The authority that looks at this institution's cases on a tier; the competent one stands first."""
        return next((one for one in (self.authority, *self.others) if one.tier == tier), None)


@dataclass(frozen=True)
class WorkflowPin:
    """The workflow version that a case was opened on."""

    name: str
    version: int
    digest: str


@dataclass(frozen=True)
class Policy:
    """The policy that a case is dealt with under, with the values that hold in the institution's division."""

    number: str
    digest: str
    on: date
    values: Mapping[str, Value] = field(repr=False)

    def flag(self, key: str) -> bool:
        """A knob that is true or false."""
        return self.values[key] is True

    def whole(self, key: str) -> int:
        """A knob that is a number."""
        value = self.values[key]
        if not isinstance(value, int):
            raise TypeError(key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A knob that is a list of texts."""
        value = self.values[key]
        if not isinstance(value, list):
            raise TypeError(key)
        return tuple(str(item) for item in value)


@dataclass(frozen=True)
class Clock:
    """A period that runs or ran: first and last day, and what has been told of its end.

    `near_told` is the smallest number of days left that was announced; `provisional` says that the calendar of one of
    its days is not published yet.
    """

    name: str
    started_on: date
    days: int
    due_on: date
    provisional: bool
    basis: str
    running: bool = True
    near_told: int | None = None
    passed_told: bool = False

    def has_passed(self, today: date) -> bool:
        """Whether its last day is over."""
        return today > self.due_on


@dataclass(frozen=True)
class Reason:
    """One point raised: a code, and the document or field that it speaks of."""

    code: str
    target: str = ""
    note: str = ""


@dataclass(frozen=True)
class Case:
    """A case as it stands; every change gives a new value.

    `notice` counts the notices of what is missing, so that an answer says which of them it answers.
    """

    id: UUID
    version: int
    application_id: UUID
    number: str
    type: str
    sub_kind: str
    submission: int
    province: str
    person_id: UUID
    applicant_name: str = field(repr=False)
    level: str
    category: str
    institution: Institution
    workflow: WorkflowPin
    policy: Policy
    state: str
    opened_at: datetime
    entered_on: date
    received_on: date | None = None
    accepted_on: date | None = None
    decided_on: date | None = None
    licence_status: str = "valid"
    outcomes: tuple[Mapping[str, Any], ...] = ()
    materials: tuple[str, ...] = ()
    paper_materials: tuple[str, ...] = ()
    paper_received: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    noticed_targets: tuple[str, ...] = ()
    notice: int = 0
    pre_reviewed: tuple[str, ...] = ()
    clocks: tuple[Clock, ...] = ()
    decision_number: str = ""
    steps: int = 0

    @property
    def running_clock(self) -> Clock | None:
        """The clock of the present state."""
        return next((clock for clock in self.clocks if clock.running), None)

    @property
    def pre_review_tiers(self) -> tuple[str, ...]:
        """The tiers that still have to look at the case, by the pinned policy; the deciding one is never its own."""
        return tuple(
            tier
            for tier in self.policy.texts("review.pre_tiers")
            if tier not in self.pre_reviewed
            and (found := self.institution.authority_of(tier)) is not None
            and found.id != self.institution.authority.id
        )

    def unit(self, unit: Unit) -> Authority | Institution:
        """The organisation that stands for `unit` now."""
        if unit is Unit.TARGET_INSTITUTION:
            return self.institution
        if unit is Unit.PRE_REVIEW_TIER and (tiers := self.pre_review_tiers):
            return self.institution.authority_of(tiers[0]) or self.institution.authority
        return self.institution.authority

    def outcomes_for(self, role: str) -> tuple[Mapping[str, Any], ...]:
        """The automatic outcomes that a role may know.

        What speaks of capacity, punishments or health is for the authority alone (个人信息保护法 art.28); so is an
        outcome that doesn't say whether it does.
        """
        if role in SEES_SENSITIVE:
            return self.outcomes
        return tuple(outcome for outcome in self.outcomes if outcome.get("sensitive") is False)

    def failing_checks(self, role: str) -> int:
        """How many of the outcomes that a role may know need an eye."""
        return sum(outcome["result"] != "passed" for outcome in self.outcomes_for(role))


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

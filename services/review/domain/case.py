"""A case (案件) and what belongs to it: who is responsible, the policy it is decided under, its clocks and steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.trade.knobs import Value

from .workflow import OTHER_SIDE, PRE_TIERS, Unit

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
class Release:
    """What the policy of the submission makes of the other side: whom it asks in which order, and what silence means.

    `asked` are those whose turn it was or is.
    """

    units: tuple[Unit, ...] = ()
    by_silence: bool = False
    asked: tuple[Unit, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What somebody who was asked, or the physician whose case others started, has said. It decides nothing (E47).

    `unit` is one of `Unit`, or `applicant`.
    """

    unit: str
    answer: str
    on: date
    organisation_id: UUID | None = None
    organisation_name: str = ""
    reasons: tuple[Reason, ...] = ()
    note: str = field(default="", repr=False)


APPLICANT = "applicant"


@dataclass(frozen=True)
class Case:
    """A case as it stands; every change gives a new value.

    `notice` counts the notices of what is missing, so that an answer says which of them it answers. `releasing` is the
    institution on the other side: that is left, or whose physician it is. `reviewed_by` are the keys of the policy that
    say who looks first.
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
    started_by: str = "physician"
    starter_id: UUID | None = None
    releasing: Institution | None = None
    release: Release = Release()
    answers: tuple[Answer, ...] = ()
    reviewed_by: tuple[str, ...] = (PRE_TIERS,)

    @property
    def running_clock(self) -> Clock | None:
        """The clock of the present state."""
        return next((clock for clock in self.clocks if clock.running), None)

    @property
    def confirming_tiers(self) -> tuple[str, ...]:
        """The tiers that have to agree, by a flag of the policy: the province's alone (domain §3.3)."""
        flags = (key for key in self.reviewed_by if self.policy.values[key] is True)
        return ("province",) if any(flags) else ()

    @property
    def reviewing_tiers(self) -> tuple[str, ...]:
        """The tiers that the pinned policy lets look at the case before the decision, each once."""
        listed = (
            tier
            for key in self.reviewed_by
            if isinstance(self.policy.values[key], list)
            for tier in self.policy.texts(key)
        )
        return tuple(dict.fromkeys((*listed, *self.confirming_tiers)))

    @property
    def pre_review_tiers(self) -> tuple[str, ...]:
        """The tiers that still have to look at the case, by the pinned policy; the deciding one is never its own."""
        return tuple(
            tier
            for tier in self.reviewing_tiers
            if tier not in self.pre_reviewed
            and (found := self.institution.authority_of(tier)) is not None
            and found.id != self.institution.authority.id
        )

    @property
    def asked_unit(self) -> Unit | None:
        """The unit of the other side whose turn it is."""
        asked = self.release.asked
        return asked[-1] if asked and asked[-1] not in {answer.unit for answer in self.answers} else None

    @property
    def to_be_asked(self) -> tuple[Unit, ...]:
        """Who of the other side is still to be asked, as far as anybody is there to answer."""
        return tuple(
            unit for unit in self.release.units if unit not in self.release.asked and self.other_side(unit) is not None
        )

    def other_side(self, unit: Unit) -> Authority | Institution | None:
        """Who of the other side can be asked; an institution without licence can't, nor who is on this side as well."""
        releasing = self.releasing
        if releasing is None or releasing.id == self.institution.id:
            return None
        if unit is Unit.RELEASING_INSTITUTION:
            return None if releasing.licence_status == "cancelled" else releasing
        return None if releasing.authority.id == self.institution.authority.id else releasing.authority

    def unit(self, unit: Unit) -> Authority | Institution | None:
        """The organisation that stands for `unit` now; None where nobody does."""
        if unit is Unit.TARGET_INSTITUTION:
            return self.institution
        if unit in OTHER_SIDE:
            return self.other_side(unit) if unit is self.asked_unit else None
        if unit is Unit.STARTING_INSTITUTION:
            started = self.started_by == "institution" and self.starter_id == self.institution.id
            return self.institution if started else None
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

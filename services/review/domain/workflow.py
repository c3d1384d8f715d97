"""A workflow as a value: states, actions, who may take them, clocks and reasons. It decides nothing by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

STAYS: Final = "="


class Unit(StrEnum):
    """Which organisation is responsible for a step, seen from the case."""

    TARGET_INSTITUTION = "target_institution"
    COMPETENT_AUTHORITY = "competent_authority"
    PRE_REVIEW_TIER = "pre_review_tier"


#: The desks (岗位) of an organisation and the roles that may work at each: who decides may also receive.
DESKS: Final[Mapping[str, tuple[str, ...]]] = {
    "clerk": ("clerk",),
    "window": ("window", "officer", "head"),
    "officer": ("officer", "head"),
}

TABS: Final = ("confirm", "receive", "accept", "review", "decide", "supplementing", "exception")


class ActorKind(StrEnum):
    """Who can take an action."""

    STAFF = "staff"
    APPLICANT = "applicant"
    EVENT = "event"
    TIMER = "timer"
    SYSTEM = "system"


@dataclass(frozen=True)
class Who:
    """One kind of actor that a row admits: a desk of a unit, the applicant, an event, a timer, the system itself.

    `name` is the event's or the clock's; a timer without one admits every timer.
    """

    kind: ActorKind
    unit: Unit | None = None
    desk: str = ""
    name: str = ""


@dataclass(frozen=True)
class TaskRule:
    """What lies on whose desk while a case is in a state; `waits` only shows that somebody else is asked."""

    step: str
    tab: str
    unit: Unit
    desk: str
    waits: bool = False
    exception_when: str = ""


@dataclass(frozen=True)
class State:
    """One state of a case; at an `end` nobody is asked for anything any more."""

    name: str
    acts_next: str
    end: bool = False
    clock: str = ""
    task: TaskRule | None = None


@dataclass(frozen=True)
class ClockRule:
    """A period in working days: how long, from when, what its end does, and on what it rests.

    `days` is a number or a key of the policy; `at_most` caps the latter. `then` is `remind` or the timer's action.
    """

    name: str
    days: int | str
    counts_from: str
    then: str
    basis: str
    at_most: int | None = None


@dataclass(frozen=True)
class Action:
    """One row of the table: by whom a case goes from which states to which, under which conditions.

    What its actor brings: `reasons`, a `note`, `papers`. What it does besides: `raises_points` tells the applicant what
    is missing, `all_at_once` lets that be told once; `keeps_reasons` leaves the last points visible; `pins_policy` pins
    today's policy; `pre_reviews` ticks off the present tier; `settles` ends the acting unit's part; `sets` sets legal
    days; `outcome` makes it the decision, with its `remedies`.
    """

    name: str
    from_states: tuple[str, ...]
    to: str
    by: tuple[Who, ...]
    when: tuple[str, ...] = ()
    reasons: bool = False
    note: bool = False
    papers: bool = False
    all_at_once: bool = False
    raises_points: bool = False
    keeps_reasons: bool = False
    pre_reviews: bool = False
    pins_policy: bool = False
    settles: bool = False
    outcome: str = ""
    remedies: tuple[str, ...] = ()
    sets: Mapping[str, str] | None = None

    @property
    def stays(self) -> bool:
        """Whether the case stays in its state and keeps its task."""
        return self.to == STAYS

    def target(self, state: str) -> str:
        """The state that follows `state`."""
        return state if self.stays else self.to


@dataclass(frozen=True)
class ReasonRule:
    """A reason code: which actions may give it, against which documents or fields, whether it needs words."""

    code: str
    actions: tuple[str, ...]
    targets: tuple[str, ...] = ()
    note: bool = False
    names_authority: bool = False
    article: str = ""


@dataclass(frozen=True)
class Workflow:
    """A checked workflow of one version; `digest` is that of the file it was read from."""

    name: str
    version: int
    digest: str
    start: str
    decision_number: str
    states: Mapping[str, State]
    actions: tuple[Action, ...]
    clocks: Mapping[str, ClockRule]
    reasons: Mapping[str, ReasonRule]

    @property
    def label(self) -> str:
        """Name and version, as people cite it: `REG/1`."""
        return f"{self.name}/{self.version}"

    @property
    def action_names(self) -> frozenset[str]:
        """Every action that the table knows."""
        return frozenset(action.name for action in self.actions)

    def rows(self, state: str, name: str | None = None) -> tuple[Action, ...]:
        """The rows that start in `state`, in the order of the table; those of one action where a name is given."""
        return tuple(action for action in self.actions if state in action.from_states and name in (None, action.name))

    def gives_opinion(self, action: str) -> bool:
        """Whether an action says what one authority tells another (复核意见), which binds nobody."""
        return any(row.name == action and row.pre_reviews for row in self.actions)

    def reason_codes(self, action: str) -> tuple[str, ...]:
        """The codes that may be given with an action, in the order of the table."""
        return tuple(rule.code for rule in self.reasons.values() if action in rule.actions)

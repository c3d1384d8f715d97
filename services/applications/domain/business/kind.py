"""What a kind of business is: its form, its materials, its conditions and its effect, as values.

A kind is told by its type and, where the type has several, its sub-kind: each is a value of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from services.applications.domain.facts import Held
from services.applications.domain.institution import Institution
from services.applications.domain.rules import Rule, RuleOutcome
from shared.trade.statuses import BusinessType

if TYPE_CHECKING:  # an effect is made of the application, which is made of kinds
    from services.applications.domain.effect import Approval, Changes

MEGABYTE = 1024 * 1024
PICTURES = ("image/jpeg", "image/png")
PAPERS = ("application/pdf", *PICTURES)

PolicyValues = Mapping[str, Any]

MATERIAL_KEYS = (
    "material.health_check",
    "material.id_copy",
    "material.licence_copy",
    "paper.required",
    "release.accept_score_sheet",
    "release.need_paper_cert",
    "scope.tcm_second_level",
    "sla.decision_days",
)
"""What the form, the list of materials and the promised time depend on."""


class FieldKind(StrEnum):
    """How a field is asked; `locked` is known from a registry and only shown."""

    TEXT = "text"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    INSTITUTION = "institution"
    QUALIFICATION = "qualification"
    BOOLEAN = "boolean"
    LOCKED = "locked"


def _always(policy: PolicyValues) -> bool:
    return True


def _never(policy: PolicyValues) -> bool:
    return False


def _any_choice(policy: PolicyValues, choice: str) -> bool:
    return True


@dataclass(frozen=True)
class Field:
    """One field of a step."""

    name: str
    kind: FieldKind
    required: bool = True
    choices: tuple[str, ...] = ()
    max_length: int | None = None
    max_choices: int | None = None
    years_back: int | None = None
    years_ahead: int | None = None
    """How far from today a date may lie; nothing is said where they are None."""
    asked: Callable[[PolicyValues], bool] = _always
    """Whether the form has it under a policy."""
    offers: Callable[[PolicyValues, str], bool] = _any_choice
    """Which of the choices are offered under a policy; what else is sent is for a rule to judge."""
    sensitive: bool = False
    """Health, convictions, capacity: for the applicant and the deciding authority alone (个人信息保护法 art.28)."""


@dataclass(frozen=True)
class Step:
    """One question page of the form; `takes_files` is the one for the materials, `is_last` the one that submits."""

    name: str
    fields: tuple[Field, ...] = ()
    takes_files: bool = False
    is_last: bool = False

    @property
    def can_be_changed(self) -> bool:
        """Whether the applicant fills in anything on it."""
        return any(field.kind is not FieldKind.LOCKED for field in self.fields)


def _not_replaced(policy: PolicyValues, uploaded: frozenset[str]) -> bool:
    return False


@dataclass(frozen=True)
class Material:
    """A document that may be asked for: by policy, or by a rule whose proof it is."""

    kind: str
    media_types: tuple[str, ...] = PAPERS
    max_size: int = 10 * MEGABYTE
    asked: Callable[[PolicyValues], bool] = _always
    required: Callable[[PolicyValues], bool] = _always
    paper_original: bool = False
    paper_only: bool = False
    """Filled in and signed at the window; never uploaded."""
    replaced: Callable[[PolicyValues, frozenset[str]], bool] = _not_replaced
    """Whether another upload stands for this one under a policy, so that its paper isn't asked for."""
    sensitive: bool = False


@dataclass(frozen=True)
class NeededMaterial:
    """A material as this application needs it."""

    kind: str
    required: bool
    paper_original: bool
    media_types: tuple[str, ...]
    max_size: int


class About(StrEnum):
    """What an application is about, and so what is chosen when it is begun."""

    QUALIFICATION = "qualification"
    REGISTRATION = "registration"
    FILING = "filing"


class Confirming(StrEnum):
    """Which institution confirms, and so whose authority decides (医师执业注册管理办法 art.9)."""

    NAMED = "named"
    """The one that the form names."""
    MAIN = "main"
    """The main institution of the registration."""
    FILED = "filed"
    """The further institution of the filing."""


@dataclass(frozen=True)
class BusinessKind:
    """One of the kinds of business, as its section of the handbook describes it."""

    type: BusinessType
    number_prefix: str
    about: About
    confirming: Confirming
    effect: Callable[[Approval], Changes]
    sub_kind: str = ""
    steps: tuple[Step, ...] = ()
    materials: tuple[Material, ...] = ()
    rules: tuple[Rule, ...] = ()
    documents: tuple[str, ...] = ()
    admits: Callable[[Held], bool] = lambda held: held.status.is_registered
    """Whether a registration is offered as what the application is about; the rules judge it."""
    has_other_side: bool = False
    """Whether the main institution of the registration stands on the other side (ADR 0015)."""
    opens_registration: bool = False
    """Whether an approval puts a further registration into the register."""
    opens_with_another: bool = False
    """Whether it is opened with another qualification than that of the registration it is about."""
    starters: tuple[str, ...] = ("physician",)
    effect_keys: tuple[str, ...] = ()
    """The knobs that its effect, or its chain in `review`, reads besides those of its rules."""
    settles: Callable[[Held, Institution], str] | None = None
    """Which of the sub-kinds it really is, once the institution is named; None where that is known from the start."""

    @property
    def policy_keys(self) -> frozenset[str]:
        """The knobs that its rules and its list of materials read: what a decision keeps."""
        read = {key for rule in self.rules for key in rule.policy_keys}
        return frozenset(read.union(MATERIAL_KEYS, self.effect_keys))

    def form(self, policy: PolicyValues) -> list[Step]:
        """The steps with the fields and choices that a policy asks for: what is shown to who fills it in."""
        return [
            replace(
                step,
                fields=tuple(
                    replace(field, choices=tuple(choice for choice in field.choices if field.offers(policy, choice)))
                    for field in step.fields
                    if field.asked(policy)
                ),
            )
            for step in self.steps
        ]

    def step(self, name: str) -> Step | None:
        """The step of that name, if the form has one."""
        return next((step for step in self.steps if step.name == name), None)

    def material(self, kind: str) -> Material | None:
        """The material that can be uploaded under that name, if there is one."""
        return next((item for item in self.materials if item.kind == kind and not item.paper_only), None)

    def needed_materials(self, policy: PolicyValues, outcomes: tuple[RuleOutcome, ...] = ()) -> list[NeededMaterial]:
        """What is to be uploaded, under a policy and after what the rules said."""
        proofs = {outcome.remedy["material"] for outcome in outcomes if "material" in outcome.remedy}
        return [
            NeededMaterial(
                item.kind,
                item.required(policy) or item.kind in proofs,
                item.paper_original,
                item.media_types,
                item.max_size,
            )
            for item in self.materials
            if not item.paper_only and (item.asked(policy) or item.kind in proofs)
        ]

    def paper_materials(self, policy: PolicyValues, uploaded: frozenset[str]) -> list[str]:
        """What is handed over on paper at the window; nothing where the province is fully online."""
        if not policy["paper.required"]:
            return []
        return [
            item.kind
            for item in self.materials
            if (item.paper_only or item.paper_original)
            and (item.kind in uploaded or (item.asked(policy) and not item.replaced(policy, uploaded)))
        ]


def by_policy(key: str) -> Callable[[PolicyValues], bool]:
    """Asked where the province's policy says so."""
    return lambda policy: bool(policy[key])


def only_for_a_rule(policy: PolicyValues) -> bool:
    """Asked when a rule needs the proof, never otherwise."""
    return _never(policy)


def optional(policy: PolicyValues) -> bool:
    """May be uploaded, need not be."""
    return _never(policy)

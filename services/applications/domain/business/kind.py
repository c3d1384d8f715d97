"""What a kind of business is: its form, its materials, its conditions and its effect, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.applications.domain.rules import Rule, RuleOutcome
from shared.trade.statuses import BusinessType

MEGABYTE = 1024 * 1024
PICTURES = ("image/jpeg", "image/png")
PAPERS = ("application/pdf", *PICTURES)

PolicyValues = Mapping[str, Any]

MATERIAL_KEYS = (
    "material.health_check",
    "material.id_copy",
    "material.licence_copy",
    "paper.required",
    "release.need_paper_cert",
    "sla.decision_days",
)
"""What the list of materials and the promised time depend on."""


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


class Effect(StrEnum):
    """What an approval does to the register."""

    OPEN_REGISTRATION = "open_registration"


@dataclass(frozen=True)
class BusinessKind:
    """One of the nine kinds of business, as its section of the handbook describes it."""

    type: BusinessType
    sub_kinds: tuple[str, ...]
    number_prefix: str
    available: bool = False
    available_sub_kinds: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    materials: tuple[Material, ...] = ()
    rules: tuple[Rule, ...] = ()
    effect: Effect | None = None
    documents: tuple[str, ...] = ()

    @property
    def policy_keys(self) -> frozenset[str]:
        """The knobs that its rules and its list of materials read: what a decision keeps."""
        read = {key for rule in self.rules for key in rule.policy_keys}
        return frozenset(read.union(MATERIAL_KEYS))

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

    def exclusive_key(self, person_id: UUID, qualification_id: UUID) -> str:
        """What may have one open application only (policy `app.exclusive`): the registration to be.

        A new registration excludes every other of the same person: whether a second one may stand beside the first
        (`domain.md` §3.5, §5.4) can be judged only once the first is in the register.
        """
        return f"person:{person_id}" if self.opens_registration else f"registration:{qualification_id}"

    @property
    def opens_registration(self) -> bool:
        """Whether an approval puts a further registration into the register."""
        return self.effect is Effect.OPEN_REGISTRATION

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

"""助理医师升执业医师 UPGRADE (`domain.md` §3.2).

Who: an assistant whose registration is in force and who holds a published licensed qualification of the same category;
the main institution stays (source page). An assistant who gained it and goes on practising shall apply
(医师执业注册管理办法 art.15). Chain: applicant, the institution, its authority. Effect: the assistant's registration
lapses in the same transaction, the licensed one opens with the province as its place, the assistant's filings end.
"""

from __future__ import annotations

from services.applications.domain.effect import Approval, Change, Changes, ended, endings, opening
from services.applications.domain.facts import Facts, Held
from services.applications.domain.filing import EndReason
from services.applications.domain.rules import gate, institution, person, recency, refusal, register, registering, scope
from services.applications.domain.rules.rule import Outcome, Rule, failed, passed
from shared.trade.statuses import BusinessType, RegistrationStatus

from .common import (
    APPLICATION_FORM,
    CHECK,
    EMPLOYMENT_PROOF,
    ID_COPY,
    MATERIALS,
    PERSONAL,
    PHOTO,
    PRACTICE_CERTIFICATE,
    QUALIFICATION,
    QUALIFICATION_CERTIFICATE,
    REGISTRATION,
    SCOPE,
    SCORE_SHEET,
)
from .kind import About, BusinessKind, Confirming


def _is_assistant(held: Held) -> bool:
    return held.status.is_registered and held.level.is_assistant


def _assistant_registration(facts: Facts) -> Outcome:
    """What is upgraded is an assistant's registration (医师执业注册管理办法 art.15)."""
    if facts.subject is None:
        return failed("registration_not_chosen")
    if not facts.subject.level.is_assistant:
        return failed("already_licensed", level=facts.subject.level.value)
    return passed("assistant_registration_chosen")


def _licensed_qualification(facts: Facts) -> Outcome:
    """The qualification that is to be registered is a physician's."""
    if facts.qualification.level.is_licensed:
        return passed("licensed_qualification", year=facts.qualification.year)
    return failed("licensed_qualification_missing", level=facts.qualification.level.value)


def _same_category(facts: Facts) -> Outcome:
    """The same category (source page), by the four of the Law or by the exact one (`upgrade.category_match`; E34)."""
    if facts.subject is None:
        return failed("registration_not_chosen")
    old, new = facts.subject.category, facts.qualification.category
    exact = facts.policy["upgrade.category_match"] == "CODE2"
    same = old is new if exact else old.legal is new.legal
    if same:
        return passed("same_category", category=new.value)
    return failed(
        "upgrade_other_category",
        remedy={"business": "REG", "sub_kind": "LICENSED"},
        category=new.value,
        old_category=old.value,
    )


ASSISTANT_REGISTRATION = Rule("assistant_registration", "医师执业注册管理办法 art.15", "law °", _assistant_registration)
LICENSED_QUALIFICATION = Rule("licensed_qualification", "医师执业注册管理办法 art.15", "law °", _licensed_qualification)
SAME_CATEGORY = Rule(
    "same_category",
    "助理医师升执业医师：执业类别与主要执业机构不变",
    "source",
    _same_category,
    ("upgrade.category_match",),
)


def upgrade(approval: Approval) -> Changes:
    """New ACTIVE and old SUPERSEDED in one transaction, linked both ways (E32)."""
    old = approval.about
    return Changes(
        turns=(ended(approval, old, RegistrationStatus.SUPERSEDED, Change.SUPERSEDED),),
        openings=(opening(approval, replaces=old.id),),
        endings=endings(approval, old, EndReason.REGISTRATION_ENDED),
    )


UPGRADE = BusinessKind(
    type=BusinessType.UPGRADE,
    number_prefix="SJ",
    about=About.REGISTRATION,
    admits=_is_assistant,
    confirming=Confirming.MAIN,
    effect=upgrade,
    opens_registration=True,
    opens_with_another=True,
    steps=(PERSONAL, REGISTRATION, QUALIFICATION, SCOPE, MATERIALS, CHECK),
    materials=(
        APPLICATION_FORM,
        PHOTO,
        EMPLOYMENT_PROOF,
        ID_COPY,
        QUALIFICATION_CERTIFICATE,
        SCORE_SHEET,
        PRACTICE_CERTIFICATE,
    ),
    rules=(
        *person.RULES,
        ASSISTANT_REGISTRATION,
        registering.SUBJECT_IN_FORCE,
        LICENSED_QUALIFICATION,
        SAME_CATEGORY,
        register.NOT_REGISTERED_THERE,
        register.ONE_OPEN_APPLICATION,
        *institution.RULES,
        gate.REGISTRATION_GATE,
        *scope.RULES,
        recency.PHOTO_RECENT,
        *refusal.RULES,
    ),
    documents=("practice_certificate",),
)

KINDS = (UPGRADE,)

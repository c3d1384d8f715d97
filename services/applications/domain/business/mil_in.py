"""军队变更入地方 MIL_IN (`domain.md` §3.3).

Who: a doctor who leaves the PLA or PAP for a civil institution. The local qualification certificate comes first: a
military one is exchanged 换领 before. Chain: applicant, new institution, its authority; the military side is outside
of the system, its consent is paper only. Effect: a local registration is opened. Of the service nothing is kept but the
day it was left and the number of the document, sealed with the form.
"""

from __future__ import annotations

from services.applications.domain.facts import Facts
from services.applications.domain.rules import (
    gate,
    institution,
    lapse,
    person,
    recency,
    refusal,
    register,
    registering,
    scope,
)
from services.applications.domain.rules.rule import Outcome, Rule, failed, needs_proof, passed
from shared.trade.statuses import BusinessType

from .common import (
    ASSESSMENT_PROOF,
    CHECK,
    FIRST_MATERIALS,
    INSTITUTION,
    MATERIALS,
    PERSONAL,
    QUALIFICATION,
    SCOPE,
    by_the_window,
)
from .kind import PAPERS, About, BusinessKind, Confirming, Field, FieldKind, Material, PolicyValues, Step
from .reg import open_again

SERVICE = Step(
    "service",
    (
        Field("left_service_on", FieldKind.DATE, years_back=60, years_ahead=1),
        Field("military_document", FieldKind.TEXT, max_length=40, sensitive=True),
    ),
)


def _left_service(facts: Facts) -> Outcome:
    """Who is still in service is registered by the forces (医师法 art.65)."""
    day = facts.answers.left_service_on
    if day is None:
        return needs_proof("left_service_missing", remedy={"step": "service", "field": "left_service_on"})
    if day > facts.on:
        return failed("still_in_service", remedy={"from": day.isoformat()}, left_service_on=day.isoformat())
    return passed("left_service", left_service_on=day.isoformat())


LEFT_SERVICE = Rule("left_service", "医师法 art.65", "law ✓", _left_service)


def _asked(kind: str) -> Material:
    def asked(policy: PolicyValues) -> bool:
        return kind in policy["mil.materials"]

    def required(policy: PolicyValues) -> bool:
        return asked(policy) and by_the_window(policy)

    return Material(kind, PAPERS, asked=asked, required=required, paper_original=True, sensitive=True)


EXCHANGED_CERTIFICATE = Material("exchanged_certificate", PAPERS, required=by_the_window, paper_original=True)
"""The local qualification certificate that the military one was exchanged for; without it: supplement (E66)."""

MIL_IN = BusinessKind(
    type=BusinessType.MIL_IN,
    number_prefix="JR",
    about=About.QUALIFICATION,
    confirming=Confirming.NAMED,
    effect=open_again,
    opens_registration=True,
    effect_keys=("mil.materials", "mil.province_confirm"),
    steps=(PERSONAL, QUALIFICATION, SERVICE, INSTITUTION, SCOPE, MATERIALS, CHECK),
    materials=(
        *FIRST_MATERIALS,
        ASSESSMENT_PROOF,
        EXCHANGED_CERTIFICATE,
        _asked("military_registration"),
        _asked("resettlement_proof"),
    ),
    rules=(
        *person.RULES,
        LEFT_SERVICE,
        register.NOT_REGISTERED_THERE,
        register.NO_ASSISTANT_REGISTRATION,
        register.ONE_PLACE,
        register.ONE_CATEGORY,
        register.ONE_OPEN_APPLICATION,
        *institution.RULES,
        gate.REGISTRATION_GATE,
        *scope.RULES,
        registering.RE_ENTRY_GROUND,
        lapse.LAPSE_AFTER_SERVICE,
        lapse.GROUND_ENDED,
        *recency.RULES,
        *refusal.RULES,
    ),
    documents=("practice_certificate",),
)

KINDS = (MIL_IN,)

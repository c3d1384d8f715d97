"""注册 REG, the first of the nine: first registration (首次注册) of a physician or an assistant (`domain.md` §3.1).

Who: whoever holds a published qualification, account activated, not registered with it in that practice place
(医师执业注册管理办法 art.5). Chain: applicant, new institution, its authority. Effect: a registration is opened whose
place is the province (licensed) or the county (assistant) of the main institution, from the day of the decision.
"""

from __future__ import annotations

from collections.abc import Callable

from services.applications.domain.rules import gate, institution, lapse, person, recency, refusal, register, scope
from shared.trade.scopes import SCOPES, is_registered
from shared.trade.statuses import BusinessType, RegistrationKind

from .kind import (
    MEGABYTE,
    PAPERS,
    PICTURES,
    BusinessKind,
    Effect,
    Field,
    FieldKind,
    Material,
    PolicyValues,
    Step,
    by_policy,
    only_for_a_rule,
)

MOST_SCOPES = 5
"""What the most generous policy may allow; how many this applicant may name is for the rule `scope_count`."""


def _on_its_level(policy: PolicyValues, code: str) -> bool:
    return is_registered(code, second_level=policy["scope.tcm_second_level"])


PERSONAL = Step(
    "personal",
    (
        Field("name", FieldKind.LOCKED),
        Field("sex", FieldKind.LOCKED),
        Field("birth_date", FieldKind.LOCKED),
        Field("id_number", FieldKind.LOCKED),
        Field("phone", FieldKind.LOCKED),
        Field("full_capacity", FieldKind.BOOLEAN, sensitive=True),
        Field("health_fit", FieldKind.BOOLEAN, sensitive=True),
        Field("criminal_penalty", FieldKind.BOOLEAN, sensitive=True),
        # A sentence may still run; its last day is the one that counts (医师法 art.16(2)).
        Field("sentence_served_on", FieldKind.DATE, required=False, years_back=80, years_ahead=50, sensitive=True),
        Field("barred_by_law", FieldKind.BOOLEAN, sensitive=True),
        Field("photo_taken_on", FieldKind.DATE, required=False, years_back=10, years_ahead=0),
        Field(
            "health_check_on",
            FieldKind.DATE,
            required=False,
            years_back=10,
            years_ahead=0,
            asked=by_policy("material.health_check"),
            sensitive=True,
        ),
    ),
)
QUALIFICATION = Step(
    "qualification",
    (
        Field("level", FieldKind.LOCKED),
        Field("category", FieldKind.LOCKED),
        Field("year", FieldKind.LOCKED),
        Field("region", FieldKind.LOCKED),
        Field("code", FieldKind.LOCKED),
        Field("education", FieldKind.LOCKED, required=False),
        Field("school", FieldKind.LOCKED, required=False),
        Field("major", FieldKind.LOCKED, required=False),
    ),
)
INSTITUTION = Step(
    "institution",
    (
        Field("institution_id", FieldKind.INSTITUTION),
        Field("start_on", FieldKind.DATE, years_back=10, years_ahead=2),
        Field("end_on", FieldKind.DATE, required=False, years_back=0, years_ahead=50),
        Field("department", FieldKind.TEXT, required=False, max_length=40),
    ),
)
SCOPE = Step(
    "scope",
    (
        Field("category", FieldKind.LOCKED),
        Field("scopes", FieldKind.CHOICES, choices=tuple(SCOPES), max_choices=MOST_SCOPES, offers=_on_its_level),
    ),
)
MATERIALS = Step("materials", takes_files=True)
CHECK = Step("check", is_last=True)


def _seen_on_paper(key: str) -> Callable[[PolicyValues], bool]:
    """What the window sees on paper need not be uploaded; it must be only where there is no window."""
    return lambda policy: bool(policy[key]) and not policy["paper.required"]


def _score_sheet_instead(policy: PolicyValues, uploaded: frozenset[str]) -> bool:
    return bool(policy["release.accept_score_sheet"]) and gate.SCORE_SHEET in uploaded


REG = BusinessKind(
    type=BusinessType.REG,
    sub_kinds=tuple(kind.value for kind in RegistrationKind),
    number_prefix="ZC",
    available=True,
    available_sub_kinds=(RegistrationKind.FIRST.value,),
    steps=(PERSONAL, QUALIFICATION, INSTITUTION, SCOPE, MATERIALS, CHECK),
    materials=(
        Material("application_form", paper_only=True, paper_original=True),
        Material("photo", PICTURES, 5 * MEGABYTE),
        Material("employment_proof", PAPERS, paper_original=True),
        Material(
            "health_check",
            PAPERS,
            asked=by_policy("material.health_check"),
            required=_seen_on_paper("material.health_check"),
            paper_original=True,
            sensitive=True,
        ),
        Material(
            "id_copy",
            PAPERS,
            asked=by_policy("material.id_copy"),
            required=_seen_on_paper("material.id_copy"),
            paper_original=True,
        ),
        Material(
            "licence_copy",
            PAPERS,
            asked=by_policy("material.licence_copy"),
            required=_seen_on_paper("material.licence_copy"),
            paper_original=True,
        ),
        # Whoever knows an ID number can compute the code that is entered; the paper itself can't be computed.
        Material(
            gate.CERTIFICATE,
            PAPERS,
            asked=by_policy("release.need_paper_cert"),
            required=only_for_a_rule,
            paper_original=True,
            replaced=_score_sheet_instead,
        ),
        Material(gate.SCORE_SHEET, PAPERS, asked=only_for_a_rule, required=only_for_a_rule, paper_original=True),
        Material(lapse.TRAINING_PROOF, PAPERS, asked=only_for_a_rule, required=only_for_a_rule, paper_original=True),
    ),
    rules=(
        *person.RULES,
        *register.FIRST_RULES,
        *institution.RULES,
        gate.REGISTRATION_GATE,
        *scope.RULES,
        lapse.TWO_YEAR_LAPSE,
        *recency.RULES,
        *refusal.RULES,
    ),
    effect=Effect.OPEN_REGISTRATION,
    documents=("practice_certificate",),
)

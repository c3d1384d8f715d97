"""What the forms of several kinds share: pages, documents, and the bounds of both (`domain.md` §3.0, base form)."""

from __future__ import annotations

from collections.abc import Callable

from services.applications.domain.rules import gate, lapse
from shared.trade.scopes import SCOPES, is_registered

from .kind import (
    MEGABYTE,
    PAPERS,
    PICTURES,
    Field,
    FieldKind,
    Material,
    PolicyValues,
    Step,
    by_policy,
    only_for_a_rule,
    optional,
)

MOST_SCOPES = 5
"""What the most generous policy may allow; how many this applicant may name is for the rule `scope_count`."""
REASON_LENGTH = 200


def _on_its_level(policy: PolicyValues, code: str) -> bool:
    return is_registered(code, second_level=policy["scope.tcm_second_level"])


IDENTITY = tuple(Field(name, FieldKind.LOCKED) for name in ("name", "sex", "birth_date", "id_number", "phone"))
DECLARATIONS = (
    Field("full_capacity", FieldKind.BOOLEAN, sensitive=True),
    Field("health_fit", FieldKind.BOOLEAN, sensitive=True),
    Field("criminal_penalty", FieldKind.BOOLEAN, sensitive=True),
    # A sentence may still run; its last day is the one that counts (医师法 art.16(2)).
    Field("sentence_served_on", FieldKind.DATE, required=False, years_back=80, years_ahead=50, sensitive=True),
    Field("barred_by_law", FieldKind.BOOLEAN, sensitive=True),
)
PHOTO_TAKEN = Field("photo_taken_on", FieldKind.DATE, required=False, years_back=10, years_ahead=0)
HEALTH_CHECKED = Field(
    "health_check_on",
    FieldKind.DATE,
    required=False,
    years_back=10,
    years_ahead=0,
    asked=by_policy("material.health_check"),
    sensitive=True,
)

PERSONAL = Step("personal", (*IDENTITY, *DECLARATIONS, PHOTO_TAKEN, HEALTH_CHECKED))
"""Who is registered anew says everything that a refusal may rest on."""
WHO = Step("personal", (*IDENTITY, PHOTO_TAKEN))
"""Who is registered already and changes something gets a new certificate, and needs a photo for it."""

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
REGISTRATION = Step(
    "registration",
    tuple(
        Field(name, FieldKind.LOCKED)
        for name in (
            "practice_code",
            "registered_level",
            "registered_category",
            "registered_scopes",
            "registered_place",
            "registered_institution",
            "registered_status",
        )
    ),
)
"""The registration that the application is about, as it stands."""

NEW_INSTITUTION = Field("institution_id", FieldKind.INSTITUTION)
EMPLOYMENT = (
    Field("start_on", FieldKind.DATE, years_back=10, years_ahead=2),
    Field("end_on", FieldKind.DATE, required=False, years_back=0, years_ahead=50),
    Field("department", FieldKind.TEXT, required=False, max_length=40),
)
INSTITUTION = Step("institution", (NEW_INSTITUTION, *EMPLOYMENT))
SCOPES_FIELD = Field("scopes", FieldKind.CHOICES, choices=tuple(SCOPES), max_choices=MOST_SCOPES, offers=_on_its_level)
SCOPE = Step("scope", (Field("category", FieldKind.LOCKED), SCOPES_FIELD))
MATERIALS = Step("materials", takes_files=True)
CHECK = Step("check", is_last=True)


def seen_on_paper(key: str) -> Callable[[PolicyValues], bool]:
    """What the window sees on paper need not be uploaded; it must be only where there is no window."""
    return lambda policy: bool(policy[key]) and not policy["paper.required"]


def by_the_window(policy: PolicyValues) -> bool:
    """Needed as an upload only where no window sees the paper."""
    return not policy["paper.required"]


def _score_sheet_instead(policy: PolicyValues, uploaded: frozenset[str]) -> bool:
    return bool(policy["release.accept_score_sheet"]) and gate.SCORE_SHEET in uploaded


APPLICATION_FORM = Material("application_form", paper_only=True, paper_original=True)
PHOTO = Material("photo", PICTURES, 5 * MEGABYTE)
EMPLOYMENT_PROOF = Material("employment_proof", PAPERS, paper_original=True)
HEALTH_CHECK = Material(
    "health_check",
    PAPERS,
    asked=by_policy("material.health_check"),
    required=seen_on_paper("material.health_check"),
    paper_original=True,
    sensitive=True,
)
ID_COPY = Material(
    "id_copy",
    PAPERS,
    asked=by_policy("material.id_copy"),
    required=seen_on_paper("material.id_copy"),
    paper_original=True,
)
LICENCE_COPY = Material(
    "licence_copy",
    PAPERS,
    asked=by_policy("material.licence_copy"),
    required=seen_on_paper("material.licence_copy"),
    paper_original=True,
)
# Whoever knows an ID number can compute the code that is entered; the paper itself can't be computed.
QUALIFICATION_CERTIFICATE = Material(
    gate.CERTIFICATE,
    PAPERS,
    asked=by_policy("release.need_paper_cert"),
    required=only_for_a_rule,
    paper_original=True,
    replaced=_score_sheet_instead,
)
SCORE_SHEET = Material(gate.SCORE_SHEET, PAPERS, asked=only_for_a_rule, required=only_for_a_rule, paper_original=True)
TRAINING_PROOF = Material(
    lapse.TRAINING_PROOF, PAPERS, asked=only_for_a_rule, required=only_for_a_rule, paper_original=True
)
ASSESSMENT_PROOF = Material(
    lapse.ASSESSMENT_PROOF, PAPERS, asked=only_for_a_rule, required=only_for_a_rule, paper_original=True
)
PRACTICE_CERTIFICATE = Material("practice_certificate", paper_only=True, paper_original=True)
"""The old certificate, handed back at the window."""
LEAVING_PROOF = Material("leaving_proof", PAPERS, required=optional, paper_original=False)
"""解聘证明 of the institution that is left: welcome, and asked for by no law (§3.5)."""

FIRST_MATERIALS = (
    APPLICATION_FORM,
    PHOTO,
    EMPLOYMENT_PROOF,
    HEALTH_CHECK,
    ID_COPY,
    LICENCE_COPY,
    QUALIFICATION_CERTIFICATE,
    SCORE_SHEET,
    TRAINING_PROOF,
)

"""Documents that answer an application: cover sheet, slips, decision letters, receipts (`domain.md` §3.0–3.9).

Each is made of facts of its own, since it says what was so when it was issued. Which event yields which stands in
`letters.py`; what is printed of the facts, in the service's `printed.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from .application import Application, Reason
from .documented import Documented


class DocumentKind(StrEnum):
    """What is handed out besides the practice certificate."""

    COVER_SHEET = "cover_sheet"
    """申请材料封面, on top of the papers that go to the window."""
    ACCEPTANCE = "acceptance"
    """受理通知书, dated and sealed (行政许可法 art.32)."""
    SUPPLEMENT = "supplement"
    """补正材料告知书, everything at once (行政许可法 art.32(4))."""
    NON_ACCEPTANCE = "non_acceptance"
    """不予受理通知书, naming the right authority (行政许可法 art.32(2))."""
    APPROVAL = "approval"
    """准予决定书."""
    CANCELLATION = "cancellation"
    """注销决定书 (医师法 art.17; 医师执业注册管理办法 art.18)."""
    REFUSAL = "refusal"
    """不予决定书, with reasons and remedies (医师法 art.16; 行政许可法 art.38)."""
    FILING_RECEIPT = "filing_receipt"
    """备案凭证, with its dates (`domain.md` §3.7)."""
    FILING_END_RECEIPT = "filing_end_receipt"
    """取消备案回执 (`domain.md` §3.8)."""
    CHANGE_OUT_CERTIFICATE = "change_out_certificate"
    """变更证明, for the military health authority (`domain.md` §3.4)."""

    @property
    def bears_decision_number(self) -> bool:
        """Whether it is the decision, and so bears its number; any other is numbered within its application."""
        return self in (DocumentKind.APPROVAL, DocumentKind.CANCELLATION, DocumentKind.REFUSAL)


class Audience(StrEnum):
    """Whom a document is for. The authority sees what the applicant sees."""

    EVERYBODY = "everybody"
    APPLICANT = "applicant"
    INSTITUTION = "institution"
    """The institution's own copy, where the applicant's speaks of capacity, punishments or health (PIPL art.28)."""


@dataclass(frozen=True)
class Stated:
    """The registration as a decision states it."""

    practice_code: str
    level: str
    category: str
    scopes: tuple[str, ...]
    practice_place: str
    institution_name: str


@dataclass(frozen=True)
class LetterFacts:
    """What is printed, of whatever kind; what a kind doesn't print stays empty."""

    application_number: str
    type: str
    sub_kind: str
    name: str
    id_number: str
    institution_name: str
    authority_name: str
    window_address: str = ""
    window_phone: str = ""
    submitted_on: date | None = None
    effective_on: date | None = None
    """The legal day of the step or decision: for a deemed acceptance that of the receipt."""
    by_silence: bool = False
    act_until: date | None = None
    reasons: tuple[Reason, ...] = ()
    note: str = ""
    right_authority: str = ""
    right_address: str = ""
    remedies: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    stated: Stated | None = None
    ground: str = ""
    check_code: str = ""
    filed_scopes: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class Letter:
    """A document as an event asks for it; `serial` tells several of a kind apart, and makes each be issued once."""

    kind: DocumentKind
    issued_on: date
    facts: LetterFacts
    serial: int = 1
    audience: Audience = Audience.EVERYBODY
    decision_number: str = ""


@dataclass(frozen=True)
class IssuedDocument(Documented):
    """A document that was issued, under its number."""

    id: UUID
    version: int
    application_id: UUID
    person_id: UUID
    province: str
    kind: DocumentKind
    serial: int
    audience: Audience
    number: str
    issued_on: date
    facts: LetterFacts


def issued(letter: Letter, application: Application, *, document_id: UUID, position: int) -> IssuedDocument:
    """The letter as the document that is the application's `position`-th: `ZC20261120-0318-02`, or the decision's."""
    in_application = f"{application.number}-{position:02d}"
    return IssuedDocument(
        id=document_id,
        version=1,
        application_id=application.id,
        person_id=application.person_id,
        province=application.province,
        kind=letter.kind,
        serial=letter.serial,
        audience=letter.audience,
        number=letter.decision_number if letter.kind.bears_decision_number else in_application,
        issued_on=letter.issued_on,
        facts=letter.facts,
    )


def is_for(document: IssuedDocument, *, institution: bool) -> bool:
    """Whether a caller may see it who has the right to the application: the institution's clerk, or anybody else."""
    other = Audience.APPLICANT if institution else Audience.INSTITUTION
    return document.audience is not other


def withheld(facts: LetterFacts) -> LetterFacts:
    """The same without what speaks of capacity, punishments or health: for the institution (个人信息保护法 art.28).

    The remedies are the applicant's, and are told to them.
    """
    reasons = tuple(reason if reason.code in OPEN_REASONS else WITHHELD for reason in facts.reasons)
    return replace(
        facts,
        reasons=tuple(dict.fromkeys(reasons)),
        note="",
        ground=WITHHELD.code if facts.ground not in OPEN_GROUNDS else facts.ground,
        remedies=(),
    )


def is_sensitive(facts: LetterFacts) -> bool:
    """Whether anything of it is for the applicant and the authority alone; what is not known counts as if it were."""
    return facts.ground not in OPEN_GROUNDS or any(reason.code not in OPEN_REASONS for reason in facts.reasons)


WITHHELD = Reason("withheld")
"""Stands for every reason that the institution isn't told in words."""

SENSITIVE_REASONS = frozenset(
    {"no_civil_capacity", "criminal_penalty", "other_law", "health_unfit", "change_blocked", "discipline_open"}
)
"""N1, N2, N5 and N6: their rules are marked `sensitive` (`domain.md` §3.11); and what may speak of a punishment."""

OPEN_REASONS = frozenset(
    {
        "employment_proof_missing",
        "employment_proof_missing_seal",
        "employment_proof_mismatch",
        "photo_unfit",
        "document_missing",
        "document_unreadable",
        "document_expired",
        "paper_differs_from_upload",
        "health_check_missing",
        "training_proof_missing",
        "scope_outside_departments",
        "scope_unfit",
        "start_date_wrong",
        "department_wrong",
        "personal_data_mismatch",
        "main_institution_differs",
        "registration_not_active",
        "category_differs",
        "certificate_not_exchanged",
        "military_proof_missing",
        "province_did_not_confirm",
        "end_date_wrong",
        "not_registered_here",
        "military_acceptance_missing",
        "military_acceptance_mismatch",
        "contract_dispute",
        "scope_not_trained",
        "handover_open",
        "another_procedure",
        "grounds_not_proved",
        "ground_not_given",
        "main_work_affected",
        "filing_not_covered",
        "filing_limit_reached",
        "filing_dates_wrong",
        "filing_not_active",
        "only_place",
        "not_employed_here",
        "duplicate_application",
        "wrong_authority",
        "no_licence_needed",
        "licence_revoked",
        "assessment_failed",
        "re_entry_assessment_failed",
        "organised_cheating",
        "forged_qualification",
        "banned_from_applying",
        "conditions_not_met",
        "false_materials",
        "qualification_annulled",
        "institution_not_licensed",
        "no_longer_possible",
        "other",
    }
)
"""What the institution may be told in words (医师法 art.16); a code that stands in neither list is withheld."""

OPEN_GROUNDS = frozenset({"", "X1", "X3", "X4", "X5", "X6", "X8", "X9", "X10", "X11", "X12", "P1"})
"""All grounds of cancellation but the criminal penalty X2 and the health X7 (`domain.md` §3.13)."""

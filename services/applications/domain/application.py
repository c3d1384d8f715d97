"""An application 申请: a draft that becomes a submission, and what the case makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.platform.errors import Conflict, InvalidInput, RuleViolated
from shared.trade.statuses import ApplicationState as State

from .assessment import Assessment, Pin
from .business import BusinessKind, Step
from .days import add_days
from .facts import Qualification
from .form import check_step
from .institution import Institution
from .rules import RuleOutcome
from .states import EDITABLE

MOST_DRAFTS = 5
"""How many drafts a person may keep at a time, of all kinds together."""


@dataclass(frozen=True)
class Identity:
    """Who applies, as the account says it: a snapshot of its own, since the register is a legal record."""

    name: str
    id_number: str
    sex: str
    birth_date: str
    masked_phone: str


@dataclass(frozen=True)
class QualificationSnapshot:
    """The qualification as it was on the day, with its code."""

    facts: Qualification
    code: str
    school: str = ""
    major: str = ""


@dataclass(frozen=True)
class Reason:
    """One point raised against the application, aimed at a document or field."""

    code: str
    target: str = ""
    note: str = ""


@dataclass(frozen=True)
class StoredMaterial:
    """A material that was checked and taken over; `address` names it in the file store."""

    kind: str
    address: str
    filename: str
    media_type: str
    size: int
    pages: int
    at: datetime


@dataclass(frozen=True)
class Application:
    """One application with everything that belongs to it; `version` is the one its reader saw."""

    id: UUID
    version: int
    number: str
    province: str
    type: str
    sub_kind: str
    state: State
    submission: int
    person_id: UUID
    identity: Identity
    qualification: QualificationSnapshot
    created_at: datetime
    updated_at: datetime
    form: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    institution: Institution | None = None
    materials: tuple[StoredMaterial, ...] = ()
    outcomes: tuple[RuleOutcome, ...] = ()
    policy: Pin | None = None
    reasons: tuple[Reason, ...] = ()
    acts_next: str = "applicant"
    act_until: date | None = None
    submitted_at: datetime | None = None
    keeps_until: date | None = None
    registration_id: UUID | None = None
    notice: int = 0
    """The number of the case's latest notice of what is missing."""
    answered_notice: int | None = None

    @property
    def awaits_supplement(self) -> bool:
        """Whether the applicant is asked for more and has not handed it in yet: a notice is answered once."""
        return self.state is State.SUPPLEMENT and self.answered_notice != self.notice

    @property
    def qualification_id(self) -> UUID:
        """The qualification that is to be registered."""
        return self.qualification.facts.id

    @property
    def uploaded(self) -> frozenset[str]:
        """The kinds of material that are there."""
        return frozenset(material.kind for material in self.materials)

    @property
    def institution_id(self) -> UUID | None:
        """The institution that is named, once one is."""
        return self.institution.id if self.institution else None

    @property
    def is_public_to_staff(self) -> bool:
        """Whether institution and authorities may know of it: a draft is the applicant's alone."""
        return self.submission > 0

    @property
    def filed_at(self) -> datetime | None:
        """The moment that the applicant's latest submission counts from; None while the form is open (again).

        A return stops no clock: a first attempt long ago keeps nobody's two years open (医师执业注册管理办法 art.12).
        """
        return None if self.state in EDITABLE else self.submitted_at

    @property
    def authority_path(self) -> str:
        """The division of the competent authority, "" until an institution is chosen."""
        return self.institution.authority.path if self.institution else ""


def refuse_too_many(drafts: int) -> None:
    """`too_many_drafts` for who keeps as many as are allowed: nobody fills the file store with drafts."""
    if drafts >= MOST_DRAFTS:
        raise Conflict("too_many_drafts", most=MOST_DRAFTS)


def save_step(
    application: Application,
    kind: BusinessKind,
    step_name: str,
    values: Mapping[str, Any],
    *,
    institution: Institution | None,
    now: datetime,
    today: date,
    keep_days: int,
) -> Application:
    """Save one page of the form as a whole; `institution` is the one that the page names, if it names one.

    A page may be changed while the application is a draft or was returned; after a supplement notice, only what the
    notice points at, and never the institution, which has confirmed already.
    """
    step = kind.step(step_name)
    if step is None or step.takes_files or step.is_last:
        raise InvalidInput("invalid_input", fields={"step": ["unknown_step"]})
    if not may_edit(application, step):
        raise Conflict("application_not_editable", state=application.state.value)
    read = check_step(step, values, today=today)
    changed = replace(application, form={**application.form, step_name: read}, updated_at=now)
    if institution is not None:
        changed = replace(changed, institution=institution)
    return kept_on(changed, today, keep_days)


def may_edit(application: Application, step: Step) -> bool:
    """Whether the applicant may change a page now."""
    if application.state in EDITABLE:
        return True
    if not application.awaits_supplement or step.name == "institution":
        return False
    targets = {reason.target for reason in application.reasons}
    return step.name in targets or any(field.name in targets for field in step.fields)


def may_upload(application: Application) -> bool:
    """Whether a material may be added or replaced now."""
    return application.state in EDITABLE or application.awaits_supplement


def attach(
    application: Application, material: StoredMaterial, *, now: datetime, today: date, keep_days: int
) -> Application:
    """Add a material; the last upload of a kind wins (`domain.md` §2.4)."""
    if not may_upload(application):
        raise Conflict("application_not_editable", state=application.state.value)
    others = tuple(item for item in application.materials if item.kind != material.kind)
    return kept_on(replace(application, materials=(*others, material), updated_at=now), today, keep_days)


def open_pages(application: Application, kind: BusinessKind) -> list[str]:
    """The pages of the form that are not filled in yet."""
    pages = [step.name for step in kind.steps if not step.takes_files and not step.is_last]
    return [name for name in pages if name not in application.form]


def missing_materials(application: Application, kind: BusinessKind, policy: Mapping[str, Any]) -> list[str]:
    """What has to be uploaded and isn't there, what the rules ask for included."""
    needed = kind.needed_materials(policy, application.outcomes)
    return [item.kind for item in needed if item.required and item.kind not in application.uploaded]


def refuse_stopped(outcomes: Iterable[RuleOutcome]) -> None:
    """`not_ready`, naming every rule that stands in the way."""
    if stopped := list(outcomes):
        raise RuleViolated("not_ready", rules=[item.rule for item in stopped], codes=[item.code for item in stopped])


def submit(application: Application, kind: BusinessKind, assessment: Assessment, *, now: datetime) -> Application:
    """Submit for the first time or, after a return, again: nothing that failed may go on (`not_ready`).

    The applicant's word and the papers have to be there; what an officer has to judge goes on with the application.
    """
    if application.state not in EDITABLE:
        raise Conflict("application_not_editable", state=application.state.value)
    assessed = replace(application, outcomes=assessment.outcomes)
    institution = assessment.facts.institution
    if (missing := open_pages(application, kind)) or institution is None:
        raise RuleViolated("form_incomplete", steps=missing or ["institution"])
    refuse_stopped(assessment.failed)
    if lacking := missing_materials(assessed, kind, assessment.facts.policy):
        raise RuleViolated("materials_missing", materials=lacking)
    refuse_stopped(assessment.unproved)
    return replace(
        assessed,
        state=State.SUBMITTED,
        submission=application.submission + 1,
        institution=institution,
        province=institution.province,
        policy=assessment.policy,
        reasons=(),
        acts_next="institution",
        act_until=None,
        submitted_at=now,
        keeps_until=None,
        updated_at=now,
    )


def supplement(application: Application, kind: BusinessKind, assessment: Assessment, *, now: datetime) -> Application:
    """Hand in what the supplement notice asked for (补正; 行政许可法 art.32(4)); the state follows from the case.

    A notice is answered once (`supplement_already_sent`). What the applicant can still put right has to be put right
    first; what no page and no paper can change goes to the window, where a person decides on it.
    """
    if application.state is not State.SUPPLEMENT:
        raise Conflict("no_supplement_asked", state=application.state.value)
    if not application.awaits_supplement:
        raise Conflict("supplement_already_sent", notice=application.notice)
    assessed = replace(application, outcomes=assessment.outcomes)
    if lacking := missing_materials(assessed, kind, assessment.facts.policy):
        raise RuleViolated("materials_missing", materials=lacking)
    refuse_stopped(
        item for item in [*assessment.failed, *assessment.unproved] if _can_be_put_right(assessed, kind, item)
    )
    return replace(assessed, answered_notice=application.notice, acts_next="window", act_until=None, updated_at=now)


def noticed(application: Application, notice: int) -> Application:
    """The application with the latest notice of its case: a newer one, or a return to SUPPLEMENT, asks anew."""
    asks_anew = notice != application.notice or application.state is not State.SUPPLEMENT
    return replace(application, notice=notice, answered_notice=None) if asks_anew else application


def _can_be_put_right(application: Application, kind: BusinessKind, outcome: RuleOutcome) -> bool:
    """Whether the applicant can do something about it now: show a material, enter a code, change an open page."""
    remedy = outcome.remedy
    if "material" in remedy or "enter" in remedy:
        return True
    page = kind.step(str(remedy.get("step", "")))
    return page is not None and page.can_be_changed and may_edit(application, page)


def kept_on(application: Application, today: date, keep_days: int) -> Application:
    """A draft lives on from its last edit (policy `retention.draft_days`)."""
    if application.state is not State.DRAFT:
        return application
    return replace(application, keeps_until=add_days(today, keep_days))


def step_states(application: Application, kind: BusinessKind, required: frozenset[str]) -> list[tuple[str, str]]:
    """How far each page is: `done`, `started`, `open`, or `blocked` where others come first."""
    states: list[tuple[str, str]] = []
    for step in kind.steps:
        if step.is_last:
            open_pages = any(state != "done" for _, state in states)
            submitted = application.state not in EDITABLE
            states.append((step.name, "done" if submitted else "blocked" if open_pages else "open"))
        elif step.takes_files:
            there = required <= application.uploaded
            states.append((step.name, "done" if there else "started" if application.uploaded else "open"))
        else:
            states.append((step.name, "done" if step.name in application.form else "open"))
    return states

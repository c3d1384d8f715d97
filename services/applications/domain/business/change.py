"""变更 CHANGE (`domain.md` §3.5): of the main institution, the scope, the category, or the person's own data.

Who: a registration in force; a move is open also to one that was left or moved out less than two years ago. No change
is needed for training, further study, aid, consultation, rescue and the like (医师法 art.18). Chain of a move:
applicant, new institution, the side that is left (by policy), the new institution's authority; of the rest: applicant,
institution, authority. Effect: the old entry closes and the new one opens in one transaction, never two main
institutions in one place and never none. Filings of the same province go on, others end (`change.filings`). Seniority
goes on.
"""

from __future__ import annotations

from dataclasses import replace

from services.applications.domain.departments import covers
from services.applications.domain.effect import (
    Approval,
    Change,
    Changes,
    Ending,
    Opening,
    Turn,
    ended,
    endings,
    moved,
    opening,
    restated,
)
from services.applications.domain.facts import Facts, Held
from services.applications.domain.filing import EndReason, open_on
from services.applications.domain.institution import Institution
from services.applications.domain.rules import (
    gate,
    institution,
    lapse,
    person,
    recency,
    register,
    registering,
    scope,
)
from services.applications.domain.rules.rule import (
    Outcome,
    Rule,
    failed,
    human_decision,
    needs_proof,
    not_chosen,
    passed,
)
from shared.trade.divisions import province_of
from shared.trade.levels import Level
from shared.trade.statuses import BusinessType, ChangeKind, RegistrationStatus

from .common import (
    APPLICATION_FORM,
    CHECK,
    EMPLOYMENT_PROOF,
    INSTITUTION,
    LEAVING_PROOF,
    LICENCE_COPY,
    MATERIALS,
    PHOTO,
    PRACTICE_CERTIFICATE,
    QUALIFICATION,
    QUALIFICATION_CERTIFICATE,
    REGISTRATION,
    SCOPE,
    SCORE_SHEET,
    TRAINING_PROOF,
    WHO,
)
from .kind import PAPERS, About, BusinessKind, Confirming, Material, only_for_a_rule, optional

PREFIX = "BG"
DOCUMENTS = ("practice_certificate",)
POLICE_PROOF = Material("police_proof", PAPERS, required=optional, paper_original=True, sensitive=True)
HIGHER_DIPLOMA = Material("higher_diploma", PAPERS, required=only_for_a_rule, paper_original=True)


# --- conditions ------------------------------------------------------------------------------------------------------


def _another_institution(facts: Facts) -> Outcome:
    """A move goes somewhere else."""
    if facts.institution is None or facts.subject is None:
        return not_chosen("institution")
    if facts.institution.id == facts.subject.institution_id:
        return failed("institution_unchanged", remedy={"step": "institution"})
    return passed("institution_changes")


def _scope_at_new_place(facts: Facts) -> Outcome:
    """The scope goes on unless it is changed; the new institution's departments are looked at (§3.1, §3.5).

    Whether they cover it is judged as at a registration (`scope.check_departments`): a change of the main institution
    registers anew (医师执业注册管理办法 art.12, 20).
    """
    if facts.subject is None:
        return failed("registration_not_chosen")
    if facts.institution is None:
        return not_chosen("institution")
    scopes = facts.subject.scopes
    mode = facts.policy["scope.check_departments"]
    missing = [code for code in scopes if not covers(facts.institution.departments, code)]
    if not missing or mode == "ignore":
        return passed("scope_goes_on", scopes=list(scopes))
    if mode == "require":
        return failed("scope_not_covered", remedy={"step": "institution"}, scopes=missing)
    return human_decision("scope_not_covered", scopes=missing)


def _scope_changes(facts: Facts) -> Outcome:
    """Something is changed."""
    if not facts.answers.scopes or facts.subject is None:
        return not_chosen("scope")
    if set(facts.answers.scopes) == set(facts.subject.scopes):
        return failed("scope_unchanged", remedy={"step": "scope"}, scopes=list(facts.subject.scopes))
    return passed("scope_changes", scopes=list(facts.answers.scopes))


def _trained(facts: Facts) -> Outcome:
    """After training and assessment a scope may be added (医师法 art.14): diploma or training, for an officer to see.

    卫医发〔2001〕169号: a higher diploma in that speciality, or two years of systematic training with a pass.
    """
    if not facts.answers.scopes or facts.subject is None:
        return not_chosen("scope")
    added = [code for code in facts.answers.scopes if code not in facts.subject.scopes]
    if not added:
        return passed("no_scope_added")
    if not facts.materials.isdisjoint({lapse.TRAINING_PROOF, HIGHER_DIPLOMA.kind}):
        return human_decision("scope_training_to_examine", scopes=added)
    return needs_proof("scope_training_needed", remedy={"material": lapse.TRAINING_PROOF}, scopes=added)


def _another_category(facts: Facts) -> Outcome:
    """A category changes with a second qualification of that category only (卫医发〔2001〕169号)."""
    if facts.subject is None:
        return failed("registration_not_chosen")
    own, asked = facts.subject.category, facts.qualification.category
    if facts.qualification.id == facts.subject.qualification_id or own is asked:
        return failed("category_unchanged", category=own.value)
    if facts.qualification.level.is_assistant is not facts.subject.level.is_assistant:
        return failed("category_other_level", remedy={"business": "UPGRADE"}, level=facts.qualification.level.value)
    return passed("category_changes", category=asked.value, old_category=own.value)


def _data_corrected(facts: Facts) -> Outcome:
    """Only carries over a correction that was made already (§6.7, E56); qualification data is never changed here."""
    if facts.person_changes:
        return passed("personal_data_changes", changed=list(facts.person_changes))
    return failed("personal_data_unchanged", remedy={"business": "correction"})


ANOTHER_INSTITUTION = Rule("another_institution", "医师执业注册管理办法 art.20", "law ✓", _another_institution)
SCOPE_GOES_ON = Rule(
    "scope_goes_on",
    "医师执业注册管理办法 art.12, 20; scope.check_departments",
    "law ✓; assumption",
    _scope_at_new_place,
    ("scope.check_departments",),
)
SCOPE_CHANGES = Rule("scope_changes", "医师法 art.14", "law ✓", _scope_changes)
SCOPE_TRAINING = Rule("scope_training", "医师法 art.14; 卫医发〔2001〕169号", "law ✓; P17", _trained)
ANOTHER_CATEGORY = Rule("another_category", "卫医发〔2001〕169号", "P17", _another_category)
DATA_CORRECTED = Rule("data_corrected", "卫办医政发〔2010〕1号", "P23", _data_corrected)


# --- effects ---------------------------------------------------------------------------------------------------------


def move(approval: Approval) -> Changes:
    """Another main institution; across provinces by policy a registration of its own with a new code.

    `license.renumber_on`: the old one is MOVED_OUT then, and stands linked to the new one.
    """
    subject, new = approval.about, moved(approval)
    province = province_of(new.practice_place)
    if province != subject.province and "CROSS_PROVINCE" in approval.knob("license.renumber_on"):
        return Changes(
            turns=(ended(approval, subject, RegistrationStatus.MOVED_OUT, Change.MOVED_OUT),),
            openings=(Opening(new, Level(subject.level), subject.qualification_id, province, subject.id),),
            endings=endings(approval, subject, EndReason.PROVINCE_CHANGED),
        )
    return Changes(
        turns=(Turn(subject, new, Change.CHANGED, reissued=True),), endings=_filings_after(approval, new.practice_place)
    )


def _filings_after(approval: Approval, place: str) -> tuple[Ending, ...]:
    """Filings inside of the same place go on (E43); one at the new main institution is that no more."""
    subject, institution = approval.about, approval.application.institution
    if place != subject.standing.practice_place:
        return endings(approval, subject, EndReason.PROVINCE_CHANGED)
    over = endings(approval, subject, EndReason.MAIN_CHANGED)
    if approval.knob("change.filings") == "END":
        return over
    return tuple(one for one in over if institution is not None and one.filing.institution_id == institution.id)


def change_scope(approval: Approval) -> Changes:
    """Other scopes on the same registration; filings whose scope is no longer registered end."""
    scopes = tuple(approval.application.form["scope"]["scopes"])
    subject, day = approval.about, approval.decision.decided_on
    lost = tuple(
        Ending(filing, day, EndReason.MAIN_CHANGED)
        for filing in open_on(approval.filings, subject.id, day)
        if not set(filing.scopes) <= set(scopes)
    )
    new = restated(approval, subject, scopes=scopes)
    return Changes(turns=(Turn(subject, new, Change.CHANGED, reissued=True),), endings=lost)


def change_category(approval: Approval) -> Changes:
    """A registration with the second qualification takes the place of the first; its code names the category (§4.3)."""
    old = approval.about
    return Changes(
        turns=(ended(approval, old, RegistrationStatus.SUPERSEDED, Change.SUPERSEDED),),
        openings=(opening(approval, replaces=old.id),),
        endings=endings(approval, old, EndReason.REGISTRATION_ENDED),
    )


def change_person(approval: Approval) -> Changes:
    """Name and numbers as the account has them now; the old ones stay in the history (E56)."""
    new = restated(approval, approval.about)
    return Changes(turns=(Turn(approval.about, new, Change.CHANGED, reissued=True, new_holder=True),))


# --- the kinds -------------------------------------------------------------------------------------------------------


def kind_of_move(subject: Held, institution: Institution) -> str:
    """Which of the three moves it is (§3.5): by the province, then by the authority that approved the institution."""
    if institution.province != subject.province:
        return ChangeKind.ORG_CROSS_PROVINCE.value
    same = institution.authority.id == subject.authority_id
    return ChangeKind.ORG_SAME_AUTH.value if same else ChangeKind.ORG_IN_PROVINCE.value


def _may_move(held: Held) -> bool:
    return not held.is_over


_MOVE = BusinessKind(
    type=BusinessType.CHANGE,
    sub_kind=ChangeKind.ORG_SAME_AUTH.value,
    number_prefix=PREFIX,
    about=About.REGISTRATION,
    admits=_may_move,
    confirming=Confirming.NAMED,
    has_other_side=True,
    effect=move,
    effect_keys=("license.renumber_on", "change.filings", "change.release_mode", "change.release_days"),
    settles=kind_of_move,
    steps=(WHO, REGISTRATION, INSTITUTION, MATERIALS, CHECK),
    materials=(APPLICATION_FORM, PHOTO, EMPLOYMENT_PROOF, LICENCE_COPY, LEAVING_PROOF, PRACTICE_CERTIFICATE),
    rules=(
        person.ACCOUNT_ACTIVATED,
        person.QUALIFICATION_STANDS,
        registering.SUBJECT_MAY_MOVE,
        ANOTHER_INSTITUTION,
        *register.BESIDE_RULES,
        register.ONE_OPEN_APPLICATION,
        *institution.RULES,
        SCOPE_GOES_ON,
        recency.PHOTO_RECENT,
        *registering.RECORDED_GROUNDS,
    ),
    documents=DOCUMENTS,
)
ORG_KINDS = tuple(replace(_MOVE, sub_kind=kind.value) for kind in ChangeKind if kind.moves)

CHANGE_SCOPE = BusinessKind(
    type=BusinessType.CHANGE,
    sub_kind=ChangeKind.SCOPE.value,
    number_prefix=PREFIX,
    about=About.REGISTRATION,
    confirming=Confirming.MAIN,
    effect=change_scope,
    steps=(WHO, REGISTRATION, SCOPE, MATERIALS, CHECK),
    materials=(APPLICATION_FORM, PHOTO, TRAINING_PROOF, HIGHER_DIPLOMA, PRACTICE_CERTIFICATE),
    rules=(
        person.ACCOUNT_ACTIVATED,
        person.QUALIFICATION_STANDS,
        registering.SUBJECT_IN_FORCE,
        register.ONE_OPEN_APPLICATION,
        *institution.RULES,
        SCOPE_CHANGES,
        *scope.RULES,
        SCOPE_TRAINING,
        recency.PHOTO_RECENT,
        *registering.RECORDED_GROUNDS,
    ),
    documents=DOCUMENTS,
)

CHANGE_CATEGORY = BusinessKind(
    type=BusinessType.CHANGE,
    sub_kind=ChangeKind.CATEGORY.value,
    number_prefix=PREFIX,
    about=About.REGISTRATION,
    confirming=Confirming.MAIN,
    effect=change_category,
    opens_registration=True,
    opens_with_another=True,
    steps=(WHO, REGISTRATION, QUALIFICATION, SCOPE, MATERIALS, CHECK),
    materials=(APPLICATION_FORM, PHOTO, QUALIFICATION_CERTIFICATE, SCORE_SHEET, PRACTICE_CERTIFICATE),
    rules=(
        *person.RULES,
        registering.SUBJECT_IN_FORCE,
        ANOTHER_CATEGORY,
        register.NOT_REGISTERED_THERE,
        register.ONE_OPEN_APPLICATION,
        *institution.RULES,
        gate.REGISTRATION_GATE,
        *scope.RULES,
        recency.PHOTO_RECENT,
        *registering.RECORDED_GROUNDS,
    ),
    documents=DOCUMENTS,
)

CHANGE_PERSON = BusinessKind(
    type=BusinessType.CHANGE,
    sub_kind=ChangeKind.PERSON.value,
    number_prefix=PREFIX,
    about=About.REGISTRATION,
    confirming=Confirming.MAIN,
    effect=change_person,
    steps=(WHO, REGISTRATION, MATERIALS, CHECK),
    materials=(APPLICATION_FORM, PHOTO, POLICE_PROOF, PRACTICE_CERTIFICATE),
    rules=(
        person.ACCOUNT_ACTIVATED,
        registering.SUBJECT_IN_FORCE,
        DATA_CORRECTED,
        register.ONE_OPEN_APPLICATION,
        recency.PHOTO_RECENT,
    ),
    documents=DOCUMENTS,
)

KINDS = (*ORG_KINDS, CHANGE_SCOPE, CHANGE_CATEGORY, CHANGE_PERSON)

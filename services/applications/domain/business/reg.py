"""注册 REG, the first of the nine (`domain.md` §3.1).

FIRST 首次注册, RE 重新注册 after a registration that ended, ADD_PLACE 增加注册 in another province, LICENSED for an
assistant who became a physician where an upgrade (§3.2) does not fit.

Who: whoever holds a published qualification, account activated, not registered with it in that practice place
(医师执业注册管理办法 art.5). Chain: applicant, new institution, its authority; with ADD_PLACE the institution and the
authority of the existing registration are told. Effect: a registration is opened whose place is the province (licensed)
or the county (assistant) of the main institution, from the day of the decision.
"""

from __future__ import annotations

from dataclasses import replace

from services.applications.domain.days import add_years
from services.applications.domain.effect import (
    Approval,
    Change,
    Changes,
    Turn,
    ended,
    endings,
    opening,
)
from services.applications.domain.facts import Held
from services.applications.domain.filing import EndReason
from services.applications.domain.register import Registration
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
from shared.trade.levels import Level
from shared.trade.statuses import BusinessType, CancellationGround, RegistrationKind, RegistrationStatus

from .common import (
    ASSESSMENT_PROOF,
    CHECK,
    FIRST_MATERIALS,
    INSTITUTION,
    MATERIALS,
    PERSONAL,
    QUALIFICATION,
    REGISTRATION,
    SCOPE,
)
from .kind import About, BusinessKind, Confirming, Field, FieldKind, Step

PREFIX = "ZC"
DOCUMENTS = ("practice_certificate",)


def open_first(approval: Approval) -> Changes:
    """A registration is opened and replaces none."""
    return Changes(openings=(opening(approval),))


def open_again(approval: Approval) -> Changes:
    """A registration is opened anew; one that still stood as left or moved out is over now, and is cancelled with it.

    医师法 art.17, 医师执业注册管理办法 art.18, 19: practice that stopped for two years; before that, on the wish of who
    asks. The officer who approves signs for both.
    """
    qualification = approval.application.qualification_id
    left = [one for one in approval.registrations if one.qualification_id == qualification and one.may_stand_again]
    turns = tuple(
        ended(approval, one, RegistrationStatus.CANCELLED, Change.CANCELLED, _why_over(approval, one)) for one in left
    )
    return Changes(turns=turns, openings=(opening(approval),))


def _why_over(approval: Approval, left: Registration) -> CancellationGround:
    """X12 is true only of what was left two years ago (医师执业注册管理办法 art.19)."""
    until = add_years(left.standing_since, approval.knob("lapse.years"))
    if approval.decision.decided_on >= until:
        return CancellationGround.LEFT_TWO_YEARS
    return CancellationGround.OWN_WISH


def add_place(approval: Approval) -> Changes:
    """A second practice place; with another scope the existing registration ends, as was confirmed (E41)."""
    opened, subject = opening(approval), approval.about
    if set(opened.standing.scopes) == set(subject.standing.scopes):
        return Changes(openings=(opened,))
    return Changes(
        turns=(ended(approval, subject, RegistrationStatus.CANCELLED, Change.CANCELLED, CancellationGround.OWN_WISH),),
        openings=(opened,),
        endings=endings(approval, subject, EndReason.REGISTRATION_ENDED),
    )


def open_licensed(approval: Approval) -> Changes:
    """The licensed registration opens, the assistant's ends as was confirmed: never a silent conversion (§3.2)."""
    assistants = [
        one for one in approval.registrations if Level(one.level).is_assistant and one.standing.status.is_registered
    ]
    turns: tuple[Turn, ...] = tuple(
        ended(approval, one, RegistrationStatus.CANCELLED, Change.CANCELLED, CancellationGround.OWN_WISH)
        for one in assistants
    )
    closed = tuple(ending for one in assistants for ending in endings(approval, one, EndReason.REGISTRATION_ENDED))
    return Changes(turns=turns, openings=(opening(approval),), endings=closed)


def is_licensed(held: Held) -> bool:
    """A second practice place is for physicians alone (医师执业注册管理办法 art.17)."""
    return held.status.is_registered and not held.level.is_assistant


_CONFIRMS_END = Step("ending", (Field("old_ends", FieldKind.BOOLEAN, required=False),))

FIRST = BusinessKind(
    type=BusinessType.REG,
    sub_kind=RegistrationKind.FIRST.value,
    number_prefix=PREFIX,
    about=About.QUALIFICATION,
    confirming=Confirming.NAMED,
    effect=open_first,
    opens_registration=True,
    steps=(PERSONAL, QUALIFICATION, INSTITUTION, SCOPE, MATERIALS, CHECK),
    materials=(*FIRST_MATERIALS, ASSESSMENT_PROOF),
    rules=(
        *person.RULES,
        *register.FIRST_RULES,
        *institution.RULES,
        gate.REGISTRATION_GATE,
        *scope.RULES,
        lapse.TWO_YEAR_LAPSE,
        lapse.GROUND_ENDED,
        *recency.RULES,
        *refusal.RULES,
    ),
    documents=DOCUMENTS,
)

RE = replace(
    FIRST,
    sub_kind=RegistrationKind.RE.value,
    effect=open_again,
    rules=(
        *person.RULES,
        register.NOT_REGISTERED_THERE,
        registering.REGISTERED_BEFORE,
        register.NO_ASSISTANT_REGISTRATION,
        register.ONE_PLACE,
        register.ONE_CATEGORY,
        register.ONE_OPEN_APPLICATION,
        *institution.RULES,
        gate.REGISTRATION_GATE,
        *scope.RULES,
        registering.RE_ENTRY_GROUND,
        lapse.STOPPED_PRACTICE,
        lapse.GROUND_ENDED,
        *recency.RULES,
        *refusal.RULES,
    ),
)

ADD_PLACE = replace(
    FIRST,
    sub_kind=RegistrationKind.ADD_PLACE.value,
    about=About.REGISTRATION,
    admits=is_licensed,
    has_other_side=True,
    effect=add_place,
    materials=FIRST_MATERIALS,
    steps=(PERSONAL, REGISTRATION, INSTITUTION, SCOPE, _CONFIRMS_END, MATERIALS, CHECK),
    rules=(
        *person.RULES,
        registering.SUBJECT_IN_FORCE,
        registering.LICENSED_ONLY,
        registering.ANOTHER_PROVINCE,
        register.NOT_REGISTERED_THERE,
        register.ONE_OPEN_APPLICATION,
        *institution.RULES,
        gate.REGISTRATION_GATE,
        *scope.RULES,
        registering.SAME_SCOPE,
        *recency.RULES,
        *refusal.RULES,
    ),
)

LICENSED = replace(
    FIRST,
    sub_kind=RegistrationKind.LICENSED.value,
    effect=open_licensed,
    steps=(PERSONAL, QUALIFICATION, INSTITUTION, SCOPE, _CONFIRMS_END, MATERIALS, CHECK),
    rules=(
        *person.RULES,
        registering.ASSISTANT_STANDS,
        registering.ASSISTANT_ENDS,
        register.NOT_REGISTERED_THERE,
        register.ONE_CATEGORY,
        register.ONE_OPEN_APPLICATION,
        *institution.RULES,
        gate.REGISTRATION_GATE,
        *scope.RULES,
        lapse.TWO_YEAR_LAPSE,
        lapse.GROUND_ENDED,
        *recency.RULES,
        *refusal.RULES,
    ),
)

KINDS = (FIRST, RE, ADD_PLACE, LICENSED)

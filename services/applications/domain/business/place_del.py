"""申请取消“多地点执业” PLACE_DEL (`domain.md` §3.9): one additional practice place ends, the other stays.

Who: a physician who is registered in several places. Chain: applicant, main institution of that place, its authority.
Effect: that registration is cancelled, what is filed on it ends. The last place is given up by CANCEL only (E68).
"""

from __future__ import annotations

from services.applications.domain.effect import Approval, Change, Changes, ended, endings
from services.applications.domain.facts import Facts
from services.applications.domain.filing import EndReason
from services.applications.domain.rules import person, register, registering
from services.applications.domain.rules.rule import Outcome, Rule, failed, passed
from shared.trade.statuses import BusinessType, CancellationGround, RegistrationStatus

from .cancel import WISH
from .common import APPLICATION_FORM, CHECK, IDENTITY, MATERIALS, PRACTICE_CERTIFICATE, REGISTRATION
from .kind import About, BusinessKind, Confirming, Step


def _not_the_last(facts: Facts) -> Outcome:
    """Another place of the same qualification has to stay (E68); one of another qualification is no further place."""
    if facts.subject is None:
        return failed("registration_not_chosen")
    others = [
        held
        for held in facts.held
        if held.status.is_registered
        and held.registration_id != facts.subject.registration_id
        and held.qualification_id == facts.subject.qualification_id
        and held.practice_place != facts.subject.practice_place
    ]
    if not others:
        return failed("only_practice_place", remedy={"business": "CANCEL"}, place=facts.subject.practice_place)
    return passed("another_place_stays", place=others[0].practice_place)


NOT_THE_LAST = Rule("another_place_stays", "申请取消“多地点执业”", "source", _not_the_last)


def end_place(approval: Approval) -> Changes:
    """The registration of that place is cancelled (PLACE_ENDED); the other is untouched."""
    subject = approval.about
    ground = CancellationGround.PLACE_ENDED
    return Changes(
        turns=(ended(approval, subject, RegistrationStatus.CANCELLED, Change.CANCELLED, ground),),
        endings=endings(approval, subject, EndReason.REGISTRATION_ENDED),
    )


PLACE_DEL = BusinessKind(
    type=BusinessType.PLACE_DEL,
    number_prefix="QD",
    about=About.REGISTRATION,
    confirming=Confirming.MAIN,
    effect=end_place,
    steps=(Step("personal", IDENTITY), REGISTRATION, WISH, MATERIALS, CHECK),
    materials=(APPLICATION_FORM, PRACTICE_CERTIFICATE),
    rules=(
        person.ACCOUNT_ACTIVATED,
        registering.SUBJECT_REGISTERED,
        NOT_THE_LAST,
        register.ONE_OPEN_APPLICATION,
    ),
    documents=("cancellation",),
)

KINDS = (PLACE_DEL,)

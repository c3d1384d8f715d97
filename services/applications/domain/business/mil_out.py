"""地方变更到军队 MIL_OUT (`domain.md` §3.4).

Who: a registration in force, and a military institution that takes the doctor. Chain: applicant, the institution that
is left, its authority, which decides; there is no new institution inside of the system. Effect: the registration is
transferred out, all its filings end; registrations in other provinces end too, those that were left included, unless
the policy keeps them. While transferred no two-year lapse is counted.
"""

from __future__ import annotations

from services.applications.domain.effect import Approval, Change, Changes, ended, endings
from services.applications.domain.filing import EndReason
from services.applications.domain.rules import person, register, registering
from shared.trade.statuses import BusinessType, RegistrationStatus

from .common import APPLICATION_FORM, CHECK, IDENTITY, MATERIALS, PRACTICE_CERTIFICATE, REGISTRATION
from .kind import PAPERS, About, BusinessKind, Confirming, Field, FieldKind, Material, Step

LEAVING = Step("leaving", (Field("ends_on", FieldKind.DATE, years_back=1, years_ahead=1),))
ACCEPTANCE = Material("military_acceptance", PAPERS, paper_original=True, sensitive=True)


def transfer(approval: Approval) -> Changes:
    """TRANSFERRED_MIL; by `mil_out.close_all` every other registration of the person that isn't over, too.

    One that was left is taken up again from the forces only (MIL_IN), and isn't proposed for cancellation meanwhile.
    """
    going = [approval.about]
    if approval.knob("mil_out.close_all"):
        going += [one for one in approval.registrations if one.id != approval.about.id and not one.is_over]
    return Changes(
        turns=tuple(ended(approval, one, RegistrationStatus.TRANSFERRED_MIL, Change.TRANSFERRED) for one in going),
        endings=tuple(end for one in going for end in endings(approval, one, EndReason.REGISTRATION_ENDED)),
    )


MIL_OUT = BusinessKind(
    type=BusinessType.MIL_OUT,
    number_prefix="JC",
    about=About.REGISTRATION,
    confirming=Confirming.MAIN,
    effect=transfer,
    effect_keys=("mil_out.close_all",),
    steps=(Step("personal", IDENTITY), REGISTRATION, LEAVING, MATERIALS, CHECK),
    materials=(APPLICATION_FORM, ACCEPTANCE, PRACTICE_CERTIFICATE),
    rules=(
        person.ACCOUNT_ACTIVATED,
        registering.SUBJECT_IN_FORCE,
        registering.REASON_DAY,
        register.ONE_OPEN_APPLICATION,
    ),
    documents=("change_out_certificate",),
)

KINDS = (MIL_OUT,)

"""注销 CANCEL (`domain.md` §3.6, §3.13): by wish, by report, by an authority, and as proposed after two years."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.applications.domain.business import kind_of
from services.applications.domain.business.cancel import REPORTED
from services.applications.domain.facts import Bar
from shared.trade.statuses import CancellationGround as Ground
from shared.trade.statuses import RefusalGround
from shared.trade.statuses import RegistrationStatus as Status
from tests.unit.applications.factories import TODAY, numbered
from tests.unit.applications.kinds.factories import (
    DECIDED,
    FAILED,
    HUMAN,
    OTHER,
    OWN,
    PROOF,
    Spoken,
    a_filing,
    a_held,
    a_registration,
    about,
    answered,
    effect,
    fine,
    over,
    remedy,
    spoken,
    summary,
)

WISH, REPORT, OFFICIO, PROPOSED = (
    ("CANCEL", "VOLUNTARY"),
    ("CANCEL", "BY_REPORT"),
    ("CANCEL", "EX_OFFICIO"),
    ("CANCEL", "PROPOSED"),
)
BY_GROUND = (REPORT, OFFICIO, PROPOSED)
EXAMINED: Spoken = {"cancellation_ground": (HUMAN, "cancellation_ground_to_examine")}
TWO_YEARS_AGO = date(2024, 11, 23)
STILL_STANDING = (
    a_held(status=Status.SUSPENDED),
    over(Status.LEFT_FILED, TODAY),
    over(Status.MOVED_OUT, TODAY),
)
OVER = (
    over(Status.MOVED_OUT, TODAY, replaced_by=OTHER),
    over(Status.CANCELLED, TODAY, Ground.OWN_WISH),
    over(Status.SUPERSEDED, TODAY),
    over(Status.TRANSFERRED_MIL, TODAY),
    over(Status.REVOKED, TODAY, Ground.LICENCE_REVOKED),
    over(Status.WITHDRAWN, TODAY, Ground.QUALIFICATION_WITHDRAWN),
)

CONDITIONS = [
    # 医师法 art.17: what stands, suspended and left included, is ended; what is over can't be
    *((*WISH, about(held), {}) for held in STILL_STANDING),
    *((*WISH, about(held), {"registration_stands": (FAILED, "registration_ended_already")}) for held in OVER[:3]),
    *((*REPORT, about(held), EXAMINED) for held in STILL_STANDING),
    *(
        (*REPORT, about(held), {**EXAMINED, "registration_stands": (FAILED, "registration_ended_already")})
        for held in OVER[3:5]
    ),
    (*OFFICIO, about(OVER[5]), {**EXAMINED, "registration_stands": (FAILED, "registration_ended_already")}),
    # art.17: the ground, the day it came about, the day it was known; whether it is true, a person says
    *(
        (*kind, answered(*kind, ground=None), {"cancellation_ground": (PROOF, "cancellation_ground_missing")})
        for kind in BY_GROUND
    ),
    *(
        (*kind, answered(*kind, happened_on=None), {"cancellation_ground": (PROOF, "cancellation_ground_missing")})
        for kind in BY_GROUND
    ),
    (
        *OFFICIO,
        answered(*OFFICIO, happened_on=date(2026, 11, 11)),
        {"cancellation_ground": (FAILED, "known_before_it_happened")},
    ),
    (*OFFICIO, answered(*OFFICIO, happened_on=date(2026, 11, 10)), EXAMINED),
    # art.17, 医师执业注册管理办法 art.18: thirty days from knowing; a late report is told of, and taken all the same
    (*REPORT, answered(*REPORT, happened_on=date(2026, 10, 1), known_on=date(2026, 10, 24)), EXAMINED),
    (
        *REPORT,
        answered(*REPORT, happened_on=date(2026, 10, 1), known_on=date(2026, 10, 23)),
        {**EXAMINED, "reported_in_time": (HUMAN, "reported_late")},
    ),
    (
        *REPORT,
        answered(*REPORT, known_on=None),
        {
            "cancellation_ground": (PROOF, "cancellation_ground_missing"),
            "reported_in_time": (PROOF, "cancellation_ground_missing"),
        },
    ),
    # art.19: proposed when two years are over, and nobody practises on it again
    (
        *PROPOSED,
        about(over(Status.LEFT_FILED, TWO_YEARS_AGO + timedelta(days=1))),
        {**EXAMINED, "left_two_years": (FAILED, "left_less_than_two_years")},
    ),
    (*PROPOSED, about(over(Status.MOVED_OUT, TWO_YEARS_AGO)), EXAMINED),
    (*PROPOSED, about(a_held()), {**EXAMINED, "left_two_years": (FAILED, "registration_not_left")}),
    (
        *PROPOSED,
        about(over(Status.CANCELLED, TWO_YEARS_AGO)),
        {
            **EXAMINED,
            "left_two_years": (FAILED, "registration_not_left"),
            "registration_stands": (FAILED, "registration_ended_already"),
        },
    ),
]


@pytest.mark.parametrize(("name", "sub_kind", "changed", "expected"), CONDITIONS)
def test_exactly_the_condition_that_is_not_met_speaks(name, sub_kind, changed, expected):
    """§3.6: all run; what one fact changes, one condition tells."""
    assert spoken(fine(name, sub_kind, **changed)) == expected


def test_the_thirty_days_are_counted_to_the_report_and_not_to_its_handling():
    """医师法 art.17: an office at work makes no report late."""
    found = fine(*REPORT, **answered(*REPORT, known_on=date(2026, 10, 24)), on=TODAY + timedelta(days=60))
    assert spoken(replace(found, answers=replace(found.answers, happened_on=date(2026, 10, 1)))) == EXAMINED


def test_two_years_after_a_leap_day_are_over_on_the_28th_of_february():
    """§7: 29 February → 28 February in common years."""
    subject = about(over(Status.LEFT_FILED, date(2024, 2, 29)))
    assert spoken(fine(*PROPOSED, **subject, on=date(2026, 2, 28), filed_on=date(2026, 2, 28))) == EXAMINED
    early = fine(*PROPOSED, **subject, on=date(2026, 2, 27), filed_on=date(2026, 2, 27))
    assert remedy(early, "left_two_years") == {"from": "2026-02-28"}


def test_who_may_begin_which():
    """§3.6: the doctor asks, the institution reports, the authority finds, the nightly job proposes."""
    starters = {kind: kind_of(*kind).starters for kind in (WISH, *BY_GROUND)}
    assert starters == {
        WISH: ("physician",),
        REPORT: ("institution",),
        OFFICIO: ("authority",),
        PROPOSED: ("system",),
    }


def test_nobody_reports_a_wish():
    """X10 is the doctor's own, P1 the end of a place: neither is a ground that somebody else names."""
    assert set(Ground) - set(REPORTED) == {Ground.OWN_WISH, Ground.PLACE_ENDED}
    step = kind_of(*REPORT).step("ground")
    assert step is not None
    assert {field.name for field in step.fields if field.sensitive} == {"ground", "happened_on", "reason"}


@pytest.mark.parametrize("held", STILL_STANDING + OVER)
def test_what_is_offered_to_be_cancelled_is_what_may_be(held):
    """The list of registrations and the rule say the same."""
    assert kind_of(*WISH).admits(held) is ("registration_stands" not in spoken(fine(*WISH, **about(held))))


# --- effects ---------------------------------------------------------------------------------------------------------

ENDS = {
    Ground.DEATH: ("CANCELLED", "cancelled"),
    Ground.CRIMINAL_PENALTY: ("CANCELLED", "cancelled"),
    Ground.LICENCE_REVOKED: ("REVOKED", "revoked"),
    Ground.ASSESSMENT_FAILED_TWICE: ("CANCELLED", "cancelled"),
    Ground.NOT_ASSESSED: ("CANCELLED", "cancelled"),
    Ground.PRACTICE_STOPPED: ("CANCELLED", "cancelled"),
    Ground.HEALTH: ("CANCELLED", "cancelled"),
    Ground.CERTIFICATE_MISUSED: ("CANCELLED", "cancelled"),
    Ground.ORGANISED_CHEATING: ("CANCELLED", "cancelled"),
    Ground.QUALIFICATION_WITHDRAWN: ("WITHDRAWN", "withdrawn"),
    Ground.LEFT_TWO_YEARS: ("CANCELLED", "cancelled"),
}
"""§0.2: cancel, revoke, withdraw are three outcomes."""


def bars(ground: Ground) -> tuple[Bar, ...]:
    """§3.13: what bars the way back, as a record of its own."""
    number = "示卫医许〔2026〕9号"
    return {
        Ground.ORGANISED_CHEATING: (Bar(RefusalGround.ORGANISED_CHEATING, DECIDED, None, number),),
        Ground.QUALIFICATION_WITHDRAWN: (Bar(RefusalGround.BAN_ON_APPLICATIONS, DECIDED, date(2029, 12, 5), number),),
    }.get(ground, ())


@pytest.mark.parametrize("kind", BY_GROUND)
@pytest.mark.parametrize("ground", REPORTED)
def test_each_ground_ends_the_registration_in_its_way(kind, ground):
    """§3.6, §3.13: with all that is filed on it, and nothing of another registration."""
    filings = (a_filing(), a_filing(id=numbered(0x62), registration_id=OTHER))
    changes = effect(
        *kind,
        subject=a_registration(status=Status.SUSPENDED, until=date(2027, 1, 31)),
        others=(a_registration(id=OTHER, practice_place="44", province="44"),),
        filings=filings,
        form={"ground": {"ground": ground.value}},
    )
    assert summary(changes) == {
        "turns": [(OWN, *ENDS[ground], ground)],
        "openings": [],
        "endings": [(numbered(0x61), DECIDED, "registration_ended")],
    }
    assert changes.bars == bars(ground)
    assert changes.turns[0].standing.until is None
    assert not changes.turns[0].reissued


def test_a_wish_ends_it_by_no_ground_of_the_law_and_bars_nothing():
    """X10: the way back is open at any time."""
    changes = effect(*WISH, subject=a_registration(), filings=(a_filing(),))
    assert summary(changes) == {
        "turns": [(OWN, "CANCELLED", "cancelled", Ground.OWN_WISH)],
        "openings": [],
        "endings": [(numbered(0x61), DECIDED, "registration_ended")],
    }
    assert changes.bars == ()


def test_three_years_from_a_leap_day_end_in_a_common_year():
    """医师法 art.54; §7."""
    form = {"ground": {"ground": "X11"}}
    (bar,) = effect(*OFFICIO, subject=a_registration(), form=form, decided_on=date(2028, 2, 29)).bars
    assert bar.until == date(2031, 2, 28)


@pytest.mark.parametrize(("later", "barred"), [(0, True), (1, False)])
def test_a_withdrawn_registration_and_the_ban_that_follows_it_end_on_the_same_day(later, barred):
    """医师法 art.54: the two rules that speak of the three years never contradict each other."""
    (bar,) = bars(Ground.QUALIFICATION_WITHDRAWN)
    assert bar.until is not None
    day = bar.until + timedelta(days=later)
    withdrawn = over(Status.WITHDRAWN, DECIDED, Ground.QUALIFICATION_WITHDRAWN)
    found = spoken(fine("REG", "RE", held=(withdrawn,), bars=(bar,), on=day, filed_on=day))
    assert ("N10_ban_on_applications" in found, "re_entry_ground" in found) == (barred, barred)

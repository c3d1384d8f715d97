"""申请取消“多地点执业” PLACE_DEL (`domain.md` §3.9): one additional practice place ends, the other stays."""

from __future__ import annotations

import pytest

from shared.trade.statuses import CancellationGround as Ground
from shared.trade.statuses import RegistrationStatus as Status
from tests.unit.applications.factories import numbered
from tests.unit.applications.kinds.factories import (
    DECIDED,
    FAILED,
    OTHER,
    OWN,
    a_filing,
    a_held,
    a_registration,
    about,
    effect,
    elsewhere,
    fine,
    over,
    spoken,
    summary,
)

PLACE_DEL = ("PLACE_DEL", "")
ONLY = {"another_place_stays": (FAILED, "only_practice_place")}
SECOND_PLACE = a_held(registration_id=OTHER, practice_place="44", province="44")


def second(**changed: object) -> dict[str, object]:
    """The registration with a second place that stands otherwise."""
    place = a_held(**({"registration_id": OTHER, "practice_place": "44", "province": "44"} | changed))
    return about(a_held(), others=(place,))


CONDITIONS = [
    # E68: the last place is given up by CANCEL only
    (*PLACE_DEL, about(a_held()), ONLY),
    (*PLACE_DEL, second(status=Status.LEFT_FILED), ONLY),
    (*PLACE_DEL, second(status=Status.CANCELLED), ONLY),
    (*PLACE_DEL, second(practice_place="43"), ONLY),
    (*PLACE_DEL, second(status=Status.SUSPENDED), {}),
    # the registration with another qualification is no further place of this one
    (*PLACE_DEL, about(a_held(), others=(elsewhere(practice_place="44"),)), ONLY),
    (
        *PLACE_DEL,
        about(over(Status.CANCELLED, DECIDED), others=(SECOND_PLACE,)),
        {"registration_stands": (FAILED, "registration_ended_already")},
    ),
    (*PLACE_DEL, about(a_held(status=Status.SUSPENDED), others=(SECOND_PLACE,)), {}),
]


@pytest.mark.parametrize(("name", "sub_kind", "changed", "expected"), CONDITIONS)
def test_exactly_the_condition_that_is_not_met_speaks(name, sub_kind, changed, expected):
    """§3.9: all run; what one fact changes, one condition tells."""
    assert spoken(fine(name, sub_kind, **changed)) == expected


def test_the_place_ends_with_what_is_filed_on_it_and_the_other_stays():
    """§3.9: CANCELLED(PLACE_ENDED); nothing bars the way back."""
    filings = (a_filing(), a_filing(id=numbered(0x62), registration_id=OTHER))
    other = a_registration(id=OTHER, practice_place="44", province="44")
    changes = effect(*PLACE_DEL, subject=a_registration(), others=(other,), filings=filings)
    assert summary(changes) == {
        "turns": [(OWN, "CANCELLED", "cancelled", Ground.PLACE_ENDED)],
        "openings": [],
        "endings": [(numbered(0x61), DECIDED, "registration_ended")],
    }
    assert changes.bars == ()

"""Exam data is the exam centre's: no health authority imports, publishes, opens, annuls or reveals (`domain.md` §6)."""

from __future__ import annotations

import pytest

from services.sync.authority import AUTHORITY, runs_regions
from shared.platform.authorisation import ActingActor
from shared.platform.errors import PermissionDenied
from shared.platform.identity import Actor, operator_actor
from shared.platform.ids import new_id
from shared.trade.provinces import MAINLAND

EXAM_ACTIONS = sorted(
    action
    for action in AUTHORITY.actions
    if action.startswith(("batch.", "gate.", "quarantine.")) or action == "qualification.change"
)
OTHERS = ("visitor", "physician", "clerk", "window", "officer", "head", "administrator", "security", "service")


def examiner(division: str, scope: str | None = "region", kind: str = "exam_centre") -> Actor:
    """Somebody at an exam desk."""
    return Actor(
        kind="staff",
        id=f"staff:{new_id()}",
        role="examiner",
        organisation_kind=kind,
        organisation_scope=scope,
        division=division,
        province="43",
    )


@pytest.mark.parametrize("action", EXAM_ACTIONS)
@pytest.mark.parametrize("role", OTHERS)
def test_no_other_role_has_a_row(action: str, role: str):
    """An administrator of a health authority is none of the exam centre."""
    with pytest.raises(PermissionDenied, match="role_not_allowed"):
        AUTHORITY.relations_for(action, role)


@pytest.mark.parametrize("action", EXAM_ACTIONS)
def test_examiner_and_operator_have_a_row(action: str):
    assert AUTHORITY.relations_for(action, "examiner")
    assert AUTHORITY.relations_for(action, "operator") == ("any",)


def test_the_actions_are_found():
    """The tests above would pass over an empty list."""
    assert {"batch.import", "batch.publish", "gate.open", "quarantine.reveal"} <= set(EXAM_ACTIONS)


@pytest.mark.parametrize(
    ("actor", "regions", "may"),
    [
        (examiner("11", "national"), ["11"], True),
        (examiner("11", "national"), ["43"], True),
        (examiner("11", "national"), sorted(MAINLAND), True),
        (examiner("43", "national"), sorted(MAINLAND), True),
        (examiner("11"), ["11"], True),
        (examiner("11"), ["43"], False),
        (examiner("11"), ["11", "43"], False),
        (examiner("11"), sorted(MAINLAND), False),
        (examiner("11", None), ["11"], False),
        (examiner("43"), [], False),
        (examiner("43"), ["43"], True),
        (examiner("43/4301"), ["43"], True),
        (examiner("43"), ["44"], False),
        (examiner("43"), ["43", "44"], False),
        (examiner("43"), sorted(MAINLAND), False),
        (examiner("43", kind="authority"), ["43"], False),
        (examiner("", "national"), ["43"], False),
    ],
)
def test_a_gate_is_opened_by_its_region_or_by_the_national_centre(actor: Actor, regions: list[str], may: bool):
    """`domain.md` §6.4: the publication gate belongs to the exam region; E18 rests on nobody else opening it.

    The national centre has its seat in Beijing, whose own desk opens the gate of 11 and no other.
    """
    assert runs_regions(actor, regions) is may
    acting = ActingActor(actor, AUTHORITY, "gate.open")
    if may:
        acting.require(regions)
    else:
        with pytest.raises(PermissionDenied, match="not_allowed"):
            acting.require(regions)


def test_an_operator_of_the_system_opens_any():
    ActingActor(operator_actor("test"), AUTHORITY, "gate.open").require(sorted(MAINLAND))

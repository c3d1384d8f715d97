"""How a random life chooses: mostly something that fits what is asked for, now and then anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from services.applications.domain.facts import Qualification
from services.applications.domain.institution import Institution
from services.applications.domain.register import Registration
from shared.trade.levels import Level
from shared.trade.statuses import RegistrationStatus as Status

Chosen = TypeVar("Chosen")

MOST = 11
"""The highest pick: it takes anything, so that the rules have something to stop."""
_WIDTHS: dict[str, tuple[tuple[str, ...], ...]] = {
    "clinical": (("C01",), ("C02",), ("C01", "C02")),
    "tcm": (("T01",),),
    "rural": (("C11",),),
}
_EVERY = tuple(scopes for widths in _WIDTHS.values() for scopes in widths)


def mostly(among: Sequence[Chosen], pick: int, fits: Callable[[Chosen], bool]) -> Chosen | None:
    """One that fits, if there is one."""
    fitting = [one for one in among if fits(one)]
    found = list(among) if pick == MOST or not fitting else fitting
    return found[pick % len(found)] if found else None


def widths(own: Qualification, pick: int) -> tuple[str, ...]:
    """Scopes, mostly such as the qualification's category knows."""
    name = "rural" if own.level is Level.RURAL_ASSISTANT else own.category.legal.value
    found = _EVERY if pick == MOST else _WIDTHS[name]
    return found[pick % len(found)]


def stands(one: Registration) -> bool:
    """Registered."""
    return one.standing.status.is_registered


def in_force(one: Registration) -> bool:
    """Registered and not suspended."""
    return one.standing.status is Status.ACTIVE


def suspended(one: Registration) -> bool:
    """Registered and suspended."""
    return one.standing.status is Status.SUSPENDED


def ended(one: Registration) -> bool:
    """Not registered any more."""
    return not stands(one)


def left(one: Registration) -> bool:
    """Left, and nothing took its place."""
    return one.may_stand_again


def assistants(one: Registration) -> bool:
    """An assistant's, in force."""
    return in_force(one) and Level(one.level).is_assistant


def licensed(one: Registration) -> bool:
    """A physician's, in force."""
    return in_force(one) and not Level(one.level).is_assistant


def suits(own: Qualification, place: Institution) -> bool:
    """Where the holder of a qualification may be taken."""
    if own.level is Level.RURAL_ASSISTANT:
        return place.is_township_or_village
    return own.covers.covers(place.province) and not (own.level.is_assistant and place.division.endswith("0000"))


def lies_in(place: Institution, practice_place: str) -> bool:
    """Whether an institution gives that practice place."""
    return place.division.startswith(practice_place)

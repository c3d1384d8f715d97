"""Records that the tests of the database put into it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from typing import Any

from services.applications.domain.register import Registration, opened
from services.applications.repository.register import Holder
from services.applications.unit_of_work import ApplicationsUnitOfWork
from shared.platform.ids import new_id
from tests.unit.applications.factories import NOW, a_standing

STARTED = date(2026, 3, 2)
_serials = itertools.count(1)


def a_holder(**changed: Any) -> Holder:
    """Person B of the handbook."""
    return replace(
        Holder("沈若溪", "female", "1997-08-15", "430199199708150249", "202643110430199199708150249", "本科"), **changed
    )


def a_registration(**changed: Any) -> Registration:
    """A registration of somebody new under a code of its own."""
    return replace(
        Registration(
            id=new_id(),
            version=1,
            person_id=new_id(),
            qualification_id=new_id(),
            practice_code=f"110430102{next(_serials):06d}",
            level="1",
            province="43",
            started_on=STARTED,
            standing=a_standing(),
            standing_since=STARTED,
        ),
        **changed,
    )


def in_register(
    uow: ApplicationsUnitOfWork, registration: Registration | None = None, holder: Holder | None = None
) -> Registration:
    """Write a registration with its first entry."""
    found = registration or a_registration()
    entry = opened(found.id, new_id(), found.standing, on=found.started_on, known_from=NOW)
    uow.register.open(found, entry, holder or a_holder())
    return found

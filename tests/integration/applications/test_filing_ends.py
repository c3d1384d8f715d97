"""The end of a filing in the database, on both engines: brought forward, and before it began."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.applications.domain.filing import EndReason, Filing
from shared.platform.ids import new_id
from tests.integration.applications.conftest import UnitOfWorkMaker
from tests.integration.applications.records import in_register
from tests.unit.applications.factories import NOW, TODAY
from tests.unit.applications.kinds.factories import a_filing


def stored(uow, **changed: object) -> Filing:
    """A filing on a registration of somebody new."""
    registration = in_register(uow)
    filing = a_filing(id=new_id(), registration_id=registration.id, person_id=registration.person_id)
    uow.filings.add(replace(filing, **changed), at=NOW)
    return uow.filings.get(filing.id)


def ended(filing: Filing, on: date, reason: EndReason) -> Filing:
    """The filing with its end."""
    return replace(filing, ended_on=on, end_reason=reason)


def test_an_end_that_lies_ahead_gives_way_to_that_of_the_registration(unit_of_work: UnitOfWorkMaker):
    """§3.7, §3.8: 取消备案 for the end of the quarter, and a cancellation of the registration before."""
    with unit_of_work() as uow:
        filing = stored(uow)
        later = uow.filings.end(ended(filing, TODAY + timedelta(days=60), EndReason.WITHDRAWN), at=NOW)
        uow.filings.end(ended(later, TODAY, EndReason.REGISTRATION_ENDED), at=NOW)
        found = uow.filings.get(filing.id)
        uow.commit()
    assert (found.holds_until, found.end_reason) == (TODAY, EndReason.REGISTRATION_ENDED)
    assert not found.is_open_on(TODAY)


def test_what_ended_before_it_began_is_not_open_at_its_institution(unit_of_work: UnitOfWorkMaker):
    """§3.7: nobody is asked to end it once more when that institution closes."""
    with unit_of_work() as uow:
        planned = stored(uow, valid_from=TODAY + timedelta(days=30), valid_to=TODAY + timedelta(days=90))
        at = planned.institution_id
        assert uow.filings.open_at(at, TODAY) == (planned,)
        over = uow.filings.end(ended(planned, TODAY, EndReason.REGISTRATION_ENDED), at=NOW)
        uow.commit()
        assert uow.filings.open_at(at, TODAY) == ()
    assert not over.is_open_on(TODAY)
    assert not over.holds_on(over.valid_from)


def test_the_days_that_were_filed_are_never_rewritten(unit_of_work: UnitOfWorkMaker):
    """The register only grows: the database guards what was decided."""
    with unit_of_work() as uow:
        filing = stored(uow)
        uow.commit()
    with unit_of_work() as uow, pytest.raises(DBAPIError):
        uow.session.execute(text("UPDATE filings SET valid_to = valid_from WHERE id = :id"), {"id": filing.id.hex})

"""A licence that ends is saved and told once, by whatever replica, and no file undoes it."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest

from services.accounts.licence_ends import ended_licences, suspend_ended
from services.accounts.models import InstitutionRow
from shared.platform.timers import each_due
from shared.platform.working_days import local_date
from shared.trade.institutions import LicenceStatus
from tests.unit.accounts.makers import NOW

from .test_loading import HOSPITAL, example, load
from .world import news

TODAY = local_date(NOW)
CHANGED = "accounts.licence_status_changed.v1"


@pytest.fixture
def hospital(unit_of_work):
    """An institution whose licence ends today, as a line of the file."""
    load(unit_of_work, "authorities")
    line = example("institutions", HOSPITAL) | {"licence_valid_to": TODAY.isoformat()}
    assert load(unit_of_work, "institutions", [(2, line)]).counts["created"] == 1
    return line


def run_timer(unit_of_work, now, handle=None) -> int:
    """One run of a replica's timer."""

    def suspend(uow, row):
        suspend_ended(uow, row, now)

    due = ended_licences(local_date(now))
    return each_due(unit_of_work, "suspend", due, key=InstitutionRow.id, handle=handle or suspend)


def seen(unit_of_work):
    """The institution as it is saved, its history's states, and what was told of its licence."""
    with unit_of_work() as uow:
        institution = uow.institutions.by_licence(HOSPITAL)
        states = [facts["licence_status"] for facts in uow.institutions.history(institution.id)]
        told = [(data["status"], data["since"]) for name, data in news(uow.session) if name == CHANGED]
    return institution, states, told


def test_the_day_after_its_last_a_licence_is_suspended_once(unit_of_work, hospital):
    """E45 without anybody's act: row, history and news in one transaction, again without effect."""
    assert run_timer(unit_of_work, NOW) == 0
    later = NOW + timedelta(days=3)
    assert run_timer(unit_of_work, later) == 1
    assert run_timer(unit_of_work, later) == 0
    institution, states, told = seen(unit_of_work)
    since = TODAY + timedelta(days=1)
    assert (institution.licence_status, institution.status_since, institution.version) == (
        LicenceStatus.SUSPENDED,
        since,
        2,
    )
    assert (states, told) == (["valid", "suspended"], [("suspended", since.isoformat())])


@pytest.mark.parametrize("file_first", [True, False])
def test_a_file_that_calls_an_ended_licence_valid_changes_nothing(unit_of_work, hospital, file_first):
    """The loader goes by the same day as the timer: whichever comes first tells it, the other has nothing to do."""
    later = NOW + timedelta(days=3)
    if not file_first:
        assert run_timer(unit_of_work, later) == 1
    report = load(unit_of_work, "institutions", [(2, hospital)], now=later)
    assert report.lines[0].outcome.value == ("changed" if file_first else "unchanged")
    assert run_timer(unit_of_work, later) == 0
    assert load(unit_of_work, "institutions", [(2, hospital)], now=later).counts["unchanged"] == 1
    since = TODAY + timedelta(days=1)
    assert seen(unit_of_work)[1:] == (["valid", "suspended"], [("suspended", since.isoformat())])


def test_a_renewed_licence_is_valid_again_from_the_day_it_is_entered(unit_of_work, hospital):
    later = NOW + timedelta(days=3)
    assert run_timer(unit_of_work, later) == 1
    renewed = hospital | {"licence_valid_to": "2030-12-31"}
    report = load(unit_of_work, "institutions", [(2, renewed)], now=later)
    assert report.lines[0].details == ("licence_status", "licence_valid_to")
    institution, states, told = seen(unit_of_work)
    assert (institution.licence_status, institution.licence_valid_to) == (LicenceStatus.VALID, date(2030, 12, 31))
    assert states == ["valid", "suspended", "valid"]
    assert told[-1] == ("valid", local_date(later).isoformat())
    assert run_timer(unit_of_work, later) == 0


def test_a_cancelled_licence_stays_cancelled_when_its_last_day_passes(unit_of_work, hospital):
    load(unit_of_work, "institutions", [(2, hospital | {"licence_status": "cancelled"})])
    assert run_timer(unit_of_work, NOW + timedelta(days=3)) == 0
    assert seen(unit_of_work)[0].licence_status is LicenceStatus.CANCELLED


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_two_replicas_never_suspend_one_institution_twice(unit_of_work, hospital):
    """Design D18: what one holds is passed over by the other."""
    later, passed_over = NOW + timedelta(days=3), []

    def other_replica() -> None:
        passed_over.append(run_timer(unit_of_work, later))

    def held(uow, row) -> None:
        other = threading.Thread(target=other_replica)
        other.start()
        other.join(20)
        suspend_ended(uow, row, later)

    assert run_timer(unit_of_work, later, held) == 1
    assert passed_over == [0]
    assert len(seen(unit_of_work)[2]) == 1

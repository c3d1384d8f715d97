"""The end of one licence: what the day itself changes, saved and told like any other change of a licence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import Select, select

from shared.platform.identity import service_actor
from shared.platform.working_days import local_date
from shared.trade.institutions import LicenceStatus

from .domain.organisations import standing_on
from .models import InstitutionRow
from .news import tell_institution, tell_licence_status
from .repository.organisations import institution_of
from .unit_of_work import SERVICE, AccountsUnitOfWork

CHANGED: Final = ("licence_status",)


def ended_licences(today: date) -> Select[InstitutionRow]:
    """The institutions that count as valid though the last day of their licence is past, for `each_due`."""
    return select(InstitutionRow).where(
        InstitutionRow.licence_status == LicenceStatus.VALID.value, InstitutionRow.licence_valid_to < today
    )


def suspend_ended(uow: AccountsUnitOfWork, row: InstitutionRow, now: datetime) -> None:
    """Suspend an institution whose licence has ended until it is renewed: the row, its history, the news of it (E45).

    Whoever holds the row meanwhile is alone with it; once it is committed it is no ended licence any more.
    """
    suspended = standing_on(institution_of(row), local_date(now))
    saved = uow.institutions.save(suspended, CHANGED, now=now, by=service_actor(SERVICE).id)
    tell_institution(uow, saved, uow.authorities.get(saved.authority_id))
    tell_licence_status(uow, saved, saved.status_since)

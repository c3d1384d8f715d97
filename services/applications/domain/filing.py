"""A filing 备案 of a further institution on a registration (`domain.md` §3.7): for its days, or until it is ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from shared.trade.divisions import path_of, province_of

from .facts import Filed
from .institution import Institution


class EndReason(StrEnum):
    """Why a filing holds no longer."""

    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """取消备案, on the wish of the physician or of the further institution (§3.8)."""
    REGISTRATION_ENDED = "registration_ended"
    PROVINCE_CHANGED = "province_changed"
    MAIN_CHANGED = "main_changed"
    """The main institution changed where the policy ends filings with it (`change.filings`)."""
    INSTITUTION_CANCELLED = "institution_cancelled"


@dataclass(frozen=True)
class Filing:
    """A further institution inside the practice place (医师执业注册管理办法 art.10).

    `valid_to` is its last planned day; `ended_on` the first on which it holds no more, where that came before.
    """

    id: UUID
    version: int
    registration_id: UUID
    person_id: UUID
    province: str
    institution_id: UUID
    institution_name: str
    authority_id: UUID
    authority_name: str
    authority_path: str
    scopes: tuple[str, ...]
    valid_from: date
    valid_to: date
    decision_number: str
    application_id: UUID
    ended_on: date | None = None
    end_reason: EndReason | None = None

    @property
    def is_public_to_staff(self) -> bool:
        """A filing is known to those who deal with it."""
        return True

    @property
    def competent_authority(self) -> UUID:
        """The authority that filed it."""
        return self.authority_id

    @property
    def holds_until(self) -> date:
        """The first day on which it holds no more."""
        planned = self.valid_to + timedelta(days=1)
        return planned if self.ended_on is None else max(min(self.ended_on, planned), self.valid_from)

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.valid_from <= day < self.holds_until

    def is_open_on(self, day: date) -> bool:
        """Whether it holds on a day or will hold later; one that ended before it began never will."""
        return max(day, self.valid_from) < self.holds_until

    @property
    def fact(self) -> Filed:
        """What the rules see of it: `valid_to` is the last day on which it holds, brought forward or not."""
        return Filed(
            self.id,
            self.registration_id,
            self.institution_id,
            self.institution_name,
            self.scopes,
            self.valid_from,
            self.holds_until - timedelta(days=1),
        )


@dataclass(frozen=True)
class NewFiling:
    """A filing to be written; who writes it gives it its id."""

    registration_id: UUID
    person_id: UUID
    institution: Institution
    scopes: tuple[str, ...]
    valid_from: date
    valid_to: date
    decision_number: str
    application_id: UUID

    def written(self, filing_id: UUID) -> Filing:
        """The filing under its id."""
        authority = self.institution.authority
        return Filing(
            id=filing_id,
            version=1,
            registration_id=self.registration_id,
            person_id=self.person_id,
            province=province_of(self.institution.division),
            institution_id=self.institution.id,
            institution_name=self.institution.name,
            authority_id=authority.id,
            authority_name=authority.name,
            authority_path=path_of(authority.division),
            scopes=self.scopes,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            decision_number=self.decision_number,
            application_id=self.application_id,
        )


def open_on(filings: Iterable[Filing], registration_id: UUID, day: date) -> list[Filing]:
    """The filings of a registration that hold on a day or will later."""
    return [one for one in filings if one.registration_id == registration_id and one.is_open_on(day)]

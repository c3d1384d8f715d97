"""Attempts of what can't be registered online (无法进行电子化注册, domain §3.10): counted, and about nobody."""

from __future__ import annotations

from datetime import date
from typing import Final

from shared.platform.tallies import TALLIES

from .domain.identity import ExcludedCase
from .unit_of_work import SERVICE, AccountsUnitOfWork

ATTEMPTS: Final = TALLIES.counts(
    "yizhu_excluded_attempts",
    "Attempts of what can't be registered online, by which of the four cases",
    ("service", "province", "case"),
)


def count_attempt(uow: AccountsUnitOfWork, case: ExcludedCase, province: str, day: date) -> None:
    """Count one attempt for the statistics and, once it is committed, for `/metrics`."""
    uow.excluded_attempts.add(int(case), province, day)
    uow.tally(ATTEMPTS.of(SERVICE, province, str(int(case))))

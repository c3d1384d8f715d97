"""What becomes of a registration without an application: leaving, suspension, assessment, and the ends of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from shared.platform.errors import Conflict, InvalidInput, RuleViolated
from shared.trade.statuses import RegistrationStatus

from .days import add_months, add_years
from .effect import Change, Turn
from .register import Registration

SUSPENSION_MONTHS = {"penalty": (6, 12), "assessment": (3, 6)}
"""The least and the most of a penalty (医师法 art.55 to 57) and of a failed assessment (医师法 art.42)."""
REPORT_DAYS = 30
"""Days within which an institution reports that a physician left (医师执业注册管理办法 art.19)."""


@dataclass(frozen=True)
class PeriodicAssessment:
    """The result of a periodic assessment 定期考核 (医师法 art.42), entered by the authority; only added to."""

    id: UUID
    registration_id: UUID
    assessed_on: date
    passed: bool
    authority_id: UUID


def left(registration: Registration, left_on: date, number: str, *, today: date) -> Turn:
    """离岗备案: inactive from the day on which the physician left; two years later it is cancelled (Order 13 art.19).

    Raises `Conflict("registration_not_registered")` where it stands no more, `InvalidInput` for a day that lies ahead
    or before it came to stand as it does.
    """
    if not registration.standing.status.is_registered:
        raise Conflict("registration_not_registered", status=registration.standing.status.value)
    if left_on > today:
        raise InvalidInput("invalid_input", fields={"left_on": ["date_in_future"]})
    if left_on < registration.standing_since:
        raise InvalidInput("invalid_input", fields={"left_on": ["date_before_standing"]})
    standing = replace(
        registration.standing,
        status=RegistrationStatus.LEFT_FILED,
        decision_number=number,
        application_id=None,
        until=None,
    )
    return Turn(registration, standing, Change.LEFT)


def suspended(registration: Registration, since: date, until: date, cause: str, number: str, *, today: date) -> Turn:
    """暂停执业 from a day to a last day; whoever is suspended still counts as registered (§3.12, §3.14).

    Raises `Conflict("registration_not_in_force")`, `InvalidInput` for days that lie wrong, and
    `RuleViolated("suspension_length")` where the Law has another length for the cause.
    """
    if registration.standing.status is not RegistrationStatus.ACTIVE:
        raise Conflict("registration_not_in_force", status=registration.standing.status.value)
    if since > today:
        raise InvalidInput("invalid_input", fields={"since": ["date_in_future"]})
    if since < registration.standing_since:
        raise InvalidInput("invalid_input", fields={"since": ["date_before_standing"]})
    least, most = SUSPENSION_MONTHS[cause]
    if not add_months(since, least) <= until <= add_months(since, most):
        raise RuleViolated("suspension_length", cause=cause, least=least, most=most)
    standing = replace(
        registration.standing,
        status=RegistrationStatus.SUSPENDED,
        decision_number=number,
        application_id=None,
        until=until,
    )
    return Turn(registration, standing, Change.SUSPENDED)


def resumed(registration: Registration, passed_on: date | None, *, today: date) -> Turn | None:
    """In force again after the last day, once an assessment since its beginning was passed (E49); None until then."""
    standing = registration.standing
    if standing.status is not RegistrationStatus.SUSPENDED or standing.until is None or today <= standing.until:
        return None
    if passed_on is None or passed_on < registration.standing_since:
        return None
    back = replace(standing, status=RegistrationStatus.ACTIVE, until=None, application_id=None)
    return Turn(registration, back, Change.RESUMED)


def lapses_on(registration: Registration, years: int) -> date:
    """The day on which a registration that was left has been inactive for too long (Order 13 art.18, 19)."""
    return add_years(registration.standing_since, years)


def days_late(left_on: date, today: date) -> int:
    """By how many days a departure was reported late; 0 for in time."""
    return max(0, (today - left_on).days - REPORT_DAYS)

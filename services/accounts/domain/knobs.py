"""The knobs of accounts (`account.*`, `activation.*`, `signup.*`, `id.*`; domain §8) as one typed value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

ROUTE_LETTERS = {"A": "certificate_code", "B": "ticket", "C": "institution_code", "D": "on_approval"}
"""The four activation routes of domain §2.3 by the letter that the policy uses."""


class PolicyOfDay(Protocol):
    """The policy in force on a day, as far as it is read here."""

    def flag(self, key: str, division: str = "") -> bool:
        """A knob that is true or false."""

    def whole(self, key: str, division: str = "") -> int:
        """A knob that is a whole number."""

    def text(self, key: str, division: str = "") -> str:
        """A knob that is a text."""

    def texts(self, key: str, division: str = "") -> list[str]:
        """A knob that is a list of texts."""

    def get(self, key: str, division: str = "") -> object:
        """Any knob."""


@dataclass(frozen=True)
class AccountKnobs:
    """What a deployment may set about accounts."""

    token_life: timedelta = timedelta(minutes=15)
    lock_after: int = 5
    lock_for: timedelta = timedelta(minutes=15)
    password_length: int = 8
    password_classes: int = 3
    code_life: timedelta = timedelta(minutes=10)
    email_required: bool = False
    id_types: tuple[str, ...] = ("resident_id", "residence_permit")
    age_range: tuple[int, int] = (18, 100)
    proof_tries_hour: int = 5
    proof_tries_day: int = 10
    alert_after: int = 3
    reuse_ticket: bool = True
    routes: tuple[str, ...] = ("certificate_code", "ticket")
    ticket_pattern: str = r"\d{13}"
    token_attempts: int = 10
    captchas_minute: int = 200
    spoken_captchas_hour: int = 60
    identities_hour: int = 300
    accounts_hour: int = 300
    failed_logins_hour: int = 200

    @classmethod
    def of(cls, policy: PolicyOfDay, province: str) -> AccountKnobs:
        """The knobs in force for a province."""
        ages = policy.get("id.age_range")
        youngest, oldest = (int(age) for age in (ages if isinstance(ages, Iterable) else cls.age_range))
        return cls(
            token_life=timedelta(minutes=policy.whole("account.identity_token_minutes")),
            lock_after=policy.whole("account.lock_after"),
            lock_for=timedelta(minutes=policy.whole("account.lock_minutes")),
            password_length=policy.whole("account.password_length"),
            password_classes=policy.whole("account.password_classes"),
            code_life=timedelta(minutes=policy.whole("account.sms_code_minutes")),
            email_required=policy.flag("signup.email_required"),
            id_types=tuple(policy.texts("signup.id_types")),
            age_range=(youngest, oldest),
            proof_tries_hour=policy.whole("activation.rate_limit.hour"),
            proof_tries_day=policy.whole("activation.rate_limit.day"),
            alert_after=policy.whole("activation.alert_after"),
            reuse_ticket=policy.flag("activation.reuse_ticket"),
            routes=tuple(ROUTE_LETTERS[letter] for letter in policy.texts("activation.routes", province)),
            ticket_pattern=policy.text("ticket.pattern"),
            token_attempts=policy.whole("account.token_attempts"),
            captchas_minute=policy.whole("account.address_limit.captchas_minute"),
            spoken_captchas_hour=policy.whole("account.address_limit.spoken_captchas_hour"),
            identities_hour=policy.whole("account.address_limit.identities_hour"),
            accounts_hour=policy.whole("account.address_limit.accounts_hour"),
            failed_logins_hour=policy.whole("account.address_limit.failed_logins_hour"),
        )

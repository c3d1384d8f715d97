"""Each knob of accounts is read from its own key, the routes from the province's."""

from __future__ import annotations

from datetime import timedelta

from services.accounts.domain.knobs import AccountKnobs


class Distinct:
    """A policy in which no two knobs have the same value; it answers for one province only where that is asked for."""

    VALUES = {
        "id.age_range": [21, 88],
        "account.identity_token_minutes": 1,
        "account.lock_after": 2,
        "account.lock_minutes": 3,
        "account.password_length": 4,
        "account.password_classes": 5,
        "account.sms_code_minutes": 6,
        "signup.email_required": True,
        "signup.id_types": ["resident_id"],
        "activation.rate_limit.hour": 7,
        "activation.rate_limit.day": 8,
        "activation.alert_after": 9,
        "activation.reuse_ticket": False,
        "activation.routes": ["A"],
        "ticket.pattern": r"\d{14}",
        "account.token_attempts": 10,
        "account.address_limit.captchas_minute": 11,
        "account.address_limit.spoken_captchas_hour": 12,
        "account.address_limit.identities_hour": 13,
        "account.address_limit.accounts_hour": 14,
        "account.address_limit.failed_logins_hour": 15,
    }

    def get(self, key: str, division: str = "") -> object:
        if (key, division) == ("activation.routes", "44"):
            return ["B", "D"]
        return self.VALUES[key]

    flag = whole = text = texts = get


def test_every_knob_is_read_from_its_own_key():
    """Domain §8: `account.*`, `activation.*`, `signup.*`, `id.*`; a province may open other routes (§2.3)."""
    assert AccountKnobs.of(Distinct(), "44") == AccountKnobs(
        token_life=timedelta(minutes=1),
        lock_after=2,
        lock_for=timedelta(minutes=3),
        password_length=4,
        password_classes=5,
        code_life=timedelta(minutes=6),
        email_required=True,
        id_types=("resident_id",),
        age_range=(21, 88),
        proof_tries_hour=7,
        proof_tries_day=8,
        alert_after=9,
        reuse_ticket=False,
        routes=("ticket", "on_approval"),
        ticket_pattern=r"\d{14}",
        token_attempts=10,
        captchas_minute=11,
        spoken_captchas_hour=12,
        identities_hour=13,
        accounts_hour=14,
        failed_logins_hour=15,
    )
    assert AccountKnobs.of(Distinct(), "43").routes == ("certificate_code",)

"""The knobs as the policy files give them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from services.accounts.domain.knobs import AccountKnobs
from shared.trade.policy import Policy

from .makers import TODAY

PROVINCES = Path(__file__).parents[3] / "provinces"


def test_the_national_defaults_are_those_of_the_handbook():
    """Domain §2 and §8: `account.*`, `activation.*`, `signup.*`, `id.age_range`."""
    policy = Policy.load(PROVINCES, ["43", "44"]).at(TODAY)
    knobs = AccountKnobs.of(policy, "44")
    assert replace(knobs, routes=AccountKnobs().routes, ticket_pattern=AccountKnobs().ticket_pattern) == AccountKnobs()
    assert {"certificate_code", "ticket"} <= set(knobs.routes)

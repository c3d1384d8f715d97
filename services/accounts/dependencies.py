"""What the entry points of `accounts` are given besides the platform's parts: the knobs of the policy in force."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from nameko.extensions import DependencyProvider

from shared.platform.config import settings_of
from shared.platform.working_days import local_date
from shared.trade.policy import Policy

from .domain.knobs import AccountKnobs


class KnobsOfDay:
    """The knobs by day and province, read from the policy files once a process."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._known: dict[tuple[date, str], AccountKnobs] = {}

    def at(self, moment: datetime, province: str) -> AccountKnobs:
        """The knobs in force at a moment, for a province."""
        key = local_date(moment), province
        if key not in self._known:
            self._known = {known: knobs for known, knobs in self._known.items() if known[0] == key[0]}
            self._known[key] = AccountKnobs.of(self._policy.at(key[0]), province)
        return self._known[key]


class KnobsProvider(DependencyProvider):
    """Gives a worker `self.knobs`."""

    def setup(self) -> None:
        """Read the policy files at start, so that a wrong one stops the service before it takes work."""
        settings = settings_of(self.container)
        self.knobs = KnobsOfDay(Policy.load(settings.provinces_dir, settings.provinces))

    def get_dependency(self, worker_ctx: Any) -> KnobsOfDay:
        """The same for every worker."""
        return self.knobs

"""What the entry points are given besides the platform's parts: the policy in force, and a child process."""

from __future__ import annotations

from datetime import date
from typing import Any

from nameko.extensions import DependencyProvider

from shared.platform.children import Children
from shared.platform.config import SettingsError, settings_of
from shared.trade.policy import Policy, PolicyDay

from .domain.assessment import Pin
from .domain.business import BusinessKind
from .signer_file import SIGNER

CHILD_MODULE = "services.applications.child_work"
CHILD_TIMEOUT = 8.0
"""Shorter than a call's deadline, so that a caller hears of a child that doesn't answer."""


class PolicyBook:
    """The policy of the deployment's provinces by day, read from the files once a process."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._days: dict[date, PolicyDay] = {}

    def on(self, day: date) -> PolicyDay:
        """What is in force on a day."""
        if day not in self._days:
            if len(self._days) > 64:
                self._days.clear()
            self._days[day] = self._policy.at(day)
        return self._days[day]

    def pin(self, province: str, day: date) -> Pin:
        """The version that a record of the province pins on a day."""
        version = self.on(day).version(province)
        return Pin(version.number, version.digest, day)

    def values(self, kind: BusinessKind, division: str, day: date) -> dict[str, Any]:
        """The knobs that a kind of business reads, as they hold in a division on a day: a decision keeps them."""
        in_force = self.on(day)
        return {key: in_force.get(key, division) for key in sorted(kind.policy_keys)}


class PolicyProvider(DependencyProvider):
    """Gives a worker `self.policy`."""

    def setup(self) -> None:
        """Read the policy files at start, so that a wrong one stops the service before it takes work."""
        settings = settings_of(self.container)
        self.book = PolicyBook(Policy.load(settings.provinces_dir, settings.provinces))

    def get_dependency(self, worker_ctx: Any) -> PolicyBook:
        """The same for every worker."""
        return self.book


class ChildWorkProvider(DependencyProvider):
    """Gives a worker `self.child`: this service's functions that run in a child process."""

    children = Children(CHILD_MODULE, size=1, warm=True)

    def setup(self) -> None:
        """Production is given the chain that signs documents; without it the service doesn't start."""
        settings = settings_of(self.container)
        if settings.is_production and not (settings.keys_dir / SIGNER).is_file():
            raise SettingsError("KEYS_DIR", f"{SIGNER} with the key and chain that sign documents is missing")

    def get_dependency(self, worker_ctx: Any) -> Children:
        """The same few processes for every worker."""
        return self.children

"""The settings as a dependency of a service; apart from `config`, so that contracts don't meet the runtime."""

from __future__ import annotations

from typing import Any

from nameko.extensions import DependencyProvider

from .config import Settings, settings_of


class SettingsProvider(DependencyProvider):
    """Gives a service its `Settings`."""

    def setup(self) -> None:
        """Read them at start, so that a wrong one stops the service before it takes work."""
        self.settings = settings_of(self.container)

    def get_dependency(self, worker_ctx: Any) -> Settings:
        """The same frozen object for every worker."""
        return self.settings

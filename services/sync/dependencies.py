"""What the entry points of `sync` are given besides the platform's parts: the policy, the child that reads files."""

from __future__ import annotations

from typing import Any

from nameko.extensions import DependencyProvider

from shared.platform.children import Children
from shared.platform.config import settings_of
from shared.trade.policy import Policy

CHILD_MODULE = "services.sync.row_child"


class PolicyProvider(DependencyProvider):
    """Gives a worker `self.policy`."""

    def setup(self) -> None:
        """Read the policy files at start, so that a wrong one stops the service before it takes work."""
        settings = settings_of(self.container)
        self.policy = Policy.load(settings.provinces_dir, settings.provinces)

    def get_dependency(self, worker_ctx: Any) -> Policy:
        """The same for every worker."""
        return self.policy


class RowChildProvider(DependencyProvider):
    """Gives a worker `self.row_child`. One process: it keeps the file at work open between slices."""

    children = Children(CHILD_MODULE, size=1)

    def get_dependency(self, worker_ctx: Any) -> Children:
        """The same process for every worker."""
        return self.children

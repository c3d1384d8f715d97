"""A backlog as a dependency of a service: what it says is on `/metrics` from the service's start."""

from __future__ import annotations

from typing import Any

from nameko.extensions import DependencyProvider

from .figures import FIGURES, Backlog


class BacklogProvider(DependencyProvider):
    """Tells a backlog of the service's own tables; injects nothing that a worker needs."""

    def __init__(self, backlog: Backlog) -> None:
        self.backlog = backlog

    def setup(self) -> None:
        """Tell it from now on."""
        FIGURES.register_backlog(self.container.service_name, self.backlog)

    def get_dependency(self, worker_ctx: Any) -> Backlog:
        """What is told."""
        return self.backlog

"""The relay: takes news out of the outbox and hands it to the broker, in order, whatever happens to either."""

from __future__ import annotations

from nameko.extensions import SharedExtension

from .database_extension import DatabaseExtension


class Relay(SharedExtension):
    """Publishes a service's outbox; started with its unit of work provider."""

    storage = DatabaseExtension()

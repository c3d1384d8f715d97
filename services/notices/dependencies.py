"""nameko dependency providers of `notices`."""

from __future__ import annotations

from typing import Any

from nameko.extensions import DependencyProvider

from shared.platform.clock import now
from shared.platform.config import settings_of
from shared.platform.crypto import storage_ring
from shared.platform.database import DatabaseExtension

from .providers import OUTBOX, HttpsSms, OutboxSms, SmsProvider


class SmsProviderDependency(DependencyProvider):
    """Gives the service the provider that `SMS_PROVIDER` names."""

    storage = DatabaseExtension()

    def setup(self) -> None:
        """Choose it at start, so that a wrong setting stops the service."""
        settings = settings_of(self.container)
        ring = storage_ring(settings.service)
        self.provider: SmsProvider
        if settings.sms_provider == OUTBOX:
            self.provider = OutboxSms(lambda: self.storage.database, ring, now)
        else:
            self.provider = HttpsSms(settings.sms_provider, settings.sms_token)

    def get_dependency(self, worker_ctx: Any) -> SmsProvider:
        """The same provider for every worker."""
        return self.provider

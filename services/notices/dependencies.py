"""nameko dependency providers of `notices`."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from nameko.extensions import DependencyProvider

from shared.platform.clock import now
from shared.platform.config import settings_of
from shared.platform.crypto import storage_ring
from shared.platform.database import DatabaseExtension
from shared.platform.working_days import SHANGHAI, local_date, working_days
from shared.trade.policy import Policy

from .domain.deliveries import DAY_BEGINS
from .providers import OUTBOX, CountedSms, HttpsSms, OutboxSms, SmsProvider


class SmsProviderDependency(DependencyProvider):
    """Gives the service the provider that `SMS_PROVIDER` names."""

    storage = DatabaseExtension()

    def setup(self) -> None:
        """Choose it at start, so that a wrong setting stops the service."""
        settings = settings_of(self.container)
        ring = storage_ring(settings.service)
        if settings.sms_provider == OUTBOX:
            self.provider = CountedSms(OutboxSms(lambda: self.storage.database, ring, now))
        else:
            self.provider = CountedSms(HttpsSms(settings.sms_provider, settings.sms_token))

    def get_dependency(self, worker_ctx: Any) -> SmsProvider:
        """The same provider for every worker."""
        return self.provider


class NoticeKnobs:
    """What a province may set about notices (`notice.*`)."""

    def __init__(self, policy: Policy) -> None:
        self._day = lru_cache(maxsize=8)(policy.at)

    def channels(self, province: str, moment: datetime) -> frozenset[str]:
        """By which ways people are told, besides the mailbox that always has it, on the day of a moment."""
        return frozenset(self._day(local_date(moment)).texts("notice.channels", province))

    def next_reminder(self, province: str, moment: datetime) -> datetime:
        """When somebody who is overdue is reminded after a moment: some working days later, as the day begins."""
        today = local_date(moment)
        days = self._day(today).whole("notice.remind_days", province)
        return datetime.combine(working_days().add(today, days).date, DAY_BEGINS, SHANGHAI).astimezone(UTC)


class NoticeKnobsProvider(DependencyProvider):
    """Gives the service `self.knobs`."""

    def setup(self) -> None:
        """Read policy and calendar at start, so that a wrong file stops the service before it takes work."""
        settings = settings_of(self.container)
        working_days()
        self.knobs = NoticeKnobs(Policy.load(settings.provinces_dir, settings.provinces))

    def get_dependency(self, worker_ctx: Any) -> NoticeKnobs:
        """The same for every worker."""
        return self.knobs

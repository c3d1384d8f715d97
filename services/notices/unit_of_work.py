"""One transaction of `notices`, with its repositories."""

from __future__ import annotations

from shared.platform.crypto import storage_ring
from shared.platform.database import UnitOfWork

from .repository.contacts import Contacts
from .repository.deliveries import Deliveries
from .repository.local_outbox import LocalOutbox
from .repository.messages import Messages
from .repository.qualifications import Qualifications
from .repository.reminders import Reminders

SERVICE = "notices"


class NoticesUnitOfWork(UnitOfWork):
    """All repositories of the service in one transaction."""

    messages: Messages
    deliveries: Deliveries
    contacts: Contacts
    qualifications: Qualifications
    reminders: Reminders
    local_outbox: LocalOutbox

    def open(self) -> None:
        """Make the repositories."""
        ring = storage_ring(SERVICE)
        self.messages = Messages(self.session, ring)
        self.deliveries = Deliveries(self.session, ring)
        self.contacts = Contacts(self.session, ring)
        self.qualifications = Qualifications(self.session)
        self.reminders = Reminders(self.session)
        self.local_outbox = LocalOutbox(self.session, ring)

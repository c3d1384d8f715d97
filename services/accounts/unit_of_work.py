"""One transaction of `accounts`, with its repositories."""

from __future__ import annotations

from uuid import UUID

from shared.platform.crypto import storage_ring
from shared.platform.database import UnitOfWork
from shared.platform.errors import NotFound

from .repository.access import Counters, CredentialStore, OneTimeThings, Sessions
from .repository.access_log import AccessLog
from .repository.devices import Devices
from .repository.organisations import Authorities, Institutions, Staff
from .repository.people import Accounts, Persons

SERVICE = "accounts"


class AccountsUnitOfWork(UnitOfWork):
    """All repositories of the service in one transaction."""

    persons: Persons
    accounts: Accounts
    credentials: CredentialStore
    sessions: Sessions
    devices: Devices
    one_time: OneTimeThings
    counters: Counters
    authorities: Authorities
    institutions: Institutions
    staff: Staff
    access_log: AccessLog

    def open(self) -> None:
        """Make the repositories."""
        ring = storage_ring(SERVICE)
        self.persons = Persons(self.session, ring)
        self.accounts = Accounts(self.session, ring)
        self.credentials = CredentialStore(self.session, ring)
        self.sessions = Sessions(self.session, ring)
        self.devices = Devices(self.session, ring)
        self.one_time = OneTimeThings(self.session, ring)
        self.counters = Counters(self.session)
        self.authorities = Authorities(self.session)
        self.institutions = Institutions(self.session)
        self.staff = Staff(self.session, ring)
        self.access_log = AccessLog(self.session, ring)

    def organisation_name(self, organisation_id: UUID | None) -> str:
        """The name of an institution or authority; "" where there is none."""
        if organisation_id is None:
            return ""
        authority = self.authorities.all().get(organisation_id)
        if authority is not None:
            return authority.name
        try:
            return self.institutions.get(organisation_id).name
        except NotFound:
            return ""

"""News of other services that changes something here, and the clearing of what has expired."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared.contracts import applications, review, sync
from shared.platform.errors import InvalidInput
from shared.platform.inbox import Event, on_event
from shared.platform.timers import every
from shared.trade.names import same_name
from shared.trade.resident_id import ResidentId

from ..domain.account import AccountState, recognise
from ..news import tell_recognised
from ..repository.access import forget_expired
from ..repository.access_log import Access
from ..repository.devices import forget_old_devices
from ..unit_of_work import AccountsUnitOfWork
from .base import AccountsWork


class Events(AccountsWork):
    """Each event is applied once, in the transaction of its inbox row."""

    @on_event(sync.QUALIFICATION_PUBLISHED)
    def qualification_published(self, event: Event, uow: AccountsUnitOfWork, prepared: Any) -> None:
        """A result was opened: if its owner has an account already, the account is recognised without asking.

        The ID number is the key and the name must agree; a name alone never matches (domain §6.3, E01).
        """
        person = uow.persons.find(ResidentId(event.data["id_number"]))
        if person is None or not same_name(person.identity.name.value, event.data["name"]):
            return
        account = uow.accounts.of_person(person.id, lock=True)
        if account.state is AccountState.DISABLED:
            return
        recognised, new = recognise(account, [event.data["qualification_id"]])
        if new:
            recognised = uow.accounts.save(recognised, now=self.clock.now())
            # The envelope's province is the exam region.
            exam = {"id": event.data["qualification_id"], "region": event.province, "year": event.data["year"]}
            tell_recognised(uow, recognised, new, [exam])

    @on_event(applications.APPLICATIONS_DATA_VIEWED)
    def applications_data_viewed(self, event: Event, uow: AccountsUnitOfWork, prepared: Any) -> None:
        """Staff looked at an applicant's data in the register (E71)."""
        self._log_access(event, uow, "applications", event.data["person_id"])

    @on_event(review.REVIEW_DATA_VIEWED)
    def review_data_viewed(self, event: Event, uow: AccountsUnitOfWork, prepared: Any) -> None:
        """Staff looked at an applicant's data in a case (E71)."""
        self._log_access(event, uow, "review", event.data["person_id"])

    @on_event(sync.SYNC_DATA_VIEWED)
    def sync_data_viewed(self, event: Event, uow: AccountsUnitOfWork, prepared: Any) -> None:
        """Somebody had a held exam row shown in full (E71); it is noted where its ID is that of an account holder.

        A held row may be held for its very number, so one that is no ID belongs to nobody.
        """
        try:
            number = ResidentId.parse(event.data["id_number"])
        except InvalidInput:
            return
        person = uow.persons.find(number)
        if person is not None:
            self._log_access(event, uow, "sync", person.id)

    @every(seconds=60)
    def forget_what_expired(self) -> None:
        """Captchas, codes, locks and sessions that can no longer serve, devices not seen for long."""
        with self.unit_of_work() as uow:
            now = self.clock.now()
            forget_expired(uow.session, now)
            forget_old_devices(uow.session, now)
            uow.commit()

    def _log_access(self, event: Event, uow: AccountsUnitOfWork, service: str, person_id: UUID) -> None:
        data = event.data
        organisation = uow.organisation_name(data["organisation_id"])
        access = Access(event.occurred_at, service, data["role"], organisation, data["what"], data["reason"])
        uow.access_log.add(person_id, access, data["organisation_id"])

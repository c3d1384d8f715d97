"""What becomes of qualifications after they were published (`domain.md` §6.7)."""

from __future__ import annotations

from shared.contracts import applications as contracts
from shared.contracts import sync
from shared.platform.inbox import Event, on_event

from ..unit_of_work import ApplicationsUnitOfWork
from .base import ApplicationsWork


class ExamNews(ApplicationsWork):
    """The handlers of what `sync` announces. A correction needs none: facts are fetched anew before each decision."""

    @on_event(sync.QUALIFICATION_ANNULLED)
    def qualification_annulled(self, event: Event, uow: ApplicationsUnitOfWork, prepared: object) -> None:
        """Tell `review` which open applications have lost what they rest on: their cases end (医师法 art.54, E55).

        A registration that stands already is not touched: whether it is withdrawn, a person decides. A draft can't be
        submitted any more (rule `qualification_stands`).
        """
        for application in uow.applications.open_with(event.data["qualification_id"]):
            uow.announce(
                contracts.QUALIFICATION_LOST,
                aggregate_id=application.id,
                data={"application_id": application.id, "qualification_id": application.qualification_id},
                province=application.province,
            )

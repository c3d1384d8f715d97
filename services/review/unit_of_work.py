"""One transaction of `review`, with its repositories."""

from __future__ import annotations

from shared.platform.crypto import storage_ring
from shared.platform.database import UnitOfWork

from .repository.cases import Cases, Records
from .repository.tasks import Tasks
from .repository.workflow_texts import WorkflowTexts

SERVICE = "review"


class ReviewUnitOfWork(UnitOfWork):
    """All repositories of the service in one transaction."""

    cases: Cases
    records: Records
    tasks: Tasks
    workflow_texts: WorkflowTexts

    def open(self) -> None:
        """Make the repositories."""
        ring = storage_ring(SERVICE)
        self.cases = Cases(self.session, ring)
        self.records = Records(self.session, ring)
        self.tasks = Tasks(self.session)
        self.workflow_texts = WorkflowTexts(self.session)

"""One transaction of `sync`, with its repositories."""

from __future__ import annotations

from shared.platform.crypto import storage_ring
from shared.platform.database import UnitOfWork

from .repository.batches import Batches
from .repository.candidates import Candidates
from .repository.gates import Gates
from .repository.people import People
from .repository.qualifications import Qualifications

SERVICE = "sync"


class SyncUnitOfWork(UnitOfWork):
    """All repositories of the service in one transaction."""

    batches: Batches
    people: People
    candidates: Candidates
    qualifications: Qualifications
    gates: Gates

    def open(self) -> None:
        """Make the repositories."""
        ring = storage_ring(SERVICE)
        self.batches = Batches(self.session)
        self.people = People(self.session, ring)
        self.candidates = Candidates(self.session, ring)
        self.qualifications = Qualifications(self.session, ring)
        self.gates = Gates(self.session)

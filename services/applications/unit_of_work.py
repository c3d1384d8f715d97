"""One transaction of `applications`, with its repositories."""

from __future__ import annotations

from shared.platform.crypto import storage_ring
from shared.platform.database import UnitOfWork

from .name import SERVICE
from .repository.applications import Applications, Assessments
from .repository.certificates import Certificates
from .repository.filings import Filings
from .repository.issued import IssuedDocuments
from .repository.lookups import Lookups
from .repository.numbers import CaptchaUses, Numbers
from .repository.practice import PeriodicAssessments, Reminders
from .repository.record_views import RecordViews
from .repository.register import Bars, Register
from .repository.stored_files import StoredFiles

__all__ = ["SERVICE", "ApplicationsUnitOfWork"]


class ApplicationsUnitOfWork(UnitOfWork):
    """All repositories of the service in one transaction."""

    applications: Applications
    assessments: Assessments
    register: Register
    bars: Bars
    filings: Filings
    practice: PeriodicAssessments
    reminders: Reminders
    certificates: Certificates
    issued: IssuedDocuments
    numbers: Numbers
    captchas: CaptchaUses
    lookups: Lookups
    stored_files: StoredFiles
    views: RecordViews

    def open(self) -> None:
        """Make the repositories."""
        ring = storage_ring(SERVICE)
        self.applications = Applications(self.session, ring)
        self.assessments = Assessments(self.session, ring)
        self.register = Register(self.session, ring)
        self.bars = Bars(self.session)
        self.filings = Filings(self.session)
        self.practice = PeriodicAssessments(self.session)
        self.reminders = Reminders(self.session)
        self.certificates = Certificates(self.session, ring)
        self.issued = IssuedDocuments(self.session, ring)
        self.numbers = Numbers(self.session)
        self.captchas = CaptchaUses(self.session)
        self.lookups = Lookups(self.session)
        self.stored_files = StoredFiles(self.session)
        self.views = RecordViews(self.session)

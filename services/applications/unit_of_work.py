"""One transaction of `applications`, with its repositories."""

from __future__ import annotations

from shared.platform.crypto import storage_ring
from shared.platform.database import UnitOfWork

from .repository.applications import Applications, Assessments
from .repository.certificates import Certificates
from .repository.numbers import CaptchaUses, Numbers
from .repository.record_views import RecordViews
from .repository.register import Bars, Register
from .repository.stored_files import StoredFiles

SERVICE = "applications"


class ApplicationsUnitOfWork(UnitOfWork):
    """All repositories of the service in one transaction."""

    applications: Applications
    assessments: Assessments
    register: Register
    bars: Bars
    certificates: Certificates
    numbers: Numbers
    captchas: CaptchaUses
    stored_files: StoredFiles
    views: RecordViews

    def open(self) -> None:
        """Make the repositories."""
        ring = storage_ring(SERVICE)
        self.applications = Applications(self.session, ring)
        self.assessments = Assessments(self.session, ring)
        self.register = Register(self.session, ring)
        self.bars = Bars(self.session)
        self.certificates = Certificates(self.session, ring)
        self.numbers = Numbers(self.session)
        self.captchas = CaptchaUses(self.session)
        self.stored_files = StoredFiles(self.session)
        self.views = RecordViews(self.session)

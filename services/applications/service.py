"""The nameko service `applications`: its families of entry points together."""

from __future__ import annotations

from .entrypoints.careers import Careers
from .entrypoints.case_news import CaseNews
from .entrypoints.documents import DocumentWork
from .entrypoints.drafts import Drafts
from .entrypoints.exam_news import ExamNews
from .entrypoints.files import FileWork
from .entrypoints.materials import Materials
from .entrypoints.nightly import Nightly
from .entrypoints.public import PublicWork
from .entrypoints.register import RegisterWork
from .entrypoints.register_acts import RegisterActs
from .entrypoints.reports import Reports
from .entrypoints.submission import Submission


class ApplicationsService(
    Drafts,
    Materials,
    Submission,
    Reports,
    CaseNews,
    ExamNews,
    RegisterWork,
    RegisterActs,
    DocumentWork,
    Careers,
    PublicWork,
    FileWork,
    Nightly,
):
    """Drafts, applications, the register and what becomes of it, certificates, documents, look-up and seniority."""

    name = "applications"

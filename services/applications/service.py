"""The nameko service `applications`: its families of entry points together."""

from __future__ import annotations

from .entrypoints.case_news import CaseNews
from .entrypoints.drafts import Drafts
from .entrypoints.exam_news import ExamNews
from .entrypoints.files import FileWork
from .entrypoints.materials import Materials
from .entrypoints.public import PublicWork
from .entrypoints.register import RegisterWork
from .entrypoints.submission import Submission


class ApplicationsService(Drafts, Materials, Submission, CaseNews, ExamNews, RegisterWork, PublicWork, FileWork):
    """Drafts, applications, the register, certificates, the public look-up and seniority."""

    name = "applications"

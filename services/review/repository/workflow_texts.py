"""The texts of the workflow versions that cases were opened on."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ..models import WorkflowRow


class WorkflowTexts:
    """A version's text by its digest: a case in flight is never dealt with by another one (design D18)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def remember(self, digest: str, name: str, version: int, content: str) -> None:
        """Keep a version's text; once is enough."""
        dialect = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        row = dialect.insert(WorkflowRow).values(digest=digest, name=name, version=version, content=content)
        self._session.execute(row.on_conflict_do_nothing(index_elements=["digest"]))

    def text_of(self, digest: str) -> str | None:
        """The text with that digest."""
        return self._session.scalar(select(WorkflowRow.content).where(WorkflowRow.digest == digest))

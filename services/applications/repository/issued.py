"""Documents issued to applications, and how far their files are; what they say is sealed."""

from __future__ import annotations

import json
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing
from shared.platform.database import save_versioned
from shared.platform.errors import NotFound
from shared.platform.figures import Backlog
from shared.platform.ids import new_id

from ..domain.application import Application
from ..domain.issued import Audience, DocumentKind, IssuedDocument, Letter, LetterFacts, issued
from ..domain.plain import from_plain, to_plain
from ..models import IssuedDocumentRow
from .pending import PendingDocuments, document_of, document_values

FACTS = "issued_document.facts"

#: Slips, letters and receipts whose file is still to be made, or can't be made without a person.
UNRENDERED = Backlog(
    "yizhu_documents_unrendered",
    "Issued documents without their file: pending, or blocked until a person helps",
    ("pending", "blocked"),
    select(IssuedDocumentRow.document, func.count())
    .where(IssuedDocumentRow.document.in_(("pending", "blocked")))
    .group_by(IssuedDocumentRow.document),
)


class IssuedDocuments(PendingDocuments[IssuedDocumentRow, IssuedDocument]):
    """The documents of this service's applications."""

    rows = IssuedDocumentRow

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def issue(self, letter: Letter, application: Application) -> None:
        """Write a letter as a document of its application, once: news that comes again issues nothing.

        In the transaction that writes the application, whose version keeps two from counting the same number.
        """
        others = self.of_application(application.id)
        key = (letter.kind, letter.serial, letter.audience)
        if any((other.kind, other.serial, other.audience) == key for other in others):
            return
        document = issued(letter, application, document_id=new_id(), position=len(others) + 1)
        values = {
            "id": document.id,
            "version": 1,
            "application_id": document.application_id,
            "person_id": document.person_id,
            "province": document.province,
            "kind": document.kind.value,
            "serial": document.serial,
            "audience": document.audience.value,
            "number": document.number,
            "issued_on": document.issued_on,
            "facts": self._ring.seal(json.dumps(to_plain(document.facts), ensure_ascii=False), purpose=FACTS),
            "attempts": 0,
            "next_try_at": None,
            **document_values(document),
        }
        self._session.execute(insert(IssuedDocumentRow).values(values))

    def get(self, document_id: UUID) -> IssuedDocument:
        """The document, or `NotFound`."""
        row = self._session.get(IssuedDocumentRow, document_id)
        if row is None:
            raise NotFound("document_not_found")
        return self._record(row)

    def of_application(self, application_id: UUID) -> list[IssuedDocument]:
        """All documents of an application, oldest first."""
        rows = self._session.scalars(
            select(IssuedDocumentRow)
            .where(IssuedDocumentRow.application_id == application_id)
            .order_by(IssuedDocumentRow.id)
        )
        return [self._record(row) for row in rows]

    def save(self, document: IssuedDocument) -> None:
        """Write back how far the file is, unless somebody else did since it was read; nothing else ever changes."""
        save_versioned(
            self._session,
            IssuedDocumentRow,
            document.id,
            document.version,
            document_values(document),
            "document_changed",
        )

    def _record(self, row: IssuedDocumentRow) -> IssuedDocument:
        return IssuedDocument(
            id=row.id,
            version=row.version,
            application_id=row.application_id,
            person_id=row.person_id,
            province=row.province,
            kind=DocumentKind(row.kind),
            serial=row.serial,
            audience=Audience(row.audience),
            number=row.number,
            issued_on=row.issued_on,
            facts=from_plain(LetterFacts, json.loads(self._ring.open(row.facts, purpose=FACTS))),
            **document_of(row),
        )

"""Certificates and how far their documents are."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, or_, select
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing
from shared.platform.database import save_versioned
from shared.platform.errors import NotFound
from shared.platform.figures import Backlog
from shared.platform.timers import take_due

from ..domain.certificate import Certificate, CertificateFacts, CertificateStatus, DocumentState
from ..domain.plain import from_plain, to_plain
from ..models import CertificateRow

FACTS = "certificate.facts"

#: Certificates whose document is still to be made, or can't be made without a person.
UNRENDERED = Backlog(
    "yizhu_certificates_unrendered",
    "Certificates without their document: pending, or blocked until a person helps",
    ("pending", "blocked"),
    select(CertificateRow.document, func.count())
    .where(CertificateRow.document.in_(("pending", "blocked")))
    .group_by(CertificateRow.document),
)


class Certificates:
    """The certificates of this service."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def add(self, certificate: Certificate) -> None:
        """Write a new one; its document is still to be rendered."""
        values = self._values(certificate) | {"id": certificate.id, "version": 1, "attempts": 0, "next_try_at": None}
        self._session.execute(insert(CertificateRow).values(values))

    def get(self, certificate_id: UUID) -> Certificate:
        """The certificate, or `NotFound`."""
        row = self._session.get(CertificateRow, certificate_id)
        if row is None:
            raise NotFound("certificate_not_found")
        return self._certificate(row)

    def of_person(self, person_id: UUID) -> list[Certificate]:
        """A person's certificates, newest first."""
        rows = self._session.scalars(
            select(CertificateRow).where(CertificateRow.person_id == person_id).order_by(CertificateRow.id.desc())
        )
        return [self._certificate(row) for row in rows]

    def by_check_code(self, check_code: str) -> Certificate | None:
        """The certificate that bears the code, if there is one."""
        row = self._session.scalars(select(CertificateRow).where(CertificateRow.check_code == check_code)).one_or_none()
        return None if row is None else self._certificate(row)

    def save(self, certificate: Certificate) -> None:
        """Write it back, unless someone else wrote it since it was read."""
        save_versioned(
            self._session,
            CertificateRow,
            certificate.id,
            certificate.version,
            self._values(certificate),
            "certificate_changed",
        )

    def is_one_pending(self, now: datetime) -> bool:
        """Whether there is a document to make; asked first, so that an idle timer writes nothing."""
        return self._session.scalar(_due(now).with_only_columns(CertificateRow.id).limit(1)) is not None

    def take_pending(self, now: datetime) -> CertificateRow | None:
        """The next certificate without a document; no other replica gets it while this transaction lasts."""
        first = _due(now).order_by(CertificateRow.id).limit(1)
        return self._session.scalars(take_due(self._session, first)).one_or_none()

    def postpone(self, row: CertificateRow, *, attempts: int, until: datetime) -> Certificate:
        """Hold a pending certificate for one rendering: until then nobody else takes it up."""
        row.attempts, row.next_try_at = attempts, until
        self._session.flush()
        return self._certificate(row)

    def _values(self, certificate: Certificate) -> dict[str, Any]:
        return {
            "registration_id": certificate.registration_id,
            "person_id": certificate.person_id,
            "province": certificate.province,
            "practice_code": certificate.practice_code,
            "check_code": certificate.check_code,
            "issued_on": certificate.issued_on,
            "status": certificate.status.value,
            "facts": self._ring.seal(json.dumps(to_plain(certificate.facts), ensure_ascii=False), purpose=FACTS),
            "document": certificate.document.value,
            "document_address": certificate.document_address,
            "document_size": certificate.document_size,
            "problem": certificate.problem,
        }

    def _certificate(self, row: CertificateRow) -> Certificate:
        return Certificate(
            id=row.id,
            version=row.version,
            registration_id=row.registration_id,
            person_id=row.person_id,
            province=row.province,
            practice_code=row.practice_code,
            check_code=row.check_code,
            issued_on=row.issued_on,
            facts=from_plain(CertificateFacts, json.loads(self._ring.open(row.facts, purpose=FACTS))),
            status=CertificateStatus(row.status),
            document=DocumentState(row.document),
            document_address=row.document_address,
            document_size=row.document_size,
            problem=row.problem,
        )


def _due(now: datetime) -> Select[CertificateRow]:
    """Certificates without a document, as far as nobody holds them for a rendering."""
    return select(CertificateRow).where(
        CertificateRow.document == DocumentState.PENDING.value,
        or_(CertificateRow.next_try_at.is_(None), CertificateRow.next_try_at <= now),
    )

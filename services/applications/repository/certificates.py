"""Certificates and how far their documents are."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing
from shared.platform.database import save_versioned
from shared.platform.errors import NotFound
from shared.platform.figures import Backlog

from ..domain.certificate import Certificate, CertificateFacts, CertificateStatus
from ..domain.plain import from_plain, to_plain
from ..models import CertificateRow
from .pending import PendingDocuments, document_of, document_values

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


class Certificates(PendingDocuments[CertificateRow, Certificate]):
    """The certificates of this service."""

    rows = CertificateRow

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
        return self._record(row)

    def of_person(self, person_id: UUID) -> list[Certificate]:
        """A person's certificates, newest first."""
        rows = self._session.scalars(
            select(CertificateRow).where(CertificateRow.person_id == person_id).order_by(CertificateRow.id.desc())
        )
        return [self._record(row) for row in rows]

    def valid_of(self, registration_id: UUID) -> Certificate | None:
        """The one valid certificate of a registration, if it has one."""
        row = self._session.scalars(
            select(CertificateRow).where(
                CertificateRow.registration_id == registration_id,
                CertificateRow.status == CertificateStatus.VALID.value,
            )
        ).one_or_none()
        return None if row is None else self._record(row)

    def by_check_code(self, check_code: str) -> Certificate | None:
        """The certificate that bears the code, if there is one."""
        row = self._session.scalars(select(CertificateRow).where(CertificateRow.check_code == check_code)).one_or_none()
        return None if row is None else self._record(row)

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
            **document_values(certificate),
        }

    def _record(self, row: CertificateRow) -> Certificate:
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
            **document_of(row),
        )

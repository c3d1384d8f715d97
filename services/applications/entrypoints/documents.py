"""The documents of applications and certificates: who may have which, and the timer that makes them (design D15)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.contracts import applications as contracts
from shared.platform.bus import rpc
from shared.platform.errors import NotFound
from shared.platform.files import Received
from shared.platform.logging import get_logger
from shared.platform.timers import every

from .. import views
from ..domain.certificate import Certificate
from ..domain.documented import Documented
from ..domain.documents import certificate_texts
from ..domain.issued import IssuedDocument, is_for
from ..file_adoption import take_over
from ..printed import document_texts, title_of
from ..unit_of_work import ApplicationsUnitOfWork
from .base import ApplicationsWork

RENDER_TIMEOUT = 60.0
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=1)

_log = get_logger(__name__)


@dataclass(frozen=True)
class Source:
    """One kind of record that is handed out as a document: where it lies, and what its child is asked."""

    name: str
    records: Callable[[ApplicationsUnitOfWork], Any]
    function: str
    request: Callable[[Any, Callable[[str], str]], dict[str, Any]]


class DocumentWork(ApplicationsWork):
    """What an application was answered with, as files."""

    @rpc(contracts.DOCUMENTS, action="document.list")
    def documents(self, command: dict[str, Any]) -> dict[str, Any]:
        """The documents of an application that the caller may have, oldest first."""
        application = self._read(command["id"])
        with self.unit_of_work(read_only=True) as uow:
            found = uow.issued.of_application(application.id)
        return {"items": [views.issued_document(item) for item in found if self._may_have(item)]}

    @rpc(contracts.DOCUMENT, action="document.read")
    def document(self, command: dict[str, Any]) -> dict[str, Any]:
        """Leave to download one for a minute, the newest of its kind unless one is named; None while it is being made.

        What staff looks at is told to the person (E71).
        """
        application = self._read(command["id"])
        with self.unit_of_work(read_only=True) as uow:
            issued = uow.issued.of_application(application.id)
        serial = command["serial"]
        found = [
            item
            for item in issued
            if item.kind == command["kind"] and serial in (None, item.serial) and self._may_have(item)
        ]
        if not found:
            raise NotFound("document_not_found")
        document = found[-1]
        grant = self._granted(document, f"{title_of(document)}-{document.number}.pdf")
        if grant is not None and self.actor.kind == "staff":
            self._tell_of_view(application, "document", "")
        return {"grant": grant}

    @every(seconds=1)
    def render_documents(self) -> None:
        """Make the documents that wait for it; each is taken by one replica only (design D15, D18)."""
        for source in SOURCES:
            while (taken := self._take_pending(source)) is not None:
                self._render(source, taken)

    def _may_have(self, document: IssuedDocument) -> bool:
        return is_for(document, institution=self.actor.organisation_kind == "institution")

    def _take_pending(self, source: Source) -> Documented | None:
        now = self.clock.now()
        with self.unit_of_work(read_only=True) as uow:
            if not source.records(uow).is_one_pending(now):
                return None
        with self.unit_of_work() as uow:
            row = source.records(uow).take_pending(now)
            if row is None:
                return None
            wait = min(FIRST_WAIT * 2 ** min(row.attempts, 10), LONGEST_WAIT)
            taken: Documented = source.records(uow).postpone(row, attempts=row.attempts + 1, until=now + wait)
            uow.commit()
        return taken

    def _render(self, source: Source, record: Any) -> None:
        """Make one document: what fails is tried again later, what can't be printed waits for a person.

        The child leaves it like an upload, so that what a crash keeps from being saved goes as an upload does.
        """
        rendered = self.child.call(source.function, source.request(record, self._verify_url), timeout=RENDER_TIMEOUT)
        received = None if "missing" in rendered else Received(**rendered)
        if received is not None:
            stored = take_over(self.unit_of_work, self.files, received, self.clock.now())
            rendered = {"address": stored.address, "size": stored.size}
        with self.unit_of_work() as uow:
            current = source.records(uow).get(record.id)
            source.records(uow).save(current.with_document(rendered))
            uow.commit()
        if received is not None:
            self.files.incoming.discard(received.reference)
        else:
            _log.warning("document_needs_a_person", kind=source.name, id=str(record.id), problem="glyphs_missing")


def _certificate_request(certificate: Certificate, verify_url: Callable[[str], str]) -> dict[str, Any]:
    return {
        "facts": certificate_texts(certificate),
        "photo_address": certificate.facts.photo_address,
        "verify_url": verify_url(certificate.check_code),
    }


def _document_request(document: IssuedDocument, verify_url: Callable[[str], str]) -> dict[str, Any]:
    code = document.facts.check_code
    return {
        "kind": document.kind.value,
        "facts": document_texts(document),
        "verify_url": verify_url(code) if code else "",
    }


SOURCES = (
    Source("certificate", lambda uow: uow.certificates, "issue_certificate", _certificate_request),
    Source("issued_document", lambda uow: uow.issued, "issue_document", _document_request),
)

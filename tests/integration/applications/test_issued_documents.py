"""Issued documents in the database: each once, sealed, numbered in turn, taken up by one replica."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import text

from services.applications.child_work import issue_document
from services.applications.domain.documented import DocumentState
from services.applications.domain.issued import Audience, DocumentKind
from services.applications.domain.letters import REMEDIES, for_refusal, for_submission
from services.applications.models import FileCheckRow
from services.applications.printed import document_texts
from services.applications.signing import create_trial_chain
from shared.platform.config import forget_settings, load_deployment
from shared.platform.crypto import transport_box
from shared.platform.errors import Conflict, NotFound
from shared.platform.files import IncomingFiles, Received
from shared.platform.ids import new_id
from shared.trade.statuses import ApplicationState
from tests.integration.applications.conftest import UnitOfWorkMaker
from tests.support.letters import DECIDED, PAPERS, POINTS, an_applicants, examples, step_letter
from tests.unit.applications.factories import NOW, TODAY

APPLICATION = an_applicants()
SHEET = for_submission(APPLICATION, PAPERS, on=TODAY)[0]
NOTICE = step_letter(ApplicationState.SUPPLEMENT, reasons=POINTS, note="请一并提交", notice=1)


@pytest.fixture
def unit(unit_of_work: UnitOfWorkMaker) -> UnitOfWorkMaker:
    """Units of work on a database with one application."""
    with unit_of_work() as uow:
        uow.applications.add(APPLICATION)
        uow.commit()
    return unit_of_work


def test_a_document_comes_back_as_it_was_issued(unit: UnitOfWorkMaker):
    with unit() as uow:
        for letter in (SHEET, NOTICE):
            uow.issued.issue(letter, APPLICATION)
        uow.commit()
    with unit() as uow:
        first, second = uow.issued.of_application(APPLICATION.id)
        assert (first.kind, first.number) == (DocumentKind.COVER_SHEET, f"{APPLICATION.number}-01")
        assert (second.kind, second.number) == (DocumentKind.SUPPLEMENT, f"{APPLICATION.number}-02")
        assert (first.facts, second.facts) == (SHEET.facts, NOTICE.facts)
        assert (second.document, second.audience, second.issued_on) == (
            DocumentState.PENDING,
            Audience.EVERYBODY,
            NOTICE.issued_on,
        )
        assert uow.issued.get(second.id) == second
        with pytest.raises(NotFound, match="document_not_found"):
            uow.issued.get(new_id())


def test_news_that_comes_again_issues_nothing(unit: UnitOfWorkMaker):
    """Of a kind, serial and audience there is one, whatever the second says."""
    with unit() as uow:
        uow.issued.issue(NOTICE, APPLICATION)
        uow.issued.issue(replace(NOTICE, facts=replace(NOTICE.facts, note="")), APPLICATION)
        uow.issued.issue(replace(NOTICE, serial=2), APPLICATION)
        found = uow.issued.of_application(APPLICATION.id)
        assert [(item.serial, item.facts.note) for item in found] == [(1, "请一并提交"), (2, "请一并提交")]


def test_both_copies_of_a_refusal_bear_the_decisions_number(unit: UnitOfWorkMaker):
    refused = replace(DECIDED, reasons=(replace(POINTS[0], code="health_unfit"),), remedies=REMEDIES)
    with unit() as uow:
        for letter in for_refusal(APPLICATION, refused):
            uow.issued.issue(letter, APPLICATION)
        found = uow.issued.of_application(APPLICATION.id)
        assert [(item.audience.value, item.number) for item in found] == [
            ("applicant", DECIDED.number),
            ("institution", DECIDED.number),
        ]


def test_nobody_reads_in_the_table_whom_a_document_speaks_of(unit: UnitOfWorkMaker):
    """§10.2: name, number and the officer's words are sealed with the service's own ring."""
    with unit() as uow:
        uow.issued.issue(NOTICE, APPLICATION)
        content = str([tuple(row) for row in uow.session.execute(text("SELECT * FROM issued_documents"))])
    for secret in ("沈若溪", "430199199708150249", "请一并提交", "photo_unfit"):
        assert secret not in content


def test_a_document_is_taken_up_by_one_and_later_again(unit: UnitOfWorkMaker):
    """Whoever takes it holds it for a while; once its file is there, nobody takes it any more."""
    with unit() as uow:
        uow.issued.issue(SHEET, APPLICATION)
        uow.commit()
    with unit() as uow:
        assert uow.issued.is_one_pending(NOW)
        taken = uow.issued.postpone(uow.issued.take_pending(NOW), attempts=1, until=NOW + timedelta(minutes=2))
        uow.commit()
    with unit() as uow:
        assert uow.issued.take_pending(NOW + timedelta(minutes=1)) is None
        assert uow.issued.take_pending(NOW + timedelta(minutes=2)) is not None
        uow.issued.save(taken.with_document({"address": "d" * 64, "size": 5}))
        assert not uow.issued.is_one_pending(NOW + timedelta(days=1))
        with pytest.raises(Conflict, match="document_changed"):
            uow.issued.save(taken.with_document({"missing": ["U+3134A"]}))
        found = uow.issued.get(taken.id)
        assert (found.document, found.document_address, found.document_size) == (DocumentState.READY, "d" * 64, 5)


def test_two_replicas_at_work_at_once_never_take_one_document(unit: UnitOfWorkMaker):
    """Design D18: what one holds in its transaction is passed over by the others; on SQLite they come in turn."""
    with unit() as uow:
        for letter in (SHEET, NOTICE):
            uow.issued.issue(letter, APPLICATION)
        uow.commit()
        waits = uow.session.get_bind().dialect.name == "postgresql"
    all_hold = threading.Barrier(3)

    def replica(_number: int) -> UUID | None:
        with unit() as uow:
            row = uow.issued.take_pending(NOW)
            if waits:
                all_hold.wait(timeout=30)
            taken = row and uow.issued.postpone(row, attempts=1, until=NOW + timedelta(minutes=2))
            uow.commit()
        return taken and taken.id

    with ThreadPoolExecutor(3) as replicas:
        taken = [found for found in replicas.map(replica, range(3)) if found is not None]
    assert len(taken) == len(set(taken)) == 2


def test_a_file_that_a_document_needs_stays(unit: UnitOfWorkMaker):
    """Content is stored once: a file goes when nothing refers to it any more."""
    with unit() as uow:
        uow.issued.issue(SHEET, APPLICATION)
        (document,) = uow.issued.of_application(APPLICATION.id)
        assert not uow.stored_files.is_referred_to("e" * 64)
        uow.issued.save(document.with_document({"address": "e" * 64, "size": 5}))
        assert uow.stored_files.is_referred_to("e" * 64)
        uow.stored_files.look_again(["e" * 64], NOW)
        assert uow.session.get(FileCheckRow, "e" * 64) is not None


def test_the_child_leaves_a_signed_document_to_be_adopted(deployment: Path, monkeypatch: pytest.MonkeyPatch):
    """Design D6, D15: no content in a message; what lacks a shape is named, and nothing is left."""
    monkeypatch.setenv("FILES_DIR", str(deployment / "files"))
    forget_settings()
    create_trial_chain(deployment / "keys")
    document = examples()["refusal"]
    request = {"kind": document.kind.value, "facts": document_texts(document), "verify_url": ""}
    left = Received(**issue_document(request))
    content = IncomingFiles(load_deployment(), transport_box()).read(left.reference)
    (signature,) = PdfFileReader(BytesIO(content)).embedded_signatures
    assert (left.size, signature.sig_object["/Reason"]) == (len(content), "签发不予医师执业注册决定书")
    request["facts"] |= {"addressee": "王\U0003134a明："}
    assert issue_document(request) == {"missing": ["U+3134A"]}

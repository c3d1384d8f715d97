"""What an approval writes into the register, field by field, and what stands on the certificate made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.applications.domain.application import Application, QualificationSnapshot
from services.applications.domain.certificate import Certificate, CertificateFacts, read_check_code
from services.applications.domain.documents import certificate_texts
from services.applications.domain.effect import Decision, Opened, code_key, open_registration
from services.applications.domain.register import Entry, Registration, Standing, opened, revise
from shared.platform.errors import Conflict, InvalidInput
from shared.trade.codes import PracticeCode
from shared.trade.statuses import RegistrationStatus
from tests.unit.applications.factories import (
    INSTITUTION,
    NOW,
    PERSON,
    QUALIFICATION,
    a_material,
    a_qualification,
    a_standing,
    an_application,
    numbered,
)

DECIDED = date(2026, 12, 5)
DECISION = Decision("示卫医许〔2026〕1号", DECIDED, numbered(0xE2), "示例市卫生健康委员会", "4301")
CODE_OF_B = "202643110430199199708150249"
CHECK_CODE = "7K3D-92QF-XM4T"


def approved(**changed) -> Opened:
    """What the approval of an application makes."""
    snapshot = QualificationSnapshot(a_qualification(), CODE_OF_B)
    materials = (a_material("employment_proof"), a_material("photo", address="b" * 64))
    application: Application = an_application(**({"qualification": snapshot, "materials": materials} | changed))
    ids = iter(numbered(number) for number in (0xF1, 0xF2, 0xF3))
    code = PracticeCode(*code_key(application, DECISION), serial=123)
    return open_registration(application, DECISION, code, now=NOW, new_id=lambda: next(ids), check_code=CHECK_CODE)


def test_every_field_of_the_register_comes_from_the_application_and_its_decision():
    """医师执业注册管理办法 art.7, 9; 医师法 art.21: the register is a legal record, so nothing in it is left open."""
    standing = Standing(
        status=RegistrationStatus.ACTIVE,
        practice_place="43",
        category="10",
        scopes=("C01",),
        institution_id=INSTITUTION,
        institution_name="示例区人民医院",
        authority_id=numbered(0xE2),
        authority_name="示例市卫生健康委员会",
        authority_path="43/4301",
        decision_number="示卫医许〔2026〕1号",
        application_id=numbered(0xD1),
    )
    made = approved()
    assert made.registration == Registration(
        id=numbered(0xF1),
        version=1,
        person_id=PERSON,
        qualification_id=QUALIFICATION,
        practice_code="110430100000123",
        level="1",
        province="43",
        started_on=DECIDED,
        standing=standing,
        standing_since=DECIDED,
    )
    assert made.entry == Entry(numbered(0xF3), numbered(0xF1), standing, DECIDED, None, NOW)
    assert made.certificate == Certificate(
        id=numbered(0xF2),
        version=1,
        registration_id=numbered(0xF1),
        person_id=PERSON,
        province="43",
        practice_code="110430100000123",
        check_code=CHECK_CODE,
        issued_on=DECIDED,
        facts=CertificateFacts(
            name="沈若溪",
            sex="female",
            birth_date="1997-08-15",
            id_number="430199199708150249",
            qualification_code=CODE_OF_B,
            level="1",
            category="10",
            scopes=("C01",),
            practice_place="43",
            institution_name="示例区人民医院",
            authority_name="示例市卫生健康委员会",
            photo_address="b" * 64,
        ),
    )


def test_without_a_photo_the_certificate_names_none():
    """Its document is made without one; no other material stands in for it."""
    assert approved(materials=(a_material("employment_proof"),)).certificate.facts.photo_address == ""


def test_an_application_without_an_institution_opens_nothing():
    """No approval gets here without one: a fault of the program, told as such."""
    with pytest.raises(ValueError) as fault:
        approved(institution=None)
    assert str(fault.value) == "an application without an institution was approved"


def test_the_texts_of_a_certificate_word_for_word():
    """`ui.md` §12: what is printed; numbers of the person masked, the code grouped 3-6-6."""
    assert certificate_texts(approved().certificate) == {
        "name": "沈若溪",
        "sex": "女",
        "birth": "1997年8月",
        "masked_id": "4301************49",
        "masked_code": "2026431104301************49",
        "practice_code": "110 430100 000123",
        "level": "执业医师",
        "category": "临床",
        "scopes": ["内科专业"],
        "practice_place": "湖南省",
        "institution_name": "示例区人民医院",
        "authority_name": "示例市卫生健康委员会",
        "filings": [],
        "check_code": CHECK_CODE,
        "issued": {"year": 2026, "month": 12, "day": 5, "text": "2026年12月5日"},
    }


def test_what_no_table_knows_is_printed_as_it_is_held():
    """A scope of a province's own or a place that was renumbered: the record's word, never a gap."""
    certificate = approved().certificate
    strange = replace(
        certificate.facts, sex="unknown", scopes=("C01", "Z99"), practice_place="439999", birth_date="1997-11-05"
    )
    texts = certificate_texts(replace(certificate, facts=strange))
    assert (texts["sex"], texts["scopes"]) == ("unknown", ["内科专业", "Z99"])
    assert texts["birth"] == "1997年11月"


def test_a_rendered_document_is_found_at_its_address():
    """The file store's address and size; a certificate that waited for a shape is free of its problem."""
    blocked = approved().certificate.with_document({"missing": ["𠮷"]})
    assert blocked.problem == {"missing_glyphs": ["𠮷"]}
    ready = blocked.with_document({"address": "c" * 64, "size": 12345})
    assert (ready.document_address, ready.document_size, ready.problem) == ("c" * 64, 12345, {})


@pytest.mark.parametrize("typed", ["", "7K3D-92QF-XM4", "7K3D-92QF-XM4TT", "7K3D-92QF-XM40"])
def test_a_check_code_of_another_form_is_refused_with_its_code(typed):
    """Too short, too long, a letter that no check code has."""
    with pytest.raises(InvalidInput) as refused:
        read_check_code(typed)
    assert (refused.value.code, refused.value.facts) == ("check_code_format", {})


def test_a_revision_is_of_the_registration_whose_history_it_changes():
    """Two decisions of one moment may follow each other; an older moment may not (`register_time_went_back`)."""
    history = [opened(numbered(1), numbered(2), a_standing(), on=DECIDED, known_from=NOW)]
    assert (history[0].registration_id, history[0].id) == (numbered(1), numbered(2))
    suspended = a_standing(status=RegistrationStatus.SUSPENDED)
    later = date(2027, 1, 1)
    revision = revise(history, suspended, on=later, known_at=NOW, new_ids=(numbered(3), numbered(4)))
    assert revision.closed == (replace(history[0], known_to=NOW),)
    assert revision.added == (
        Entry(numbered(4), numbered(1), a_standing(), DECIDED, later, NOW),
        Entry(numbered(3), numbered(1), suspended, later, None, NOW),
    )
    same_day = revise(history, suspended, on=DECIDED, known_at=NOW, new_ids=(numbered(3), numbered(4)))
    assert same_day.added == (Entry(numbered(3), numbered(1), suspended, DECIDED, None, NOW),)
    with pytest.raises(Conflict) as refused:
        revise(history, suspended, on=later, known_at=NOW.replace(year=2025), new_ids=(numbered(3), numbered(4)))
    assert refused.value.code == "register_time_went_back"

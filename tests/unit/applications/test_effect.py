"""What an approval does: registration, first entry and certificate, made of the application and the decision."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.application import QualificationSnapshot
from services.applications.domain.certificate import (
    CertificateStatus,
    DocumentState,
    Verdict,
    new_check_code,
    read_check_code,
    verdict,
)
from services.applications.domain.documents import certificate_texts
from services.applications.domain.effect import Decision, code_key, open_registration
from shared.platform.errors import InvalidInput
from shared.platform.ids import new_id
from shared.trade.codes import PracticeCode
from shared.trade.levels import Level
from shared.trade.statuses import RegistrationStatus
from tests.unit.applications.factories import NOW, a_qualification, a_standing, an_application, numbered

DECIDED = date(2026, 12, 5)
DECISION = Decision("示卫医许〔2026〕1号", DECIDED, numbered(0xE1), "示例市卫生健康委员会", "4301")


def opened(level: Level = Level.LICENSED):
    """A registration just opened."""
    qualification = QualificationSnapshot(a_qualification(level=level), "202643110430199199708150249")
    application = an_application(qualification=qualification)
    code = PracticeCode(*code_key(application, DECISION), serial=123)
    return open_registration(application, DECISION, code, now=NOW, new_id=new_id, check_code="7K3D-92QF-XM4T")


@pytest.mark.parametrize(
    ("level", "place", "code"),
    [
        (Level.LICENSED, "43", "110430100000123"),
        (Level.ASSISTANT, "430102", "210430100000123"),
        (Level.APPRENTICE_LICENSED, "43", "310430100000123"),
        (Level.RURAL_ASSISTANT, "430102", "210430100000123"),
    ],
)
def test_place_and_code_follow_from_level_and_authority(level, place, code):
    """医师执业注册管理办法 art.7; §4.3: level, category, division of the registering authority, serial."""
    registration = opened(level).registration
    assert registration.standing.practice_place == place
    assert registration.practice_code == code


def test_the_registration_begins_on_the_day_of_the_decision():
    """§7: seniority counts from there; the register knows it from the moment it is written."""
    found = opened()
    assert found.registration.started_on == found.entry.valid_from == found.certificate.issued_on == DECIDED
    assert (found.entry.valid_to, found.entry.known_from, found.entry.known_to) == (None, NOW, None)
    assert found.entry.standing == found.registration.standing
    assert found.registration.standing.status is RegistrationStatus.ACTIVE
    assert found.registration.standing.authority_path == "43/4301"


def test_the_certificate_says_what_the_registration_says():
    """Facts of its own, since a certificate says what was so when it was issued."""
    found = opened()
    facts = found.certificate.facts
    assert found.certificate.practice_code == found.registration.practice_code
    assert (facts.institution_name, facts.scopes) == ("示例区人民医院", ("C01",))
    assert facts.photo_address == "a" * 64
    assert found.certificate.document is DocumentState.PENDING


def test_what_is_printed_holds_no_plain_number_of_the_person():
    """`ui.md` §6, 12: masks; the code grouped 3-6-6; terms instead of codes."""
    texts = certificate_texts(opened().certificate)
    assert texts["masked_id"] == "4301************49"
    assert texts["masked_code"] == "2026431104301************49"
    assert texts["practice_code"] == "110 430100 000123"
    assert (texts["level"], texts["category"], texts["scopes"]) == ("执业医师", "临床", ["内科专业"])
    assert (texts["birth"], texts["issued"]["text"]) == ("1997年8月", "2026年12月5日")
    assert "430199199708150249" not in str(texts)


@pytest.mark.parametrize(
    ("status", "certificate", "found"),
    [
        (RegistrationStatus.ACTIVE, CertificateStatus.VALID, Verdict.VALID),
        (RegistrationStatus.SUSPENDED, CertificateStatus.VALID, Verdict.VALID),
        (RegistrationStatus.ACTIVE, CertificateStatus.VOID, Verdict.CHANGED),
        (RegistrationStatus.CANCELLED, CertificateStatus.VALID, Verdict.CANCELLED),
        (RegistrationStatus.REVOKED, CertificateStatus.VOID, Verdict.CANCELLED),
        (RegistrationStatus.LEFT_FILED, CertificateStatus.VALID, Verdict.CANCELLED),
    ],
)
def test_who_checks_a_certificate_learns_whether_it_is_good_and_not_why(status, certificate, found):
    """§3.14: only ACTIVE and SUSPENDED count as registered."""
    one = opened()
    registration = replace(one.registration, standing=a_standing(status=status))
    assert verdict(replace(one.certificate, status=certificate), registration) is found


@given(st.randoms(use_true_random=False))
def test_a_check_code_is_read_however_it_is_typed(chance):
    """Lower case, spaces, without hyphens: one code; it is made by chance and says nothing."""
    code = new_check_code(chance.randrange)
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " "), f"  {code}  "):
        assert read_check_code(typed) == code
    assert new_check_code(secrets.randbelow) != code


@pytest.mark.parametrize("text", ["", "7K3D-92QF", "7K3D-92QF-XM4U-AAAA", "0000-0000-0000", "医师-医师-医师"])
def test_what_is_no_check_code_is_refused(text):
    """A look-alike letter never stands in a code."""
    with pytest.raises(InvalidInput, match="check_code_format"):
        read_check_code(text)


def test_a_document_that_cannot_be_printed_waits_for_a_person():
    """`ui.md` §12: the work item names the characters; a document that is there is told by its address."""
    certificate = opened().certificate
    blocked = certificate.with_document({"missing": ["U+3134A"]})
    assert (blocked.document, blocked.problem) == (DocumentState.BLOCKED, {"missing_glyphs": ["U+3134A"]})
    ready = blocked.with_document({"address": "c" * 64, "size": 60_000})
    assert (ready.document, ready.document_size, ready.problem) == (DocumentState.READY, 60_000, {})

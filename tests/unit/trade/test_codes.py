"""Codes read back as the facts they were made of, and wrong ones are refused with their own code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.errors import InvalidInput
from shared.trade.categories import Category
from shared.trade.codes import ExamCode, PracticeCode, QualificationCode, TicketNumber
from shared.trade.levels import Level
from shared.trade.resident_id import ResidentId

from .strategies import exam_codes, provinces, resident_ids

PERSON_A = ResidentId.parse("430199199503070114")


@pytest.mark.parametrize(
    ("year", "level", "expected"),
    [(2022, Level.LICENSED, "202243110430199199503070114"), (2019, Level.ASSISTANT, "201943210430199199503070114")],
)
def test_the_handbooks_certificate_codes_are_computed(year, level, expected):
    code = QualificationCode.compose(
        year=year, province="43", level=level, category=Category.CLINICAL, resident_id=PERSON_A
    )
    assert str(code) == expected


def test_two_passes_in_one_year_give_two_codes():
    """E22."""
    facts = {"year": 2026, "province": "43", "level": Level.LICENSED, "resident_id": PERSON_A}
    codes = {
        str(QualificationCode.compose(category=category, **facts)) for category in (Category.CLINICAL, Category.TCM)
    }
    assert len(codes) == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("20224311043019919950307011", "certificate_code_length"),  # E14: 26
        ("2022431104301991995030701144", "certificate_code_length"),  # E14: 28 without XC
        ("2022431104301997001010133", "certificate_code_length"),  # 25
        ("2022431104301991995030701A4", "certificate_code_characters"),
        ("199743110430199199503070114", "certificate_code_year"),
        ("202743110430199199503070114", "certificate_code_year"),
        ("202271110430199199503070114", "certificate_code_province"),
        ("202243510430199199503070114", "certificate_code_level"),
        ("202243150430199199503070114", "certificate_code_category"),
        ("202243310430199199503070114", "certificate_code_category"),  # no apprenticeship in clinical medicine
        ("202243110430199199503070115", "id_check_digit"),
        ("202243110430199199502300117", "id_date"),
    ],
)
def test_a_faulty_certificate_code_is_refused_with_its_own_code(text, code):
    with pytest.raises(InvalidInput) as refusal:
        QualificationCode.parse(text, this_year=2026)
    assert refusal.value.code == code


def test_twenty_four_characters_hold_a_fifteen_digit_id():
    """E14."""
    code = QualificationCode.parse("200343110430199700101013")
    assert str(code.resident_id) == "430199197001010139"


@pytest.mark.parametrize("filler", ["", "1", "10"])
def test_a_rural_assistants_code_may_have_up_to_28_characters(filler):
    code = QualificationCode.parse(f"202243xc{filler}430199199503070114")
    assert (code.level, code.resident_id, len(code.value)) == (Level.RURAL_ASSISTANT, PERSON_A, 26 + len(filler))


@given(st.integers(1998, 2026), provinces, exam_codes, resident_ids())
def test_a_certificate_code_reads_back_as_its_facts(year, province, exam_code, resident_id):
    composed = QualificationCode.compose(
        year=year, province=province, level=exam_code.level, category=exam_code.category, resident_id=resident_id
    )
    assert len(composed.value) == 27
    assert QualificationCode.parse(composed.value.lower()) == composed
    assert resident_id.value not in repr(composed)
    assert composed.masked == composed.value[:9] + resident_id.masked


@pytest.mark.parametrize("text", ["110430102000123", "210430121000045", "141430102000007"])
def test_the_handbooks_practice_codes_are_read(text):
    assert str(PracticeCode.parse(text)) == text


def test_an_abolished_county_stays_in_old_practice_codes():
    """E61: 430124 was abolished; certificates issued there stay valid, new serials stand under 430182."""
    assert PracticeCode.parse("110430124000123").division == "430124"
    assert str(PracticeCode(Level.LICENSED, Category.CLINICAL, "430182", 1)) == "110430182000001"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("11043010200012", "practice_code_format"),
        ("110430102000000", "practice_code_format"),
        ("910430102000123", "practice_code_level"),
        ("115430102000123", "practice_code_category"),
        ("110990102000123", "practice_code_division"),
    ],
)
def test_a_faulty_practice_code_is_refused(text, code):
    with pytest.raises(InvalidInput) as refusal:
        PracticeCode.parse(text)
    assert refusal.value.code == code


@given(exam_codes, provinces, st.integers(0, 9999), st.integers(1, 999_999))
def test_a_practice_code_reads_back_as_its_facts(exam_code, province, rest, serial):
    code = PracticeCode(exam_code.level, exam_code.category, f"{province}{rest:04d}", serial)
    assert len(str(code)) == 15
    assert PracticeCode.parse(str(code)) == code


def test_a_level_without_a_digit_has_no_computed_code():
    with pytest.raises(ValueError, match="level XC"):
        PracticeCode(Level.RURAL_ASSISTANT, Category.CLINICAL, "430102", 1)
    with pytest.raises(ValueError, match="level ZC"):
        QualificationCode.compose(
            year=2026, province="43", level=Level.TCM_EXPERT, category=Category.TCM, resident_id=PERSON_A
        )


def test_the_handbooks_ticket_is_read():
    ticket = TicketNumber.parse(" 4305221100123 ")
    assert (ticket.region, ticket.year, ticket.exam_code) == ("43", 2022, "110")
    assert ticket.value not in repr(ticket)


@pytest.mark.parametrize("text", ["430522110012", "43052211001234", "430522110012X", ""])
def test_a_faulty_ticket_is_refused(text):
    with pytest.raises(InvalidInput, match="ticket_format"):
        TicketNumber.parse(text)


@given(provinces, st.integers(1, 99), st.integers(2002, 2099), exam_codes, st.integers(0, 9999))
def test_a_ticket_reads_back_as_its_facts(region, site, year, exam_code, serial):
    ticket = TicketNumber.compose(region=region, site=site, year=year, code=exam_code, serial=serial)
    assert TicketNumber.parse(str(ticket)) == ticket
    assert (ticket.region, ticket.year, ticket.exam_code) == (region, year, str(exam_code))


@given(exam_codes)
def test_an_exam_code_reads_back_as_its_facts(exam_code):
    assert ExamCode.parse(str(exam_code)) == exam_code


@pytest.mark.parametrize("text", ["", "11", "150", "510", "310", "342", "1100", "ab1"])
def test_an_unknown_exam_code_is_refused(text):
    with pytest.raises(InvalidInput, match="exam_code_unknown"):
        ExamCode.parse(text)

"""The identity step of opening an account, and the four cases that go offline."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.identity import (
    ExcludedCase,
    excluded,
    excluded_case,
    kind_of_id,
    old_policy_case,
    read_identity,
)
from shared.platform.errors import InvalidInput, RuleViolated

from .makers import KNOBS, RESIDENCE_PERMIT, TODAY, A, C


def read(name: str = "王小明", id_type: str = "resident_id", id_number: str = A):
    return read_identity(name, id_type, id_number, today=TODAY, knobs=KNOBS)


@pytest.mark.parametrize(
    "typed",
    ["43019919930622003x", " 430199 1993 0622 003X ", "４３０１９９１９９３０６２２００３ｘ", "43019919930622003Ｘ"],
)
def test_an_id_is_normalised_however_it_is_typed(typed):
    """E02: `x`, spaces and full-width digits are one number in the end (GB 11643-1999)."""
    assert read(id_number=typed).number.value == C


@given(spaces=st.lists(st.integers(0, 18), max_size=4), wide=st.booleans(), lower=st.booleans())
def test_spelling_never_makes_two_of_one_id(spaces, wide, lower):
    """E02, for any mixture of widths, cases and spaces."""
    text = C.lower() if lower else C
    if wide:
        text = "".join(chr(ord(character) + 0xFEE0) for character in text)
    for position in spaces:
        text = f"{text[:position]} {text[position:]}"
    assert read(id_number=text).number.value == C


@pytest.mark.parametrize(
    ("id_number", "code"),
    [
        ("430199199503070115", "id_check_digit"),  # E03
        ("430199199502300117", "id_date"),  # E04: 30 February with a right check digit
        ("43019919950307011", "id_length"),
        ("43019919950307011A", "id_characters"),
        ("430199202001010110", "id_check_digit"),
        (RESIDENCE_PERMIT, "id_type_mismatch"),
    ],
)
def test_a_wrong_id_is_refused_at_its_field(id_number, code):
    """E03, E04: the fault stands under `id_number` with a stable code."""
    with pytest.raises(InvalidInput) as refused:
        read(id_number=id_number)
    assert refused.value.facts["fields"] == {"id_number": [code]}


def test_all_faults_of_the_form_come_at_once():
    with pytest.raises(InvalidInput) as refused:
        read(name="John", id_number="1")
    assert refused.value.facts["fields"] == {"name": ["name_characters"], "id_number": ["id_length"]}


def test_sex_and_birth_date_follow_from_the_number():
    """Domain §4.1: derived, never typed."""
    identity = read()
    assert (identity.sex.value, identity.birth_date.isoformat()) == ("male", "1995-03-07")


def test_an_identity_does_not_show_itself():
    assert A not in repr(read())
    assert "王小明" not in repr(read())


def test_a_residence_permit_is_known_by_its_number():
    assert kind_of_id("resident_id", RESIDENCE_PERMIT) == "residence_permit_hmt"
    assert read(id_type="residence_permit_hmt", id_number=RESIDENCE_PERMIT).number.is_residence_permit


@pytest.mark.parametrize(
    ("id_type", "purpose", "expected"),
    [
        ("resident_id", "register", None),
        ("resident_id", "short_term", None),
        ("residence_permit_hmt", "register", None),
        ("residence_permit_hmt", "recognition", ExcludedCase.HMT_RECOGNITION),
        ("residence_permit_hmt", "short_term", ExcludedCase.HMT_SHORT_TERM),
        ("travel_permit_hmt", "register", ExcludedCase.HMT_RECOGNITION),
        ("travel_permit_hmt", "recognition", ExcludedCase.HMT_RECOGNITION),
        ("travel_permit_hmt", "short_term", ExcludedCase.HMT_SHORT_TERM),
        ("passport", "register", ExcludedCase.FOREIGN_SHORT_TERM),
        ("passport", "recognition", ExcludedCase.FOREIGN_SHORT_TERM),
        ("passport", "short_term", ExcludedCase.FOREIGN_SHORT_TERM),
    ],
)
def test_the_excluded_cases_by_id_and_purpose(id_type, purpose, expected):
    """E64 and domain §3.10: cases 2 to 4 (MOH Orders 62, 63; 外国医师来华短期行医暂行管理办法)."""
    assert excluded_case(id_type, purpose, KNOBS) is expected


def test_an_excluded_case_is_told_by_number_and_path():
    """E64: the page of case 4 is found by these facts."""
    refusal = excluded(ExcludedCase.FOREIGN_SHORT_TERM)
    assert isinstance(refusal, RuleViolated)
    assert (refusal.code, refusal.facts) == ("excluded_case", {"case": 4, "path": "foreign_short_term"})


@pytest.mark.parametrize("year", [None, 1990, 1998])
def test_a_certificate_before_the_national_exam_is_case_one(year):
    """Domain §3.10 case 1: 老政策认定资格补录."""
    assert old_policy_case(year) is ExcludedCase.OLD_POLICY_RECOGNITION


def test_a_later_certificate_is_no_old_policy():
    """The national exam was first held in 1999."""
    with pytest.raises(RuleViolated, match="certificate_not_old_policy"):
        old_policy_case(1999)

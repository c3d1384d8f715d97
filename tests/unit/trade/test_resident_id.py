"""The resident ID is read as people type it, and refused with the code of its first fault."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.errors import InvalidInput
from shared.trade.resident_id import ResidentId, Sex, age, with_check_digit

from .strategies import resident_ids

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "sex", "born"),
    [
        ("430199199503070114", Sex.MALE, date(1995, 3, 7)),
        ("430199199503070376", Sex.MALE, date(1995, 3, 7)),
        ("430199199708150249", Sex.FEMALE, date(1997, 8, 15)),
        ("43019919930622003X", Sex.MALE, date(1993, 6, 22)),
        ("430199200002290368", Sex.FEMALE, date(2000, 2, 29)),
        ("110199198812310151", Sex.MALE, date(1988, 12, 31)),
        ("810000199001010131", Sex.MALE, date(1990, 1, 1)),
    ],
)
def test_the_handbooks_examples_are_read(text, sex, born):
    number = ResidentId.parse(text, today=TODAY)
    assert (number.value, number.sex, number.birth_date) == (text, sex, born)


@pytest.mark.parametrize(
    "typed",
    [
        "43019919930622003x",
        " 430199 19930622 003x ",
        "４３０１９９１９９３０６２２００３Ｘ",
        "430199199306\u200b22003X",
    ],
)
def test_small_x_spaces_and_full_width_digits_are_one_number(typed):
    """E02."""
    assert ResidentId.parse(typed).value == "43019919930622003X"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "id_length"),
        ("43019919950307011", "id_length"),
        ("430199700101013", "id_length"),
        ("4301991995O3070114", "id_characters"),
        ("4301991995030701X4", "id_characters"),
        ("43019919950307011A", "id_characters"),
        ("430199199503070115", "id_check_digit"),  # E03
        ("430199199502300117", "id_date"),  # E04: the check digit is right
        (with_check_digit("43019920270101011"), "id_future"),
        (with_check_digit("43019920100101011"), "id_age"),
        (with_check_digit("43019919100101011"), "id_age"),
        (with_check_digit("99019919950307011"), "id_province"),
        (with_check_digit("66019919950307011"), "id_province"),
    ],
)
def test_a_faulty_number_is_refused_with_its_own_code(text, code):
    with pytest.raises(InvalidInput) as refusal:
        ResidentId.parse(text, today=TODAY)
    assert refusal.value.code == code


def test_the_county_need_not_exist_in_the_year_of_birth():
    """`domain.md` §4.1: born in 1960 in a county listed only from 1983."""
    assert ResidentId.parse("430102196001010119", today=TODAY).province == "43"


@pytest.mark.parametrize("prefix", ["810000", "820000", "830000"])
def test_residence_permits_are_told_apart(prefix):
    assert ResidentId.parse(with_check_digit(f"{prefix}19900101013")).is_residence_permit


def test_fifteen_digits_become_eighteen():
    number = ResidentId.from_legacy("430199700101013")
    assert number.value == "430199197001010139"
    assert number.legacy == "430199700101013"


@pytest.mark.parametrize(
    ("day", "years"),
    [(date(2018, 2, 28), 17), (date(2018, 3, 1), 18), (date(2020, 2, 28), 19), (date(2020, 2, 29), 20)],
)
def test_who_was_born_on_a_leap_day_ages_on_the_first_of_march(day, years):
    assert age(date(2000, 2, 29), day) == years


def test_the_eighteenth_birthday_opens_the_gate():
    text = with_check_digit("43019920081123011")
    assert ResidentId.parse(text, today=TODAY)
    with pytest.raises(InvalidInput, match="id_age"):
        ResidentId.parse(text, today=date(2026, 11, 22))


@given(resident_ids())
def test_a_number_reads_back_as_itself(number):
    assert ResidentId.parse(str(number)) == number
    assert ResidentId.from_legacy(number.legacy or "") == number if number.legacy else number.birth_date.year >= 2000


@given(resident_ids(), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number, position, offset):
    """MOD 11-2 notices every single wrong digit, so a mistyped number is never another person's."""
    digits = list(number.value)
    digits[position] = str((int(digits[position]) + offset) % 10)
    with pytest.raises(InvalidInput, match="id_check_digit"):
        ResidentId.parse("".join(digits))


@given(resident_ids())
def test_neither_repr_nor_mask_tells_the_number(number):
    assert number.value[4:16] not in repr(number)
    assert number.masked == f"{number.value[:4]}{'*' * 12}{number.value[-2:]}"


@given(st.text(max_size=30))
def test_no_text_at_all_breaks_the_reader(text):
    with contextlib.suppress(InvalidInput):
        ResidentId.parse(text, today=TODAY)

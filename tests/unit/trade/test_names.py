"""Names are compared in one form, and what can't stand on an ID card is refused."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.errors import InvalidInput
from shared.trade.names import PersonName, normalise, same_name


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("张三", "张三"),
        (" 张 三 ", "张三"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("王\U0002070e", "王\U0002070e"),
        ("李\U0003106c", "李\U0003106c"),
        ("\uf900李", "豈李"),
    ],
)
def test_a_name_is_stored_in_one_form(typed, stored):
    assert PersonName.parse(typed).value == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "name_length"),
        ("张", "name_length"),
        ("张" * 31, "name_length"),
        ("张3", "name_characters"),
        ("Zhang San", "name_characters"),
        ("张三a", "name_characters"),
        ("张三！", "name_characters"),
        ("·张三", "name_dot"),
        ("张三·", "name_dot"),
        ("张··三", "name_dot"),
    ],
)
def test_what_no_id_card_shows_is_refused(typed, code):
    with pytest.raises(InvalidInput) as refusal:
        PersonName.parse(typed)
    assert refusal.value.code == code


def test_thirty_characters_are_still_a_name():
    assert len(PersonName.parse("张" * 30).value) == 30


def test_equal_names_of_two_people_are_equal_names():
    """E01: the name alone never tells two people apart; the ID does."""
    assert same_name("张伟", " 张伟")
    assert not same_name("张伟", "张炜")


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=30))
def test_unicode_form_never_makes_two_names(text):
    assert same_name(text, unicodedata.normalize("NFD", text))
    assert PersonName.parse(text).value == unicodedata.normalize("NFC", text)

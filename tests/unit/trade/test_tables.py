"""The code tables: levels, categories, scopes, institutions, areas, contact points, masks, states."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.errors import InvalidInput
from shared.trade import contact, masking
from shared.trade.areas import NATIONAL, TOWNSHIP_VILLAGE, Area
from shared.trade.categories import Category, LegalCategory
from shared.trade.institutions import InstitutionGroup, LicenceNumber, parse_credit_code
from shared.trade.levels import Level
from shared.trade.scopes import SCOPES, fits, is_registered, scopes_of
from shared.trade.statuses import ApplicationState, BusinessType, RegistrationStatus


def test_three_levels_have_an_assistants_rights():
    """`domain.md` §5.1."""
    assert {level for level in Level if level.is_assistant} == {
        Level.ASSISTANT,
        Level.APPRENTICE_ASSISTANT,
        Level.RURAL_ASSISTANT,
    }
    assert all(level.term for level in Level)


def test_everything_that_begins_with_four_is_chinese_medicine():
    assert {category for category in Category if category.legal is LegalCategory.TCM} == {
        category for category in Category if category.value.startswith("4")
    }
    assert all(category.term and category.legal.term for category in Category)


def test_a_scope_lies_in_one_category_only():
    """卫医发〔2001〕169号 II."""
    assert fits("C01", Category.CLINICAL, Level.LICENSED)
    assert not fits("T01", Category.CLINICAL, Level.LICENSED)
    assert not fits("C01", Category.TCM, Level.LICENSED)
    assert fits("T03", Category.MONGOLIAN, Level.ASSISTANT)
    assert fits("D01", Category.CLINICAL, Level.LICENSED, extra=["D01"])
    assert len([scope for scope in SCOPES.values() if not scope.above]) == 17 + 2 + 2 + 7


def test_the_second_level_belongs_to_a_scope_of_the_first():
    """`domain.md` §5.3: 中医 by 内, 外, 妇, 儿 and so on, where a province wants it so (`scope.tcm_second_level`)."""
    parts = [scope for scope in SCOPES.values() if scope.above]
    assert {scope.above for scope in parts} == {"T01"}
    assert all(scope.code.startswith(scope.above) and scope.legal is SCOPES[scope.above].legal for scope in parts)
    assert fits("T0101", Category.TCM, Level.LICENSED)
    assert not fits("T0101", Category.CLINICAL, Level.LICENSED)


@pytest.mark.parametrize(
    ("code", "with_parts", "without"),
    [("T01", False, True), ("T0101", True, False), ("T02", True, True), ("C01", True, True)],
)
def test_a_province_registers_one_level_of_what_is_divided(code, with_parts, without):
    assert is_registered(code, second_level=True) is with_parts
    assert is_registered(code, second_level=False) is without


def test_a_rural_assistant_practises_general_medicine_only():
    """`domain.md` §5.1, E37."""
    assert [scope.code for scope in scopes_of(Category.CLINICAL, Level.RURAL_ASSISTANT)] == ["C11"]


@pytest.mark.parametrize("text", ["99900011X43010211A1001", "PDY99001743010217D2112", "430102123401"])
def test_the_handbooks_licence_numbers_are_read(text):
    number = LicenceNumber.parse(text)
    assert (number.division, number.warning) == ("430102", None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("99900011X43010211A100", "licence_length"),
        ("99900011X4301021AA1001", "licence_characters"),
        ("99900011X99010211A1001", "licence_division"),
        ("99900011143010211A1001", "licence_check_character"),
    ],
)
def test_a_faulty_licence_number_is_refused(text, code):
    with pytest.raises(InvalidInput) as refusal:
        LicenceNumber.parse(text)
    assert refusal.value.code == code


def test_a_pseudo_code_is_warned_about_but_taken():
    number = LicenceNumber.parse("PDY99001043010217D2112")
    assert number.warning == "licence_check_character"
    assert number.is_for_profit
    assert number.category == "D211"


@pytest.mark.parametrize("text", ["1243000099900011X1", "1243012199900038X6", "91430102MA9900028R"])
def test_the_handbooks_credit_codes_are_read(text):
    assert parse_credit_code(text.lower()) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1243", "credit_code_length"),
        ("1243000099900011X2", "credit_code_check_character"),
        ("1243000099900011I1", "credit_code_characters"),
        ("A243000099900011X1", "credit_code_characters"),
    ],
)
def test_a_faulty_credit_code_is_refused(text, code):
    with pytest.raises(InvalidInput) as refusal:
        parse_credit_code(text)
    assert refusal.value.code == code


def test_a_rural_assistant_may_go_to_township_and_village_only():
    """E37."""
    assert {group for group in InstitutionGroup if group.is_township_or_village} == {
        InstitutionGroup.TOWNSHIP,
        InstitutionGroup.VILLAGE,
    }
    assert all(group.term for group in InstitutionGroup)


def test_a_provincial_pass_covers_its_province_only():
    """E26: a pass of 63 by the provincial line, registered in 43."""
    area = Area.of_province("63")
    assert area.covers("63")
    assert not area.covers("43")
    assert Area.parse(str(area)) == area
    assert NATIONAL.covers("43")


def test_a_township_qualification_covers_township_and_village_only():
    assert TOWNSHIP_VILLAGE.covers("43", township_or_village=True)
    assert not TOWNSHIP_VILLAGE.covers("43")


@pytest.mark.parametrize("text", ["", "PROVINCE:", "PROVINCE:99", "43"])
def test_an_unknown_area_is_refused(text):
    with pytest.raises(InvalidInput, match="area_unknown"):
        Area.parse(text)


@pytest.mark.parametrize(
    "typed", ["13800000001", "+8613800000001", "0086 138 0000 0001", "138-0000-0001", "１３８００００0001"]
)
def test_a_mobile_number_is_stored_as_eleven_digits(typed):
    assert contact.parse_mobile(typed) == "13800000001"


@pytest.mark.parametrize("typed", ["12800000001", "1380000000", "138000000011", "", "phone"])
def test_a_faulty_mobile_number_is_refused(typed):
    with pytest.raises(InvalidInput, match="phone_format"):
        contact.parse_mobile(typed)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("a@Example.ORG", "a@example.org"), (" zhang.san+1@mail.example.cn ", "zhang.san+1@mail.example.cn")],
)
def test_an_address_is_read(typed, stored):
    assert contact.parse_email(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "a", "a@b", "@example.org", "a..b@example.org", "a@-example.org", "张@example.org"]
)
def test_a_faulty_address_is_refused(typed):
    with pytest.raises(InvalidInput, match="email_format"):
        contact.parse_email(typed)


@pytest.mark.parametrize("typed", ["zhangsan", "z.s-1", "A_b1"])
def test_a_login_name_is_read(typed):
    assert contact.parse_login_name(typed) == typed


@pytest.mark.parametrize("typed", ["abc", "1zhangsan", "13800000001", "a@example", "a" * 21, "张三丰啊", ""])
def test_a_login_name_never_looks_like_phone_or_address(typed):
    with pytest.raises(InvalidInput, match="login_name_format"):
        contact.parse_login_name(typed)


@pytest.mark.parametrize("password", ["Abcdefg1", "abc123!!", "中文Abc12345"])
def test_a_password_of_eight_characters_and_three_classes_will_do(password):
    contact.check_password(password)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Abc123!", "password_length"),
        ("A1b" * 50, "password_length"),
        ("abcdefg1", "password_classes"),
        ("", "password_length"),
    ],
)
def test_a_weak_password_is_refused(password, code):
    with pytest.raises(InvalidInput) as refusal:
        contact.check_password(password)
    assert refusal.value.code == code


def test_masks_are_the_handbooks():
    assert masking.mask_id("430199199503070114") == "4301************14"
    assert masking.mask_code("202243110430199199503070114") == "2022431104301************14"
    assert masking.mask_ticket("4305221100123") == "*********0123"
    assert masking.mask_phone("13800000001") == "138****0001"
    assert masking.mask_email("zhang.san@example.org") == "z***@example.org"


@given(st.text(max_size=30))
def test_a_mask_never_grows_shorter_and_never_tells_all(text):
    for mask in (masking.mask_id, masking.mask_ticket, masking.mask_phone):
        assert len(mask(text)) == len(text)
        assert not text or "*" in mask(text)


def test_two_statuses_count_as_registered():
    """`domain.md` §3.14."""
    assert {status.value for status in RegistrationStatus if status.is_registered} == {"ACTIVE", "SUSPENDED"}


def test_nine_kinds_of_business_and_two_of_them_only_inform():
    assert len(BusinessType) == 9
    assert all(kind.term for kind in BusinessType)
    assert [kind.value for kind in BusinessType if kind.is_filing] == ["MULTI_ADD", "MULTI_DEL"]


def test_an_application_is_open_until_it_took_effect_or_ended():
    ended = {state.value for state in ApplicationState if not state.is_open}
    assert ended == {"ORG_REJECTED", "NOT_ACCEPTED", "REFUSED", "EFFECTIVE", "CERT_ISSUED", "WITHDRAWN", "TERMINATED"}

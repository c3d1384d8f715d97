"""The last value that is still right and the first that isn't, of everything that has a limit."""

from __future__ import annotations

from datetime import date

import pytest

from shared.platform.errors import DomainError, InvalidInput
from shared.trade import contact, divisions, masking
from shared.trade.areas import Area
from shared.trade.categories import Category
from shared.trade.codes import PracticeCode
from shared.trade.knobs import KNOBS
from shared.trade.levels import Level
from shared.trade.names import PersonName
from shared.trade.resident_id import ResidentId, with_check_digit
from shared.trade.scopes import SCOPES

A = "430199199503070114"


def refusal(act) -> tuple[str, dict]:
    """Code and facts of what an act is refused with."""
    with pytest.raises(DomainError) as refused:
        act()
    assert isinstance(refused.value, InvalidInput)
    return refused.value.code, dict(refused.value.facts)


def born(day: str, serial: str = "011") -> str:
    """An ID of the county that exists nowhere."""
    return with_check_digit(f"430199{day}{serial}")


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("20081123", None),  # eighteen today
        ("20081124", "id_age"),
        ("19261123", None),  # a hundred today
        ("19260101", None),  # still a hundred
        ("19251123", "id_age"),
        ("20261124", "id_future"),
        ("20261123", "id_age"),  # born today: too young, not of the future
    ],
)
def test_an_age_counts_from_birthday_to_birthday(day, code):
    """Policy key `id.age_range`; `domain.md` §4.1: the limits themselves are inside."""
    today = date(2026, 11, 23)
    if code is None:
        assert ResidentId.parse(born(day), today=today).birth_date.strftime("%Y%m%d") == day
        return
    facts = {"youngest": 18, "oldest": 100} if code == "id_age" else {}
    assert refusal(lambda: ResidentId.parse(born(day), today=today)) == (code, facts)


@pytest.mark.parametrize(
    ("text", "code"), [("43019995030701", "id_length"), ("43019995030701X", "id_characters"), (A, "id_length")]
)
def test_an_old_id_of_another_form_is_refused(text, code):
    """`domain.md` §4.2: certificates of 24 characters hold one of fifteen digits."""
    assert refusal(lambda: ResidentId.from_legacy(text)) == (code, {})


@pytest.mark.parametrize(
    ("mask", "shown"),
    [
        (masking.mask_id, {"123456": "******", "1234567": "1234*67", "12345678": "1234**78"}),
        (masking.mask_ticket, {"1234": "****", "12345": "*2345"}),
        (masking.mask_phone, {"1234567": "*******", "12345678": "123*5678", "123456789": "123**6789"}),
        (masking.mask_email, {"": "***", "abc": "***", "a@b": "a***@b", "x@y@z": "x***@y@z"}),
    ],
)
def test_a_mask_hides_all_of_what_is_short(mask, shown):
    """`domain.md` §10.2: nobody guesses a number from the little that is left; without an @ nothing is shown."""
    assert {text: mask(text) for text in shown} == shown


def test_a_password_may_have_a_hundred_and_twenty_eight_characters():
    """`domain.md` §4.7: the bound keeps hashing bounded; both refusals say what would be right."""
    contact.check_password("Aa1" + "x" * 125)
    assert refusal(lambda: contact.check_password("Aa1" + "x" * 126)) == (
        "password_length",
        {"shortest": 8, "longest": 128},
    )
    assert refusal(lambda: contact.check_password("abcdefgh")) == ("password_classes", {"classes": 3})
    contact.check_password("abc12中文字", classes=3)
    assert refusal(lambda: contact.check_password("中文!字中文!字", classes=2))[0] == "password_classes"


def test_an_address_has_at_most_254_characters():
    """RFC 5321."""
    domain = "b." * 94 + "cn"
    longest = "a" * (254 - len(domain) - 1) + "@" + domain
    assert len(longest) == 254
    assert contact.parse_email(longest) == longest
    assert refusal(lambda: contact.parse_email("a" + longest)) == ("email_format", {})


def test_a_name_too_short_or_long_is_told_the_limits():
    """`domain.md` §4.1."""
    assert refusal(lambda: PersonName.parse("王")) == ("name_length", {"shortest": 2, "longest": 30})
    assert PersonName.parse("王" * 30).value == "王" * 30


def test_a_serial_has_one_to_six_digits():
    """`domain.md` §4.3: the last number of an authority is still a number."""
    assert PracticeCode(Level.LICENSED, Category.CLINICAL, "430100", serial=999_999).serial == 999_999
    for serial in (0, 1_000_000):
        with pytest.raises(ValueError) as fault:
            PracticeCode(Level.LICENSED, Category.CLINICAL, "430100", serial=serial)
        assert str(fault.value) == "the serial has one to six digits"


@pytest.mark.parametrize("category", Category)
def test_a_rural_assistant_is_clinical_and_an_expert_of_chinese_medicine(category):
    """`domain.md` §5.1: no such qualification exists in another category (E37; 医师法 art.11)."""
    assert category.allows(Level.RURAL_ASSISTANT) is (category is Category.CLINICAL)
    assert category.allows(Level.TCM_EXPERT) is (category is Category.TCM)
    assert category.allows(Level.LICENSED)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda: Area.parse("PROVINCE:99"), "area_unknown"),
        (lambda: divisions.shorten("99"), "division_unknown"),
        (lambda: divisions.county_of("43"), "division_above_county"),
    ],
)
def test_what_no_table_knows_is_refused_with_its_code(act, code):
    assert refusal(act) == (code, {})


def test_a_path_ends_where_no_tier_follows():
    """A municipality's pseudo city and the counties that answer straight to the province (`domain.md` §1)."""
    assert divisions.path_of("1101") == "11"
    assert divisions.path_of("4290") == "42"
    assert divisions.code_of("43/4301/430102") == "430102"
    assert divisions.code_of("43/4301") == "4301"
    assert divisions.shorten("430000") == "43"


def test_a_name_and_a_division_hold_from_their_first_to_their_last_year():
    """E61; the table names years: both of them count."""
    assert divisions.name_of("430102", date(1995, 6, 1)) == "东区"
    assert divisions.name_of("430102", date(1996, 6, 1)) == "芙蓉区"
    assert divisions.full_name("430102", date(1990, 1, 1)).endswith("东区")
    assert divisions.exists("43", date(2026, 1, 1))
    assert not divisions.exists("430199", date(2026, 1, 1))
    assert divisions.name_of("430199") == ""
    assert [divisions.exists("430182", date(year, 6, 1)) for year in (2016, 2017)] == [False, True]
    assert [divisions.exists("430124", date(year, 6, 1)) for year in (2017, 2018)] == [True, False]


def test_a_scope_is_what_its_place_in_the_national_list_says():
    """卫医发〔2001〕169号 I: the number of a scope is its place in the list of its category."""
    assert {code: SCOPES[code].term for code in ("C01", "C11", "C17", "D01", "P01", "T01", "T0101")} == {
        "C01": "内科专业",
        "C11": "全科医学专业",
        "C17": "省级以上卫生健康主管部门规定的其他专业",
        "D01": "口腔专业",
        "P01": "公共卫生类别专业",
        "T01": "中医专业",
        "T0101": "中医内科专业",
    }
    assert all(scope.code == code for code, scope in SCOPES.items())


@pytest.mark.parametrize(
    ("key", "fine", "wrong"),
    [
        ("paper.required", [True, False], [1, "true", None]),
        ("sla.decision_days", [1, 20], [0, 21, True, 1.0, "5"]),
        ("material.photo_months", [1, 6], [0, 7]),  # 医师执业注册管理办法 art.12: at most six months old
        ("paper.clock_event", ["PAPER_RECEIVED", "ORG_CONFIRMED"], ["", "paper_received", None]),
        ("review.pre_tiers", [[], ["county"], ["county", "city"]], [["county", "county"], ["town"], "county", [[]]]),
        ("notice.channels", [["inbox"], ["sms", "inbox"]], [[], ["sms"], "inbox"]),
        ("ticket.pattern", [r"\d{13}"], ["(", 13]),
        ("seniority.licensed_cutoff", ["08-31", "12-01", "01-10"], ["8-31", "13-01", "08-32", "00-10", 831]),
        ("id.age_range", [[18, 100], [0, 1]], [[18], [18, 18], [100, 18], [18, 60, 100], [-1, 5], [True, 5], "18"]),
        ("province.alias", [{}, {"66": "65"}], [{"6": "65"}, {"66": "651"}, {"66": 65}, []]),
    ],
)
def test_each_kind_of_knob_takes_what_it_says(key, fine, wrong):
    """`domain.md` §8: types and ranges; whatever else a file may hold is refused, and breaks nothing."""
    knob = KNOBS[key]
    assert knob.key == key
    assert [value for value in fine if not knob.accepts(value)] == []
    assert [value for value in wrong if knob.accepts(value)] == []


def test_what_concerns_accounts_and_the_whole_country_is_no_provinces_to_set():
    """`domain.md` §8: one login, one ID, one lookup for all."""
    national = ("account.", "activation.rate", "activation.alert", "activation.reuse", "app.", "id.", "province.")
    national += ("public_lookup.", "retention.", "signup.", "ticket.")
    assert {key for key, knob in KNOBS.items() if not knob.provincial} == {
        key for key in KNOBS if key.startswith(national)
    }

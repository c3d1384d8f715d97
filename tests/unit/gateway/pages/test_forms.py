"""What a form keeps, what it forgets, and where its errors lead."""

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict

from services.gateway.forms import Form
from shared.platform.errors import Conflict, InvalidInput, TooManyAttempts


def test_what_was_typed_comes_back_except_secrets():
    """E07: the form is kept, but never a secret."""
    form = Form(MultiDict({"name": " 张三 ", "password": "Abc-12345", "captcha_answer": "x7"}))
    assert form.shown("name") == " 张三 "
    assert form.text("name") == "张三"
    assert form.shown("password") == form.shown("captcha_answer") == ""


def test_full_width_digits_and_letters_are_read_as_half_width():
    """E02."""
    assert (
        Form({"id_number": "４３０１９９199306220 ０３ｘ"}).text("id_number").replace(" ", "") == "43019919930622003x"
    )


@pytest.mark.parametrize(
    ("boxes", "day"),
    [
        (("2026", "12", "1"), date(2026, 12, 1)),
        (("２０２６", "0２", "28"), date(2026, 2, 28)),
        (("2026年", "2月", "28日"), date(2026, 2, 28)),
    ],
)
def test_a_date_is_read_from_its_three_boxes(boxes, day):
    form = _dated(boxes)
    assert form.day("start_on") == day
    assert not form.is_wrong


@pytest.mark.parametrize(
    ("boxes", "sentence", "anchor"),
    [
        (("", "", ""), "请填写聘用起始日期", "start_on-y"),
        (("2026", "", "1"), "聘用起始日期缺少月份", "start_on-m"),
        (("", "2", "1"), "聘用起始日期缺少年份", "start_on-y"),
        (("2026", "2", ""), "聘用起始日期缺少日", "start_on-d"),
        (("2026", "2", "30"), "没有这一天，请核对", "start_on-d"),
        (("2026", "13", "1"), "没有这一天，请核对", "start_on-d"),
    ],
)
def test_a_wrong_date_says_what_is_missing_and_leads_to_its_box(boxes, sentence, anchor):
    form = _dated(boxes)
    assert form.day("start_on") is None
    assert form.summary() == [(anchor, sentence)]


def test_an_optional_date_may_stay_empty_but_not_half():
    assert _dated(("", "", "")).day("start_on", required=False) is None
    half = _dated(("2026", "", ""))
    half.day("start_on", required=False)
    assert half.is_wrong


def test_a_stored_date_fills_the_boxes_without_leading_zeros():
    form = Form()
    form.set_day("start_on", "2026-02-03")
    assert [form.shown(f"start_on-{part}") for part in "ymd"] == ["2026", "2", "3"]


def test_a_refused_payload_speaks_beside_its_fields():
    form = Form()
    form.take(InvalidInput("invalid_input", fields={"values.start_on": ["date_expected"]}), prefix="values.")
    assert form.error("start_on") == "没有这一天，请核对"


def test_the_summary_and_the_field_say_the_same_and_the_first_error_stays():
    form = Form()
    form.need("phone")
    form.refuse("phone", "另一句")
    assert form.summary() == [("phone", form.error("phone"))] == [("phone", "请填写手机号")]


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (InvalidInput("captcha_failed"), 422),
        (Conflict("case_changed"), 409),
        (TooManyAttempts("login_locked", retry_after=60), 429),
    ],
)
def test_a_form_that_comes_back_keeps_the_status_of_its_refusal(refusal, status):
    """ui §6: 422 for what must be put right; a conflict or a limit can be told from it."""
    form = Form()
    form.blame(refusal, {}, "login")
    assert form.status == status
    assert form.error("login")


def _dated(boxes: tuple[str, str, str]) -> Form:
    return Form({f"start_on-{part}": text for part, text in zip("ymd", boxes, strict=True)})

"""How codes, dates and deadlines are put into words."""

from datetime import UTC, date, datetime

import pytest

from services.gateway import view_models
from services.gateway.pages.drawing import qr_code
from services.gateway.pages.rendering import safe_next


@pytest.mark.parametrize(
    ("days", "text", "css"),
    [
        (9, "9 个工作日", ""),
        (5, "5 个工作日", "due-warm"),
        (3, "3 个工作日", "due-warm"),
        (2, "2 个工作日", "due-hot"),
        (0, "0 个工作日", "due-hot"),
        (-2, "已超期 2 个工作日", "due-hot"),
        (None, "不限期", "muted"),
    ],
)
def test_days_left_are_told_in_words_and_repeated_in_colour(days, text, css):
    """ui §7."""
    left = view_models.days_left(days)
    assert (left.text, left.css) == (text, css)


def test_a_day_is_a_day_in_china():
    late = datetime(2026, 11, 30, 17, 30, tzinfo=UTC)
    assert view_models.day(late) == "2026年12月1日"
    assert view_models.day_in_table(late) == "2026-12-01"
    assert view_models.moment(late) == "2026年12月1日 01:30"
    assert view_models.day(date(2026, 2, 3)) == "2026年2月3日"


@pytest.mark.parametrize(
    ("article", "citation"),
    [
        ("医师法 art.16(1)", "医师法第16条第1项"),
        ("医师执业注册管理办法 art.12, 15, 17", "医师执业注册管理办法第12、15、17条"),
        ("医疗机构诊疗科目; scope.check_departments", "医疗机构诊疗科目"),
        ("app.exclusive", ""),
    ],
)
def test_the_legal_basis_is_cited_as_readers_know_it(article, citation):
    assert view_models.article(article) == citation


def test_codes_are_grouped_as_the_certificate_prints_them():
    assert view_models.practice_code("110430102000123") == "110 430102 000123"
    assert view_models.check_code("7K3D92QFA1B2") == "7K3D-92QF-A1B2"


def test_a_reason_names_its_document_once():
    missing = {"code": "document_missing", "target": "health_check", "note": ""}
    seal = {"code": "employment_proof_missing_seal", "target": "employment_proof", "note": "第2页"}
    assert view_models.reason(missing) == "健康体检表：材料缺失"
    assert view_models.reason(seal) == "聘用证明缺少机构公章（第2页）"


def test_an_unknown_code_is_never_shown_as_one():
    assert view_models.reason({"code": "brand_new", "target": "", "note": ""}) == "其他"
    assert view_models.outcome({"code": "brand_new", "result": "human_decision"}) == "由工作人员判断"


@pytest.mark.parametrize(
    "target", ["", None, "https://elsewhere.test/", "//elsewhere.test", "/\\elsewhere.test", "javascript:1", "/a\nb"]
)
def test_nobody_is_sent_off_the_site_after_logging_in(target):
    assert safe_next(target, "/me") == "/me"


def test_a_page_of_the_site_is_returned_to():
    assert safe_next("/me/applications?after=x", "/me") == "/me/applications?after=x"


def test_a_qr_code_is_drawn_without_styles_and_without_the_network():
    drawn = str(qr_code("https://yizhu.test/verify/7K3D92QF"))
    assert drawn.startswith("<svg")
    assert "style=" not in drawn
    assert "http" not in drawn


@pytest.mark.parametrize(
    ("target", "step"),
    [
        ("scope", "scope"),
        ("scopes", "scope"),
        ("health_fit", "personal"),
        ("institution", ""),
        ("start_on", ""),
        ("photo", ""),
        ("", ""),
    ],
)
def test_a_point_of_a_notice_leads_to_the_page_that_may_be_changed(target, step):
    """行政许可法 art.32(4): the institution has confirmed, so its page stays as it is."""
    fields = {"personal": ["health_fit"], "institution": ["start_on"], "scope": ["scopes"], "materials": []}
    steps = [{"name": name, "fields": [{"name": field} for field in names]} for name, names in fields.items()]
    assert view_models.step_of({"code": "any", "target": target}, {"steps": steps}) == step

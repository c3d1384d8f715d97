"""医师查询 and 证照核验 as pages: no name in a URL, nothing the policy keeps back, no reason (domain §1, §3.14)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.gateway.csrf import FIELD
from shared.contracts import accounts, applications
from shared.platform.errors import TooManyAttempts

from .scripted_bus import hidden, reader

NAME = "欧阳示例"
NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
PHYSICIAN = {
    "name": NAME,
    "sex": "male",
    "level": "1",
    "category": "10",
    "scopes": ["C01"],
    "practice_place": "43",
    "institution_name": "示例市第一人民医院",
    "filed_institutions": [],
    "practice_code": "110430102000123",
    "authority_name": "示例卫生健康局",
    "valid": True,
}
KEPT_BACK = {
    "name": "",
    "sex": "",
    "level": "",
    "category": "",
    "scopes": [],
    "practice_place": "",
    "institution_name": "",
    "filed_institutions": None,
    "practice_code": "",
    "authority_name": "",
    "valid": None,
}


def looked_up(app, *physicians, refusal=None):
    """The page that answers a search, and the bus it was asked of."""

    def search(_):
        if refusal is not None:
            raise refusal
        return {"items": list(physicians), "more": False, "checked_at": NOW}

    passed = {"token": "with-captcha", "expires_at": NOW}
    answers = {accounts.PASS_CAPTCHA: lambda _: passed, applications.SEARCH_PHYSICIANS: search}
    client, bus = reader(app, answers, signed_in=False)
    page = client.get("/lookup").text
    nonce = hidden(page, "captcha_nonce")
    client.set_cookie(f"yz_captcha_{nonce}", str(UUID(int=1)))
    form = {FIELD: hidden(page, FIELD), "name": NAME, "province": "43", "captcha_nonce": nonce}
    return client.post("/lookup", data=form | {"captcha_answer": "abcde"}), bus


def test_the_answer_is_the_posts_own_and_is_kept_by_no_cache(app):
    """No redirect carries the name into a URL, a history or a log."""
    answer, bus = looked_up(app, PHYSICIAN, PHYSICIAN | {"institution_name": "示例镇卫生院"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Location" not in answer.headers
    for shown in ("2 条", "示例市第一人民医院", "示例镇卫生院", "注册有效"):
        assert shown in answer.text, shown
    assert bus.commands(applications.SEARCH_PHYSICIANS) == [{"name": NAME, "province": "43", "institution": ""}]
    for attribute in ("href", "action", "src"):
        assert not any(NAME in part.split('"', 1)[0] for part in answer.text.split(f'{attribute}="')[1:])


def test_a_name_in_a_url_is_neither_searched_nor_kept(app):
    """Somebody's own link: the form begins empty, and the address bar is clean again."""
    client, bus = reader(app, {}, signed_in=False)
    answer = client.get(f"/lookup?name={NAME}&province=43")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/lookup")
    assert NAME not in client.get("/lookup").text
    assert bus.commands(applications.SEARCH_PHYSICIANS) == []


def test_the_search_of_the_api_has_no_form_with_the_name_in_the_url(app):
    """POST alone."""
    client, bus = reader(app, {}, signed_in=False)
    assert client.get(f"/api/v1/public/physician-searches?name={NAME}").status_code in (404, 405)
    assert bus.asked == []


def test_an_ended_registration_is_shown_without_the_reason(app):
    """§3.14."""
    answer, _ = looked_up(app, PHYSICIAN | {"valid": False})
    assert "注册已失效" in answer.text
    for reason in ("注销", "吊销", "撤销", "暂停", "离岗"):
        assert reason not in answer.text


def test_what_the_policy_keeps_back_has_no_row(app):
    """Neither a dash nor 无: both would say something."""
    answer, _ = looked_up(app, KEPT_BACK)
    assert answer.status_code == 200
    for absent in ("性别", "备案机构", "注册有效", "注册已失效", "执业证书编码"):
        assert absent not in answer.text, absent
    assert "备案机构" in looked_up(app, PHYSICIAN)[0].text


def test_a_spent_budget_is_said_with_the_time_to_wait(app):
    """E70."""
    answer, _ = looked_up(app, refusal=TooManyAttempts("lookups_exhausted", retry_after=40))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "40")
    assert "40 秒" in answer.text


@pytest.mark.parametrize(
    ("verdict", "said"),
    [("valid", "证照有效"), ("changed", "以下是现在的信息"), ("cancelled", "证照已失效"), ("unknown", "查无此证")],
)
def test_each_verdict_has_its_words_and_no_search_engine_keeps_them(app, verdict, said):
    """证照核验: the name on this page would otherwise be found without province, captcha or limit."""
    physician = None if verdict == "unknown" else PHYSICIAN | {"valid": verdict != "cancelled"}
    found = {"verdict": verdict, "physician": physician, "issued_on": date(2026, 12, 5), "checked_at": NOW}
    client, _ = reader(app, {applications.CHECK_CERTIFICATE: lambda _: found}, signed_in=False)
    answer = client.get("/verify/7K3D-92QF-XM4T")
    assert said in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex, noarchive"
    assert (NAME in answer.text) is (verdict != "unknown")


@pytest.mark.parametrize("typed", ["7k3d-92qf-xm4t", " 7K3D 92QF XM4T ", "７Ｋ３Ｄ－９２ＱＦ－ＸＭ４Ｔ"])
def test_a_code_is_read_however_it_is_typed(app, typed):
    """Full-width forms too."""
    client, _ = reader(app, {}, signed_in=False)
    token = hidden(client.get("/verify").text, FIELD)
    answer = client.post("/verify", data={FIELD: token, "check_code": typed})
    assert answer.headers["Location"] == "/verify/7K3D92QFXM4T"


def test_a_code_that_can_be_none_asks_nobody(app):
    """Unknown like any other."""
    client, bus = reader(app, {}, signed_in=False)
    assert "查无此证" in client.get("/verify/x").text
    assert bus.commands(applications.CHECK_CERTIFICATE) == []

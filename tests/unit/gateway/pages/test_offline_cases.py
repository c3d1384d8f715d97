"""The pages on which one of the four cases is recognised, and the sentences it is refused with (domain §3.10)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.gateway import catalogue
from services.gateway.csrf import FIELD
from services.gateway.http_errors import problem
from shared.contracts import accounts, applications, sync
from shared.platform.errors import RuleViolated

from .scripted_bus import hidden, reader

MESSAGES = {
    1: "您的资格属于老政策认定资格补录，不能网上办理，请携带原始档案到原发证卫生健康主管部门办理",
    2: "港澳台医师内地资格认定请向省级卫生健康（中医药）主管部门线下申请",
    3: "短期行医请由聘用医疗机构向所在地卫生健康主管部门线下申请",
    4: "外国医师来华短期行医请由邀请或聘用单位线下办理短期行医许可",
}
"""As the handbook has them."""


def me(id_type: str = "resident_id"):
    """An account for which no qualification was found."""
    return {
        "account_id": uuid4(),
        "kind": "person",
        "role": "physician",
        "state": "UNMATCHED",
        "name": "陈示例",
        "login_name": "chen",
        "person_id": uuid4(),
        "id_type": id_type,
        "masked_id": "8100************31",
        "masked_phone": "138****0001",
        "masked_email": "",
        "sex": "male",
        "next_step": "update_qualification",
        "qualifications": [],
        "organisation": None,
    }


def without_record(app, id_type: str = "resident_id", **answers):
    """The browser of somebody without a record."""
    found = {accounts.ME: lambda _: me(id_type), sync.CALENDAR: lambda _: {"gates": []}}
    return reader(app, found | {getattr(accounts, name): answer for name, answer in answers.items()})


@pytest.mark.parametrize("case", MESSAGES)
def test_each_case_has_its_sentence_on_its_page_and_in_the_api(app, case):
    """The refusal over HTTP says the same as the page: what it is and where to go."""
    assert catalogue.sentence(f"excluded.{case}.message") == MESSAGES[case]
    text = app.test_client().get(f"/guide/offline/{case}").text
    assert MESSAGES[case] in text
    assert catalogue.sentence(f"excluded.{case}.who") in text
    with app.test_request_context("/api/v1/signups"):
        body = problem(RuleViolated("excluded_case", case=case, path="x")).get_json()
    assert (body["code"], body["status"]) == ("excluded_case", 422)
    assert body["detail"] == MESSAGES[case]


def test_an_excluded_case_without_its_number_still_has_a_sentence(app):
    """What another release may send."""
    with app.test_request_context("/api/v1/signups"):
        assert "线下" in problem(RuleViolated("excluded_case")).get_json()["detail"]


def test_a_passport_leads_from_sign_up_to_the_page_of_case_four(app):
    """E64: no account, no token; the offline page."""

    def refuse(_):
        raise RuleViolated("excluded_case", case=4, path="foreign_short_term")

    client, bus = reader(app, {accounts.SIGN_UP_IDENTITY: refuse}, signed_in=False)
    page = client.get("/signup/other-document").text
    nonce = hidden(page, "captcha_nonce")
    client.set_cookie(f"yz_captcha_{nonce}", str(UUID(int=1)))
    answer = client.post(
        "/signup",
        data={
            FIELD: hidden(page, FIELD),
            "other": "1",
            "id_type": "passport",
            "purpose": "register",
            "name": "John Smith",
            "id_number": "E12345678",
            "captcha_nonce": nonce,
            "captcha_answer": "abcde",
            "consent": "yes",
        },
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/guide/offline/4")
    assert bus.commands(accounts.SIGN_UP_IDENTITY)[0]["id_type"] == "passport"
    assert MESSAGES[4] in client.get(answer.headers["Location"]).text


def test_the_page_of_those_without_a_record_asks_permit_holders_what_for(app):
    """Cases 2 and 3 are offered to who opened the account with a residence permit, case 1 to everybody."""
    client, _ = without_record(app, "residence_permit_hmt")
    text = client.get("/me/ticket").text
    assert "我没有参加内地的医师资格考试" in text
    assert "我的证书早于全国统一的医师资格考试" in text
    client, _ = without_record(app)
    text = client.get("/me/ticket").text
    assert "我没有参加内地的医师资格考试" not in text
    assert "我的证书早于全国统一的医师资格考试" in text


@pytest.mark.parametrize(("purpose", "case"), [("recognition", 2), ("short_term", 3)])
def test_what_a_permit_holder_says_leads_to_the_page_of_the_case(app, purpose, case):
    """Nothing is kept but the count of `accounts`."""
    client, bus = without_record(
        app, "residence_permit_hmt", REPORT_OFFLINE_PURPOSE=lambda command: {"case": case, "code": command["purpose"]}
    )
    token = hidden(client.get("/me/ticket").text, FIELD)
    answer = client.post("/me/offline-purpose", data={FIELD: token, "purpose": purpose})
    assert answer.headers["Location"] == f"/guide/offline/{case}"
    assert bus.commands(accounts.REPORT_OFFLINE_PURPOSE) == [{"purpose": purpose}]
    assert client.post("/me/offline-purpose", data={FIELD: token, "purpose": "register"}).status_code == 422


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ({"certificate_year": "1996"}, {"certificate_year": 1996, "title_on": None}),
        (
            {"title_on-y": "1998", "title_on-m": "6", "title_on-d": "26"},
            {"certificate_year": None, "title_on": "1998-06-26"},
        ),
        ({}, None),
        ({"certificate_year": "98"}, None),
        ({"certificate_year": "98", "title_on-y": "1998", "title_on-m": "6", "title_on-d": "26"}, None),
        ({"title_on-y": "1998", "title_on-m": "6", "title_on-d": "31"}, None),
    ],
)
def test_an_old_certificate_is_told_by_its_year_or_by_the_day_of_the_title(app, typed, sent):
    """Case 1: code year 1998, or earlier title by 1998-06-26."""
    client, bus = without_record(app, REPORT_OLD_POLICY=lambda _: {"case": 1, "code": "old_policy_recognition"})
    token = hidden(client.get("/me/ticket").text, FIELD)
    answer = client.post("/me/old-certificate", data={FIELD: token, **typed})
    found = [
        command | {"title_on": command["title_on"] and command["title_on"].isoformat()}
        for command in bus.commands(accounts.REPORT_OLD_POLICY)
    ]
    assert found == ([] if sent is None else [sent])
    assert answer.status_code == (422 if sent is None else 303)


@pytest.mark.parametrize(("id_type", "cases"), [("resident_id", [1]), ("residence_permit_hmt", [1, 2, 3])])
def test_business_start_without_a_record_leads_offline_and_offers_no_draft(app, id_type, cases):
    """Neither a button to begin nor a case that can't be the reader's."""
    card = {
        "type": "REG",
        "sub_kind": "FIRST",
        "ready": False,
        "outcomes": [],
        "policy": {},
        "materials": [],
        "decision_days": 20,
    }
    kind = {"sub_kind": "FIRST", "about": "qualification", "starters": ["physician"], "names_institution": True}
    kind |= {"steps": [], "materials": [], "documents": ["practice_certificate"]}
    business = {"type": "REG", "kinds": [kind], "decision_days": 20}
    client, _ = reader(
        app,
        {
            accounts.ME: lambda _: me(id_type),
            applications.READINESS: lambda _: card,
            applications.BUSINESS_TYPE_LIST: lambda _: {"items": [business]},
        },
    )
    text = client.get("/me/business/REG").text
    shown = [case for case in (1, 2, 3, 4) if catalogue.sentence(f"excluded.{case}.title") in text]
    assert shown == cases
    assert 'action="/me/business/REG"' not in text

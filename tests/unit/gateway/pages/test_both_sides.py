"""The page of a case of any kind: before and after, what the other side said, words of the kind, what is confirmed."""

from __future__ import annotations

from datetime import date

import pytest

from services.applications.domain.business import KINDS, kind_of
from services.applications.views import snapshot_of
from services.gateway import view_models
from services.gateway.pages import case_pages
from tests.unit.applications.factories import TODAY, an_institution, numbered

from .answering import CASE, AnsweringBus, a_case, a_view, an_action, an_outcome, hidden, send, signed_in

MOVE = kind_of("CHANGE", "ORG_IN_PROVINCE")
ELSEWHERE = snapshot_of(an_institution(id=numbered(0xC2), name="星沙示例人民医院", division="430121"))
OLD = snapshot_of(an_institution())
PAGE = f"/authority/cases/{CASE}"
ENDED = {
    status: view_models.registration_status(status)
    for status in ("CANCELLED", "REVOKED", "WITHDRAWN", "TRANSFERRED_MIL")
}


def on(kind, case, view=None):
    return AnsweringBus(
        review__case=case,
        applications__application=view or a_view(kind),
        review__work_list={"items": [], "next": None, "total": {"count": 0, "more": False}, "tabs": {}},
        accounts__institution=OLD,
    )


def test_the_officer_sees_what_changes_and_what_the_other_side_said(app):
    answers = [
        {
            "unit": "releasing_institution",
            "answer": "objected",
            "on": date(2026, 11, 24),
            "organisation_name": "示例区人民医院",
            "reasons": [{"code": "handover_open", "target": "", "note": ""}],
            "note": "病历未归档",
        },
        {
            "unit": "releasing_authority",
            "answer": "silent",
            "on": date(2026, 12, 8),
            "organisation_name": "示例区卫生健康局",
            "reasons": [],
            "note": "",
        },
    ]
    case = a_case(MOVE, institution=ELSEWHERE, releasing=OLD, answers=answers, actions=[an_action("approve")])
    view = a_view(MOVE, institution=ELSEWHERE)
    shown = signed_in(app, on(MOVE, case, view), "officer").get(PAGE).text
    for text in (
        "变更内容",
        "星沙示例人民医院",
        "内科专业（不变）",
        "各方意见",
        "有异议",
        view_models.word("reason.handover_open"),
        "病历未归档",
        "逾期未答复，视为没有异议",
        "准予变更",
    ):
        assert text in shown, text


def test_who_is_asked_answers_with_reasons_and_decides_nothing(app):
    """E47: an objection is recorded and shown, no more."""
    actions = [an_action("release"), an_action("object_to_release", "contract_dispute", "handover_open")]
    case = a_case(MOVE, state="RELEASE", step="release", releasing=OLD, actions=actions)
    bus = on(MOVE, case, a_view(MOVE, institution=ELSEWHERE))
    bus.answers["review.decide"] = case
    page = f"/institution/cases/{CASE}"
    client = signed_in(app, bus, "clerk")
    shown = client.get(page).text
    assert "等待答复" in shown
    bare = send(client, page, {"action": "object_to_release"})
    assert bare.status_code == 422
    said = send(client, page, {"action": "object_to_release", "reason-object_to_release": "handover_open"})
    assert said.status_code == 303
    (decided,) = bus.commands("review.decide")
    assert decided["action"] == "object_to_release"
    assert [item["code"] for item in decided["reasons"]] == ["handover_open"]


@pytest.mark.parametrize(
    ("kind", "confirmed"),
    [(kind, kind.type.value in ("CANCEL", "PLACE_DEL", "MIL_OUT")) for kind in KINDS.values()],
    ids=lambda value: f"{value.type.value}-{value.sub_kind}" if hasattr(value, "type") else "",
)
def test_an_approval_that_ends_a_registration_is_confirmed_on_a_page_of_its_own(kind, confirmed):
    """ui §7: 注销 and the like are confirmed."""
    assert case_pages.is_confirmed(a_case(kind), "approve") is confirmed
    assert case_pages.is_confirmed(a_case(kind), "refuse")


def test_a_cancellation_is_approved_in_two_steps_by_its_own_name(app):
    kind = kind_of("CANCEL", "VOLUNTARY")
    case = a_case(kind, actions=[an_action("approve")])
    bus = on(kind, case)
    bus.answers["review.decide"] = case
    client = signed_in(app, bus, "officer")
    confirm = send(client, PAGE, {"action": "approve"})
    assert confirm.status_code == 200
    assert "确认“准予注销”" in confirm.text
    assert bus.commands("review.decide") == []
    done = client.post(PAGE, data=hidden(confirm.text, PAGE))
    assert done.status_code == 303
    assert done.headers["Location"].startswith("/authority?done=approve&type=CANCEL&case=")


def test_the_notice_speaks_of_the_kind_of_business():
    case = a_case(kind_of("MULTI_ADD", ""))
    lines = case_pages.notice_lines(case, "supplement", [], "")
    assert lines[0] == "您的多机构备案申请需要补正"


def test_who_reported_may_take_it_back(app):
    kind = kind_of("CANCEL", "BY_REPORT")
    case = a_case(kind, started_by="institution", can_withdraw=True)
    bus = on(kind, case)
    bus.answers["review.withdraw"] = {}
    client = signed_in(app, bus, "clerk")
    page = f"/institution/cases/{CASE}/withdrawal"
    assert f'href="{page}"' in client.get(f"/institution/cases/{CASE}").text
    assert send(client, page, {"reason": "情况有变"}).status_code == 303
    (taken,) = bus.commands("review.withdraw")
    assert (taken["version"], taken["reason"]) == (4, "情况有变")
    bus.answers["review.case"] = a_case(kind, started_by="institution")
    assert client.get(page).status_code == 303


# --- before and after ------------------------------------------------------------------------------------------------


def changes(kind, **view) -> dict[str, tuple[str, str]]:
    """What becomes otherwise, by its name."""
    return {
        row.label: (row.before, row.after) for row in view_models.differences(a_view(kind, **view)) if row.is_change
    }


@pytest.mark.parametrize(
    ("named", "view", "changed"),
    [
        (
            ("CHANGE", "ORG_IN_PROVINCE"),
            {"institution": ELSEWHERE},
            {"主要执业机构": ("示例区人民医院", "星沙示例人民医院")},
        ),
        (
            ("CHANGE", "SCOPE"),
            {"form": {"scope": {"scopes": ["C01", "C04"]}}},
            {"执业范围": ("内科专业", "内科专业、儿科专业")},
        ),
        (("CANCEL", "VOLUNTARY"), {}, {"注册状态": ("有效", ENDED["CANCELLED"])}),
        (
            ("CANCEL", "EX_OFFICIO"),
            {"form": {"ground": {"ground": "X3"}}},
            {"注册状态": ("有效", ENDED["REVOKED"])},
        ),
        (
            ("CANCEL", "EX_OFFICIO"),
            {"form": {"ground": {"ground": "X11"}}},
            {"注册状态": ("有效", ENDED["WITHDRAWN"])},
        ),
        (("MIL_OUT", ""), {}, {"注册状态": ("有效", ENDED["TRANSFERRED_MIL"])}),
        (("PLACE_DEL", ""), {}, {"注册状态": ("有效", ENDED["CANCELLED"])}),
        (
            ("MULTI_DEL", ""),
            {"form": {"ending_day": {"ends_on": "2026-12-31"}}},
            {"备案结束日期": ("2027年12月31日", "2026年12月31日")},
        ),
        (("REG", "FIRST"), {}, {}),
    ],
)
def test_what_an_application_would_change(named, view, changed):
    assert changes(kind_of(*named), **view) == changed


def test_an_upgrade_widens_the_place_from_the_county_to_the_province():
    found = changes(kind_of("UPGRADE", ""), form={"scope": {"scopes": ["C01"]}})
    assert found["执业级别"] == ("执业助理医师", "执业医师")
    assert found["执业地点"][1] == "湖南省"


def test_a_second_place_shows_whether_the_first_stays():
    """E41."""
    kind = kind_of("REG", "ADD_PLACE")
    same = changes(kind, form={"scope": {"scopes": ["C01"]}}, institution=ELSEWHERE)
    other = changes(kind, form={"scope": {"scopes": ["C02"]}}, institution=ELSEWHERE)
    first = "原注册（示例区人民医院）"
    assert first not in same
    assert other[first] == ("有效", ENDED["CANCELLED"])


def test_corrected_data_are_named_as_the_account_has_them():
    """E56."""
    kind = kind_of("CHANGE", "PERSON")
    found = an_outcome("data_corrected", "passed", "personal_data_changes", seen={"changed": ["name"]})
    view = a_view(kind) | {"outcomes": [found]}
    assert [(row.label, row.after) for row in view_models.differences(view)] == [("姓名", "沈若溪")]


# --- the whole career ------------------------------------------------------------------------------------------------


def a_stretch(since: date, until: date | None = None, **changed):
    return {
        "registration_id": numbered(1),
        "practice_code": "110430102000123",
        "level": "1",
        "category": "10",
        "status": "ACTIVE",
        "scopes": ["C01"],
        "practice_place": "43",
        "institution_name": "示例区人民医院",
        "valid_from": since,
        "valid_to": until,
        "decision_number": "示卫医许〔2024〕1号",
        **changed,
    }


def test_a_career_reads_as_what_happened_the_newest_first():
    first, second = date(2020, 3, 1), date(2022, 5, 1)
    third, fourth, fifth = date(2023, 1, 1), date(2023, 7, 1), date(2025, 2, 1)
    stretches = [
        a_stretch(first, second),
        a_stretch(second, third, institution_name="示例市第一医院"),
        a_stretch(third, fourth, institution_name="示例市第一医院", status="SUSPENDED"),
        a_stretch(fourth, fifth, institution_name="示例市第一医院"),
        a_stretch(fifth, None, institution_name="示例市第一医院", scopes=["C01", "C04"]),
    ]
    filing = {
        "institution_name": "示例县中医医院",
        "scopes": ["C01"],
        "valid_from": date(2024, 1, 1),
        "valid_to": date(2024, 12, 31),
        "status": "ended",
    }
    line = view_models.career_line({"stretches": stretches, "filings": [filing]}, TODAY)
    assert [(moment.title, moment.period) for moment in line] == [
        ("变更执业范围", "2025年2月1日起"),
        ("多机构备案", "2024年1月1日至2024年12月31日"),
        ("恢复执业", "2023年7月1日至2025年1月31日"),
        ("暂停执业", "2023年1月1日至2023年6月30日"),
        ("变更主要执业机构", "2022年5月1日至2022年12月31日"),
        ("注册执业", "2020年3月1日至2022年4月30日"),
    ]
    assert [moment.is_now for moment in line] == [True, False, False, False, False, False]


@pytest.mark.parametrize(
    ("status", "title"),
    [
        ("LEFT_FILED", "离岗备案"),
        ("CANCELLED", "注册注销"),
        ("SUPERSEDED", "由新的注册代替"),
        ("REVOKED", "执业证书吊销"),
    ],
)
def test_an_end_is_told_by_its_name_and_is_not_now(status, title):
    stretches = [a_stretch(date(2024, 3, 1), date(2026, 1, 1)), a_stretch(date(2026, 1, 1), None, status=status)]
    line = view_models.career_line({"stretches": stretches, "filings": []}, TODAY)
    assert (line[0].title, line[0].is_now) == (title, False)


def test_two_registrations_are_told_side_by_side(app):
    other = a_stretch(
        date(2025, 1, 1), None, registration_id=numbered(2), practice_place="44", institution_name="珠示人民医院"
    )
    bus = AnsweringBus(
        applications__career={"stretches": [a_stretch(date(2024, 3, 1)), other], "filings": []},
        applications__registrations={"items": []},
    )
    shown = signed_in(app, bus).get("/me/career").text
    assert shown.index("珠示人民医院") < shown.index("示例区人民医院")
    assert shown.count(">注册执业<") == 2

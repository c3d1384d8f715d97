"""The physician's pages of all nine kinds, made from the kinds' own description: choice, readiness, form, progress."""

from __future__ import annotations

import re

import pytest

from services.applications.domain.business import KINDS, kind_of
from services.gateway import catalogue, view_models
from shared.platform.errors import RuleViolated
from shared.trade.levels import Level
from shared.trade.statuses import ApplicationState, BusinessType
from tests.unit.applications.factories import QUALIFICATION, numbered

from .answering import (
    FILING,
    REGISTRATION,
    AnsweringBus,
    a_card,
    a_registration_view,
    a_view,
    an_account,
    an_outcome,
    business_types,
    send,
    signed_in,
)

OF_PERSONS = [kind for kind in KINDS.values() if "physician" in kind.starters]
APPLICATION = f"/me/applications/{numbered(0xD1)}"
#: A word that only a program should see: a field, a code, a state, a place of a template that was not filled.
CODE = re.compile(r"\b[a-z]+_[a-z_]+\b|\b[A-Z]{2,}_[A-Z_]+\b|\{\w+\}|%\(\w+\)s|\bX\d{1,2}\b")


def read(page: str) -> str:
    """What a person reads of a page."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page[page.index("<main") : page.index("</main>")], flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def named(kind) -> str:
    return f"{kind.type.value}-{kind.sub_kind}" if kind.sub_kind else kind.type.value


def on(kind, **answers):
    """A bus with a draft of a kind."""
    view = a_view(kind)
    return AnsweringBus(
        applications__application=view,
        applications__readiness=a_card(kind),
        applications__registrations={"items": [a_registration_view()]},
        **answers,
    )


def test_all_nine_are_offered_under_their_official_titles(app):
    client = signed_in(app, AnsweringBus())
    shown = client.get("/me/business").text
    for name in BusinessType:
        assert f'href="/me/business/{name.value}">{view_models.business_official(name.value)}</a>' in shown
        assert view_models.word(f"business_hint.{name.value}") in shown
    assert "暂未开放" not in shown


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("REG", ["首次注册", "重新注册", "增加注册", "注册执业医师"]),
        ("CHANGE", ["更换主要执业机构", "变更执业范围", "变更执业类别", "变更个人信息"]),
    ],
)
def test_a_type_with_several_kinds_asks_which_and_a_move_is_one_of_them(app, name, choices):
    shown = signed_in(app, AnsweringBus()).get(f"/me/business/{name}").text
    assert re.findall(r'sub=\w+">([^<]+)</a>', shown) == choices


@pytest.mark.parametrize("name", ["CANCEL", "UPGRADE", "MULTI_ADD", "PLACE_DEL"])
def test_what_there_is_one_of_is_chosen_already(app, name):
    level = Level.ASSISTANT if name == "UPGRADE" else Level.LICENSED
    bus = AnsweringBus(applications__registrations={"items": [a_registration_view(level=level)]})
    shown = signed_in(app, bus).get(f"/me/business/{name}").text
    assert re.search(rf'<input type="radio" name="subject"[^>]*value="{REGISTRATION}" checked>', shown)
    assert "示例区人民医院" in shown


def test_of_several_registrations_none_is_chosen_and_one_has_to_be(app):
    two = [a_registration_view(), a_registration_view(id=numbered(0xF9), institution_name="示例市第一医院")]
    client = signed_in(app, AnsweringBus(applications__registrations={"items": two}))
    assert " checked" not in client.get("/me/business/MULTI_ADD").text
    wrong = client.get("/me/business/MULTI_ADD?asked=yes")
    assert wrong.status_code == 422
    assert "请选择一项执业注册" in wrong.text


def test_a_filing_is_chosen_from_those_that_hold(app):
    bus = on(kind_of("MULTI_DEL", ""))
    shown = signed_in(app, bus).get("/me/business/MULTI_DEL").text
    assert f'value="{FILING}" checked' in shown
    assert "示例县中医医院" in shown
    assert signed_in(app, bus).get(f"/me/business/MULTI_DEL?subject={FILING}").status_code == 200
    (asked,) = bus.commands("applications.readiness")
    assert (asked["registration_id"], asked["filing_id"]) == (REGISTRATION, FILING)


@pytest.mark.parametrize(
    ("status", "offered"), [("ACTIVE", True), ("SUSPENDED", True), ("LEFT_FILED", True), ("CANCELLED", False)]
)
def test_a_registration_that_was_left_can_still_move_and_one_that_ended_can_not(app, status, offered):
    bus = AnsweringBus(applications__registrations={"items": [a_registration_view(status=status)]})
    client = signed_in(app, bus)
    moved = client.get("/me/business/CHANGE?sub=ORG_SAME_AUTH").text
    assert (str(REGISTRATION) in moved) is offered
    filed = client.get("/me/business/MULTI_ADD").text
    assert (str(REGISTRATION) in filed) is (status in ("ACTIVE", "SUSPENDED"))
    assert offered or "没有可以办理这项业务的执业注册" in moved


def test_the_card_shows_condition_value_origin_basis_and_what_would_change_it(app):
    """办理条件自查."""
    kind = kind_of("UPGRADE", "")
    failed = an_outcome(
        "same_category",
        "failed",
        "upgrade_other_category",
        seen={"category": "20", "old_category": "10"},
        remedy={"business": "REG", "sub_kind": "LICENSED"},
        article="医师执业注册管理办法 art.15",
    )
    bus = on(kind)
    bus.answers["applications.registrations"] = {"items": [a_registration_view(level=Level.ASSISTANT)]}
    bus.answers["applications.readiness"] = a_card(
        kind, failed, an_outcome("account_activated", "passed", "account_activated")
    )
    shown = signed_in(app, bus).get(f"/me/business/UPGRADE?subject={REGISTRATION}").text
    told = read(shown)
    for part in (
        "新旧类别相同",
        "新取得的资格为口腔类别，原注册为临床类别",
        "来源： 资格信息和执业注册登记",
        "依据： 医师执业注册管理办法第15条",
        "怎样解决： 类别不同的，请办理注册执业医师",
        "执业助理医师注册（210 430102 000123）随即失效",
    ):
        assert part.replace(" ", "") in told.replace(" ", ""), part
    assert 'href="/me/business/REG?sub=LICENSED">办理：注册执业医师</a>' in shown
    assert "开始办理" not in told


@pytest.mark.parametrize("kind", OF_PERSONS, ids=named)
def test_what_was_chosen_is_what_is_begun(app, kind):
    bus = on(kind)
    level = Level.ASSISTANT if kind.type is BusinessType.UPGRADE else Level.LICENSED
    bus.answers["applications.registrations"] = {"items": [a_registration_view(level=level)]}
    bus.answers["applications.start"] = a_view(kind)
    client = signed_in(app, bus)
    chosen = {"qualification": "", "registration": f"&subject={REGISTRATION}", "filing": f"&subject={FILING}"}
    address = f"/me/business/{kind.type.value}?sub={kind.sub_kind}{chosen[kind.about.value]}"
    if kind.sub_kind.startswith("ORG_") and kind.sub_kind != "ORG_SAME_AUTH":
        assert "您要变更什么？" in client.get(address).text
        return
    answer = send(client, address, {}, to=f"/me/business/{kind.type.value}")
    assert answer.status_code == 303
    (begun,) = bus.commands("applications.start")
    about = kind.about.value
    assert (begun["type"], begun["sub_kind"]) == (kind.type.value, kind.sub_kind)
    assert begun["qualification_id"] == (QUALIFICATION if about == "qualification" else None)
    assert begun["registration_id"] == (None if about == "qualification" else REGISTRATION)
    assert begun["filing_id"] == (FILING if about == "filing" else None)


@pytest.mark.parametrize("kind", OF_PERSONS, ids=named)
def test_every_page_of_every_form_asks_in_words(app, kind):
    client = signed_in(app, on(kind))
    of = {"type": kind.type.value, "sub_kind": kind.sub_kind}
    for step in [step.name for step in kind.steps if not step.is_last]:
        answer = client.get(f"{APPLICATION}/steps/{step}")
        assert answer.status_code == 200, step
        told = read(answer.text)
        assert view_models.word_of(of, "step_question", step) in told
        assert CODE.findall(told) == [], step


@pytest.mark.parametrize("kind", OF_PERSONS, ids=named)
def test_tasks_answers_and_what_comes_next_are_told_in_words(app, kind):
    bus = on(kind)
    client = signed_in(app, bus)
    tasks, check = client.get(APPLICATION), client.get(f"{APPLICATION}/check")
    bus.answers["applications.application"] = a_view(kind, state=ApplicationState.SUBMITTED)
    submitted = client.get(f"{APPLICATION}/submitted")
    for answer in (tasks, check, submitted):
        assert answer.status_code == 200
        assert CODE.findall(read(answer.text)) == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=named)
def test_every_state_of_every_kind_says_who_acts_next(app, kind):
    bus = AnsweringBus()
    client = signed_in(app, bus)
    for state in [state for state in ApplicationState if state is not ApplicationState.DRAFT]:
        view = a_view(kind, state=state, acts_next="none")
        bus.answers["applications.application"] = view
        bus.answers["review.timeline"] = _timeline(state.value, view["started_by"])
        told = read(client.get(f"{APPLICATION}/progress").text)
        assert view_models.status(state.value, of=view).text in told, state
        assert view_models.acts_next(view, None) in told, state
        assert CODE.findall(told) == [], state


@pytest.mark.parametrize(
    ("kind", "warning"),
    [
        ("CANCEL-VOLUNTARY", "您在示例区人民医院的执业注册（110 430102 000123）注销，证书作废"),
        ("MIL_OUT", "转到军队，电子证照随即失效"),
        ("PLACE_DEL", "您在湖南省的执业注册（110 430102 000123）注销"),
        ("MULTI_DEL", "您不能再在示例县中医医院执业"),
        ("REG-ADD_PLACE", "您在示例区人民医院的原注册继续有效"),
    ],
)
def test_what_will_end_is_said_before_it_is_submitted(app, kind, warning):
    (found,) = [item for item in OF_PERSONS if named(item) == kind]
    assert warning in read(signed_in(app, on(found)).get(f"{APPLICATION}/check").text)


def test_another_scope_at_a_second_place_ends_the_first_in_bold(app):
    """E41: the hard warning."""
    kind = kind_of("REG", "ADD_PLACE")
    bus = on(kind)
    bus.answers["applications.application"] = a_view(kind, form={"scope": {"scopes": ["C02"]}})
    client = signed_in(app, bus)
    for page in ("check", "steps/ending"):
        shown = client.get(f"{APPLICATION}/{page}").text
        assert "<strong>您申请的执业范围与原注册不同。" in shown


def test_a_filing_offers_the_registered_scopes_alone(app):
    """domain §3.7: a filing is no wider than the registration it is on."""
    shown = signed_in(app, on(kind_of("MULTI_ADD", ""))).get(f"{APPLICATION}/steps/term").text
    assert re.findall(r'name="scopes"[^>]*value="(\w+)"', shown) == ["C01"]


def test_a_choice_is_saved_as_its_code_and_a_date_as_a_day(app):
    kind = kind_of("MIL_IN", "")
    bus = on(kind, applications__save_step=a_view(kind))
    client = signed_in(app, bus)
    page = f"{APPLICATION}/steps/service"
    wrong = send(client, page, {})
    assert wrong.status_code == 422
    assert "请填写退出现役的日期" in wrong.text
    assert "请填写证明文件的编号" in wrong.text
    filled = {
        "left_service_on-y": "2026",
        "left_service_on-m": "9",
        "left_service_on-d": "1",
        "military_document": "转字1号",
    }
    assert send(client, page, filled).status_code == 303
    (saved,) = bus.commands("applications.save_step")
    assert saved["values"] == {"left_service_on": "2026-09-01", "military_document": "转字1号"}


def test_what_stands_in_the_way_of_a_submission_leads_to_its_page(app):
    kind = kind_of("CHANGE", "SCOPE")
    unproved = an_outcome(
        "scope_training",
        "needs_proof",
        "scope_training_needed",
        seen={"scopes": ["C02"]},
        remedy={"material": "training_proof"},
    )
    bus = on(kind)
    bus.answers["applications.application"] = a_view(kind) | {"outcomes": [unproved]}
    bus.answers["applications.submit"] = RuleViolated("materials_missing", materials=["training_proof"])
    client = signed_in(app, bus)
    shown = client.get(f"{APPLICATION}/check").text
    assert f'href="{APPLICATION}/materials/training_proof">上传：培训考核合格证明</a>' in shown
    assert client.get(f"{APPLICATION}/materials/training_proof").status_code == 200
    refused = send(client, f"{APPLICATION}/check", {"declaration": "yes"})
    assert refused.status_code == 422
    assert "还有必须上传的材料没有上传" in refused.text


def test_who_did_not_begin_it_may_object(app):
    """domain §3.6: the physician is told of a report and may object; it ends nothing."""
    kind = kind_of("CANCEL", "BY_REPORT")
    view = a_view(kind, state=ApplicationState.ACCEPTED, form={"ground": {"ground": "X6"}})
    bus = AnsweringBus(
        applications__application=view,
        review__timeline=_timeline("ACCEPTED", "institution") | {"can_contest": True},
        review__contest=_timeline("ACCEPTED", "institution"),
    )
    client = signed_in(app, bus)
    told = read(client.get(f"{APPLICATION}/progress").text)
    assert "机构报告" in told
    assert "中止医师执业活动满二年" in told
    assert send(client, f"{APPLICATION}/objection", {}).status_code == 422
    assert send(client, f"{APPLICATION}/objection", {"contest_note": "我一直在执业"}).status_code == 303
    (sent,) = bus.commands("review.contest")
    assert (sent["note"], sent["version"]) == ("我一直在执业", 4)


def test_every_kind_that_the_service_describes_can_be_shown(app):
    """Nobody can add a kind whose page would show a code."""
    described = {(item["type"], kind["sub_kind"]) for item in business_types()["items"] for kind in item["kinds"]}
    assert described == {(kind.type.value, kind.sub_kind) for kind in KINDS.values()}
    assert all(catalogue.has(f"business.{name}") for name, _ in described)
    assert an_account()["next_step"] == "none"


def _timeline(state: str, started_by: str):
    return {
        "application_id": numbered(0xD1),
        "case_id": numbered(0xF5),
        "case_version": 4,
        "state": state,
        "acts_next": "none",
        "act_until": None,
        "can_withdraw": False,
        "can_contest": False,
        "started_by": started_by,
        "window": None,
        "entries": [],
    }

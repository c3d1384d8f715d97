"""Each of the nine kinds on the pages alone: chosen, filled in, confirmed, decided, and what the career tells of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from .business_acting import DeskAtBrowser, Stage, passed_also
from .conftest import DESK

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MAIN = "湘岳示例医院"


@pytest.fixture
def stage(deployment, visit, tmp_path) -> Stage:
    return Stage(deployment, visit, tmp_path)


@pytest.fixture
def further(deployment):
    """Another hospital of the same province, under another authority."""
    return next(place for place in deployment.cast.institutions if place.name == "星沙示例人民医院")


def named(type_: str, sub_kind: str = "") -> dict[str, str]:
    """A kind of business by its names."""
    return {"type": type_, "sub_kind": sub_kind}


def tells(person, heading: str, *texts: str) -> None:
    """The career shows an entry with all of these."""
    person.open("/me/career")
    entry = person.page.get_by_role("listitem").filter(has=person.page.get_by_role("heading", name=heading))
    for text in texts:
        expect(entry.filter(has_text=text).first).to_be_visible()


def test_a_move_to_another_institution(stage, further):
    """CHANGE: one choice for the person, whichever of the three moves it is."""
    doctor = stage.registered()
    person = stage.applicant(doctor)
    person.choose_business("变更", "更换主要执业机构", MAIN)
    person.fill_in_all(stage.answers(further))
    expect(person.page.get_by_text("您的主要执业机构不再是")).to_be_visible()
    number = person.submit()
    kind = named("CHANGE", "ORG_IN_PROVINCE")
    stage.confirmed(number, kind, further)
    stage.released(number)
    stage.received(number, further)
    stage.approved(number, kind, further)
    person.reload_until("the change", lambda: person.page.get_by_text("已变更").count() > 0)
    tells(person, "注册执业", further.name)  # of one day only how it ended is kept


def test_another_scope_with_its_proof(stage):
    """CHANGE/SCOPE: what is added needs training and assessment (医师法 art.14)."""
    doctor = stage.registered()
    person = stage.applicant(doctor)
    person.choose_business("变更", "变更执业范围", MAIN)
    person.fill_in_all(stage.answers(None, "外科专业"))
    number = person.submit()
    stage.decided(number, named("CHANGE", "SCOPE"))
    person.reload_until("the change", lambda: person.page.get_by_text("已变更").count() > 0)
    tells(person, "注册执业", "外科专业")


def test_a_further_institution_is_filed_and_given_up_again(stage, further):
    """MULTI_ADD, MULTI_DEL."""
    doctor = stage.registered()
    person = stage.applicant(doctor)
    person.choose_business("多执业机构备案", about=MAIN)
    person.fill_in_all(stage.answers(further))
    number = person.submit()
    stage.decided(number, named("MULTI_ADD"), further)
    person.reload_until("the filing", lambda: person.page.get_by_text("已备案").count() > 0)
    tells(person, "多机构备案", further.name, "备案有效")

    person.choose_business("多执业机构取消备案", about=further.name)
    person.fill_in_all(stage.answers())
    expect(person.page.get_by_text(f"您不能再在{further.name}执业")).to_be_visible()
    number = person.submit()
    stage.decided(number, named("MULTI_DEL"), further)
    person.reload_until("the end", lambda: person.page.get_by_text("已取消备案").count() > 0)


def test_a_second_place_is_added_and_given_up(stage, deployment):
    """REG/ADD_PLACE and PLACE_DEL, which leave the other place as it is."""
    doctor = stage.registered()
    elsewhere = deployment.hospital("44")
    doctor.enter_paper_certificate()
    person = stage.applicant(doctor)
    person.choose_business("注册", "增加注册", MAIN)
    person.fill_in_all(stage.answers(elsewhere))
    expect(person.page.get_by_text("原注册继续有效").first).to_be_visible()
    number = person.submit()
    kind = named("REG", "ADD_PLACE")
    stage.confirmed(number, kind, elsewhere)
    stage.received(number, elsewhere)
    first_look = deployment.staff(deployment.cast.at("AUTH-440106", "officer"))
    first_look.decide(number, "agree", step="pre_review")  # Guangdong's counties look first
    stage.approved(number, kind, elsewhere)
    person.reload_until("the registration", lambda: person.page.get_by_text("已注册").count() > 0)
    tells(person, "注册执业", elsewhere.name)

    person.choose_business("申请取消“多地点执业”", about=elsewhere.name)
    person.fill_in_all(stage.answers())
    number = person.submit()
    stage.decided(number, named("PLACE_DEL"), elsewhere)
    person.reload_until("the end", lambda: person.page.get_by_text("已注销").count() > 0)
    tells(person, "注册注销", elsewhere.name)
    tells(person, "注册执业", MAIN)


def test_a_registration_is_cancelled_and_begun_anew(stage):
    """CANCEL/VOLUNTARY, REG/RE."""
    doctor = stage.registered()
    person = stage.applicant(doctor)
    person.choose_business("注销", about=MAIN)
    person.fill_in_all(stage.answers())
    expect(person.page.get_by_text("证书作废").first).to_be_visible()
    number = person.submit()
    stage.decided(number, named("CANCEL", "VOLUNTARY"))
    person.reload_until("the end", lambda: person.page.get_by_text("已注销").count() > 0)

    person.choose_business("注册", "重新注册")
    person.fill_in_all(stage.answers())
    number = person.submit()
    stage.decided(number, named("REG", "RE"))
    person.reload_until("the registration", lambda: person.page.get_by_text("已注册").count() > 0)
    tells(person, "注册注销", MAIN)


def test_from_the_forces_and_to_them(stage):
    """MIL_IN for somebody who was never registered here, then MIL_OUT."""
    doctor = stage.deployment.activated_doctor()
    person = stage.applicant(doctor)
    person.choose_business("军队变更入地方")
    person.fill_in_all(stage.answers())
    number = person.submit()
    stage.decided(number, named("MIL_IN"))
    person.reload_until("the registration", lambda: person.page.get_by_text("已注册").count() > 0)
    tells(person, "注册执业", MAIN)

    person.choose_business("地方变更到军队", about=MAIN)
    person.fill_in_all(stage.answers())
    number = person.submit()
    stage.decided(number, named("MIL_OUT"))
    person.reload_until("the transfer", lambda: person.page.get_by_text("已转出").count() > 0)
    tells(person, "转到军队", MAIN)


def test_an_assistant_becomes_a_physician(stage, deployment, tmp_path):
    """UPGRADE: the assistant's registration lapses with it (E32)."""
    doctor = stage.registered(levels="2")
    passed_also(deployment, doctor, "110", tmp_path, 2027)
    person = stage.applicant(doctor)
    person.choose_business("助理医师升执业医师", about=MAIN)
    person.fill_in_all(stage.answers())
    expect(person.page.get_by_text("您的执业助理医师注册").first).to_be_visible()
    number = person.submit()
    stage.decided(number, named("UPGRADE"))
    person.reload_until("the registration", lambda: person.page.get_by_text("已注册").count() > 0)
    tells(person, "由新的注册代替", "执业助理医师")
    tells(person, "注册执业", "执业医师")


def test_an_institution_reports_and_the_physician_objects(stage):
    """CANCEL/BY_REPORT: no submission of the physician; what is reported can be objected to and decides nothing."""
    doctor = stage.registered()
    clerk = DeskAtBrowser(stage.visit(DESK), stage.deployment.clerk())
    today = stage.deployment.today()
    clerk.open("/institution/physicians")
    clerk.page.get_by_role("searchbox", name="医师姓名（全名）").fill(doctor.candidate.name)
    clerk.press("查找姓名")
    assert doctor.candidate.name not in clerk.page.url
    rows = clerk.page.get_by_role("row").filter(has_text=_grouped(doctor))
    rows.get_by_role("link").first.click()
    clerk.follow("报告注销情形")
    clerk.press("核对内容")
    expect(clerk.page.get_by_role("alert").get_by_role("link", name="请选择注销情形")).to_be_visible()
    clerk.choose("中止医师执业活动满二年")
    for group in ("情形发生的日期", "知悉的日期"):
        boxes = clerk.page.get_by_role("group", name=group)
        for unit, part in (("年", today.year), ("月", today.month), ("日", today.day)):
            boxes.get_by_role("textbox", name=unit).fill(str(part))
    clerk.press("核对内容")
    clerk.heading("核对“报告注销情形”")
    clerk.press("确认报告注销情形")
    told = clerk.page.get_by_role("status").filter(has_text="注销情形已提交")
    expect(told).to_be_visible()
    number = re.findall(r"[A-Z]{2}\d{8}-\d{4}", told.inner_text())[0]

    person = stage.applicant(doctor)
    person.open("/me/applications")
    row = person.page.get_by_role("listitem").filter(has_text=number)
    person.reload_until("the report", lambda: row.count() > 0)
    row.get_by_role("link").click()
    person.reload_until("the case", lambda: person.page.get_by_role("link", name="提出异议").count() > 0)
    person.follow("提出异议")
    person.write("事实和理由", "我一直在本机构执业")
    person.press("提交异议")
    expect(person.page.get_by_text("本人提出异议")).to_be_visible()

    window = stage.deployment.officer("window")
    window.receive_paper(number)
    window.decide(number, "accept", step="accept")
    officer = DeskAtBrowser(stage.visit(DESK), stage.deployment.officer())
    officer.open_case(number, clerk=False)
    expect(officer.page.get_by_text("机构报告").first).to_be_visible()
    expect(officer.page.get_by_text("我一直在本机构执业").first).to_be_visible()
    officer.decide("准予注销")
    tells_later = stage.applicant(doctor)
    tells_later.open("/me/career")
    tells_later.reload_until("the end", lambda: tells_later.page.get_by_text("注册注销").count() > 0)


def test_a_departure_and_a_suspension_hold_at_once(stage):
    """离岗备案 (Order 13 art.19) by the institution; 暂停执业 by the authority that keeps the registration."""
    leaving, suspended = stage.registered(), stage.registered()
    today = stage.deployment.today()
    clerk = DeskAtBrowser(stage.visit(DESK), stage.deployment.clerk())
    clerk.open(f"/institution/physicians/{_registration(leaving)['id']}/departure")
    _fill_day(clerk, "离开本机构的日期", today)
    clerk.choose("调离")
    clerk.press("核对内容")
    clerk.press("确认报告离岗备案")
    expect(clerk.page.get_by_role("status").filter(has_text="已报告离岗备案")).to_be_visible()
    assert _registration(leaving)["status"] == "LEFT_FILED"

    officer = DeskAtBrowser(stage.visit(DESK), stage.deployment.officer())
    officer.open(f"/authority/physicians/{_registration(suspended)['id']}/suspension")
    officer.choose("行政处罚")
    _fill_day(officer, "暂停开始日期", today)
    _fill_day(officer, "暂停的最后一天", today + timedelta(days=250))
    officer.write("决定文号", "示卫医罚〔2026〕1号")
    officer.press("核对内容")
    officer.press("确认登记暂停执业")
    expect(officer.page.get_by_role("status").filter(has_text=re.compile("已登记暂停执业"))).to_be_visible()
    assert _registration(suspended)["status"] == "SUSPENDED"


def _registration(doctor) -> dict:
    found: dict = doctor.api.get("/me/registrations")["items"][0]
    return found


def _grouped(doctor) -> str:
    code = _registration(doctor)["practice_code"]
    return f"{code[:3]} {code[3:9]} {code[9:]}"


def _fill_day(sitter, group: str, value) -> None:
    boxes = sitter.page.get_by_role("group", name=group)
    for unit, part in (("年", value.year), ("月", value.month), ("日", value.day)):
        boxes.get_by_role("textbox", name=unit).fill(str(part))

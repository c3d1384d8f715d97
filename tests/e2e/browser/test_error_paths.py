"""What a person sees when something is wrong: the summary takes the focus, leads to the field, and nothing is lost."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from commands.journey.papers import paper
from commands.journey.people import Candidate, Doctor
from shared.trade.resident_id import with_check_digit

from .acting import DoctorAtBrowser, Sitter, StaffAtBrowser
from .conftest import DESK

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["scripted", "without_scripts"])


def refused(page: Page, status: int = 422):
    """The answer of the next form."""
    return page.expect_response(lambda response: response.request.method == "POST" and response.status == status)


def shows_errors(page: Page, *sentences: str) -> None:
    """Title, summary and fields say the same."""
    expect(page).to_have_title(re.compile("^错误："))
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text(f"有 {len(sentences)} 处需要修改")
    for sentence in sentences:
        expect(summary.get_by_role("link", name=sentence)).to_be_visible()
        assert page.get_by_text(sentence).count() >= 2, sentence


@BOTH
def test_a_wrong_sign_up_says_everything_at_once_and_keeps_what_was_typed(visit, deployment, javascript):
    """E03, E07: the captcha is used up, secrets are not shown again."""
    sitter = Sitter(visit(javascript=javascript), deployment.url)
    sitter.open("/signup")
    sitter.write("您的姓名", "Zhang San 3")
    sitter.write("身份证号", "430199199503070115")
    sitter.choose("我已阅读并同意隐私说明")
    sitter.solve_captcha()
    with refused(sitter.page):
        sitter.press("确定，继续")
    shows_errors(sitter.page, "姓名只能填写汉字，少数民族姓名可以使用“·”", "身份证件号码有误，请逐位核对")
    assert sitter.page.get_by_role("textbox", name=re.compile("^身份证号")).input_value() == "430199199503070115"
    assert sitter.page.get_by_label(re.compile("^验证码")).input_value() == ""


def test_the_summary_takes_the_focus_and_its_links_lead_to_the_fields(visit, deployment):
    sitter = Sitter(visit(), deployment.url)
    sitter.open("/login")
    with refused(sitter.page):
        sitter.press("登录")
    assert sitter.page.evaluate("document.activeElement.id") == "errsum"
    sitter.page.get_by_role("alert").get_by_role("link", name="请填写登录密码").click()
    assert sitter.page.evaluate("document.activeElement.id") == "password"


@BOTH
def test_another_captcha_can_be_had_without_losing_the_form(visit, deployment, javascript):
    sitter = Sitter(visit(javascript=javascript), deployment.url)
    sitter.open("/lookup")
    sitter.write("医师姓名", "张三")
    before = sitter.page.get_by_role("img", name=re.compile("验证码")).get_attribute("src")
    sitter.press("换一张")
    expect(sitter.page.get_by_role("img", name=re.compile("验证码"))).not_to_have_attribute("src", before or "")
    assert sitter.page.get_by_role("textbox", name=re.compile("^医师姓名")).input_value() == "张三"


def test_the_captcha_can_be_heard(visit, deployment):
    """ui §11: a voice alternative for any code."""
    sitter = Sitter(visit(), deployment.url)
    sitter.open("/lookup")
    address = sitter.page.get_by_role("link", name=re.compile("听语音验证码")).get_attribute("href")
    answer = sitter.page.request.get(f"{deployment.url}{address}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.body()[:4] == b"RIFF"


@BOTH
@pytest.mark.parametrize(
    ("document", "purpose", "number", "heading"),
    [
        ("护照", "来内地短期行医", "E12345678", "外国医师内地短期行医"),
        ("港澳台居民来往内地通行证", "申请内地医师资格认定", "H1234567801", "港澳台医师内地资格认定"),
        ("港澳台居民来往内地通行证", "来内地短期行医", "H1234567801", "港澳台医师内地短期行医"),
    ],
)
def test_who_can_not_register_online_is_told_where_to_go(
    visit, deployment, javascript, document, purpose, number, heading
):
    """domain §3.10, E64."""
    sitter = Sitter(visit(javascript=javascript), deployment.url)
    sitter.open("/signup")
    sitter.follow("没有居民身份证")
    sitter.choose(document)
    sitter.choose(purpose)
    sitter.write("您的姓名", "陈大文")
    sitter.write("证件号码", number)
    sitter.choose("我已阅读并同意隐私说明")
    sitter.solve_captcha()
    sitter.press("确定，继续")
    sitter.heading(heading)


@BOTH
def test_wrong_and_unopened_tickets_get_the_same_words_beside_the_calendar(visit, deployment, javascript):
    """E16, E18: the neutral text, and the public opening calendar on the same page."""
    sitter = Sitter(visit(javascript=javascript), deployment.url)
    born = 1990 + javascript
    number = with_check_digit(f"430199{born}0704{secrets.randbelow(1000):03d}")
    other = deployment.candidate()
    newcomer = Doctor(deployment.url, Candidate("陈未见", number, other.ticket, "1", "10", "43"))
    newcomer.open_account()
    newcomer.log_in()
    newcomer.api.post("/me/qualification-check")
    sitter.page.context.add_cookies([{"name": "yz_session", "value": newcomer.api.token, "url": deployment.url}])
    sitter.open("/me/ticket")
    for ticket in (other.ticket, "4305261109999"):
        sitter.write("准考证号", ticket)
        with refused(sitter.page):
            sitter.press("更新信息")
        shows_errors(sitter.page, "未查询到已开放的资格信息。请核对号码，并查看资格信息开放时间")
        expect(sitter.page.get_by_role("table", name="各考区资格信息开放情况")).to_be_visible()


@BOTH
def test_a_step_with_missing_answers_comes_back_with_the_others_kept(visit, deployment, javascript):
    page = visit(javascript=javascript)
    doctor = deployment.activated_doctor()
    doctor.start()
    page.context.add_cookies([{"name": "yz_session", "value": doctor.api.token, "url": deployment.url}])
    sitter = Sitter(page, deployment.url)
    sitter.open(f"/me/applications/{doctor.application['id']}/steps/institution")
    boxes = page.get_by_role("group", name="聘用起始日期")
    boxes.get_by_role("textbox", name="年").fill("２０２６")
    boxes.get_by_role("textbox", name="日").fill("1")
    with refused(page):
        sitter.press("保存并继续")
    shows_errors(page, "请选择您的主要执业机构", "聘用起始日期缺少月份")
    assert boxes.get_by_role("textbox", name="年").input_value() == "２０２６"


def test_the_search_for_an_institution_answers_while_typing(visit, deployment):
    """ui §1.2: a fragment for htmx; the focus stays and the number of results is spoken."""
    doctor = deployment.activated_doctor()
    doctor.start()
    page = visit()
    page.context.add_cookies([{"name": "yz_session", "value": doctor.api.token, "url": deployment.url}])
    page.goto(f"{deployment.url}/me/applications/{doctor.application['id']}/steps/institution")
    page.get_by_role("searchbox", name="查找机构").press_sequentially(deployment.hospital().name)
    expect(page.get_by_role("status").filter(has_text=re.compile("找到 1 家机构"))).to_be_visible()
    expect(page.get_by_role("radio", name=re.compile(f"^{deployment.hospital().name}"))).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "q"


@BOTH
def test_a_wrong_file_is_named_and_nothing_is_stored(visit, deployment, tmp_path, javascript):
    doctor = deployment.activated_doctor()
    doctor.start()
    page = visit(javascript=javascript)
    page.context.add_cookies([{"name": "yz_session", "value": doctor.api.token, "url": deployment.url}])
    sitter = Sitter(page, deployment.url)
    sitter.open(f"/me/applications/{doctor.application['id']}/materials/photo")
    with refused(page):
        sitter.press("上传")
    shows_errors(page, "请选择要上传的文件")
    wrong = tmp_path / "照片.txt"
    wrong.write_text("no picture")
    page.get_by_label("选择文件").set_input_files(wrong)
    with refused(page):
        sitter.press("上传")
    expect(page.get_by_role("alert")).to_contain_text("有 1 处需要修改")
    assert doctor.reload()["materials"] == []


@BOTH
def test_two_officers_at_one_case_the_second_is_told_and_keeps_the_words(visit, deployment, javascript):
    """Two people decide one case: one outcome, a clear conflict, nothing typed is lost."""
    doctor = deployment.accepted()
    place = deployment.hospital().licence_number
    officer = StaffAtBrowser(
        visit(DESK, javascript=javascript), deployment.url, deployment.cast.of_authority(place, "officer")
    )
    officer.log_in()
    officer.open_case(doctor.application["number"], "decide")
    officer.choose("不予注册", group="您的决定")
    officer.page.get_by_role("group", name="不予注册的原因").get_by_role("checkbox", name="不符合法定条件").check()
    officer.write("说明", "核对档案后认为条件不符")
    deployment.officer().decide(doctor.application["number"], "approve")
    officer.press("不予注册" if javascript else "提交决定")
    expect(officer.page.get_by_role("alert")).to_contain_text("这个办件刚刚由他人处理")
    expect(officer.page.get_by_text("核对档案后认为条件不符").first).to_be_visible()
    doctor.wait_until("EFFECTIVE", "CERT_ISSUED")


@BOTH
def test_a_refusal_needs_reasons_and_is_confirmed_on_a_page_of_its_own(visit, deployment, javascript):
    """行政许可法 art.38: reasons and remedies; ui §7: a confirm page for refusals."""
    doctor = deployment.accepted()
    place = deployment.hospital().licence_number
    officer = StaffAtBrowser(
        visit(DESK, javascript=javascript), deployment.url, deployment.cast.of_authority(place, "officer")
    )
    officer.log_in()
    officer.open_case(doctor.application["number"], "decide")
    officer.choose("不予注册", group="您的决定")
    submit = "不予注册" if javascript else "提交决定"
    with refused(officer.page):
        officer.press(submit)
    expect(officer.page.get_by_role("alert")).to_contain_text("请选择至少一个原因")
    officer.page.get_by_role("group", name="不予注册的原因").get_by_role("checkbox", name="不符合法定条件").check()
    officer.write("说明", "申请的执业范围不在机构的诊疗科目之内")
    officer.press(submit)
    officer.heading("确认“不予注册”")
    expect(officer.page.get_by_text("申请行政复议")).to_be_visible()
    officer.press("确认不予注册")
    expect(officer.page.get_by_role("status").filter(has_text="已作出不予注册决定")).to_be_visible()
    doctor.wait_until("REFUSED")

    applicant = DoctorAtBrowser(visit(javascript=javascript), doctor)
    applicant.page.context.add_cookies([{"name": "yz_session", "value": doctor.api.token, "url": deployment.url}])
    applicant.open(f"/me/applications/{doctor.application['id']}/progress")
    expect(applicant.page.get_by_text("申请的执业范围不在机构的诊疗科目之内").first).to_be_visible()
    expect(applicant.page.get_by_text("申请行政复议")).to_be_visible()


@BOTH
def test_a_supplement_is_told_at_once_and_answered_item_by_item(visit, deployment, tmp_path, javascript):
    """行政许可法 art.32(4): everything that is missing, once; each point leads to its page."""
    doctor = deployment.submitted()
    number, place = doctor.application["number"], deployment.hospital().licence_number
    deployment.clerk().decide(number, "confirm", step="confirm")
    window = StaffAtBrowser(
        visit(DESK, javascript=javascript), deployment.url, deployment.cast.of_authority(place, "window")
    )
    window.log_in()
    window.open_case(number, "receive")
    window.receive_paper()
    window.open_case(number, "accept")
    window.choose("退回补正", group="您的决定")
    asked = window.page.get_by_role("group", name="需要补正的内容")
    asked.get_by_role("checkbox", name="聘用证明缺少机构公章").check()
    window.press("预览通知")
    expect(window.page.get_by_text("您的注册申请需要补正")).to_be_visible()
    window.press("退回补正" if javascript else "提交决定")
    expect(window.page.get_by_role("status").filter(has_text="已告知补正")).to_be_visible()
    doctor.wait_until("SUPPLEMENT")

    page = visit(javascript=javascript)
    page.context.add_cookies([{"name": "yz_session", "value": doctor.api.token, "url": deployment.url}])
    applicant = DoctorAtBrowser(page, doctor)
    applicant.open("/me")
    applicant.follow("补正材料")
    applicant.heading("需要您补正")
    applicant.follow("聘用证明缺少机构公章")
    applicant.heading("聘用证明")
    sealed = tmp_path / "聘用证明（盖章）.pdf"
    sealed.write_bytes(paper("employment proof with seal"))
    page.get_by_label("更换文件").set_input_files(sealed)
    applicant.press("上传")
    applicant.heading("需要您补正")
    applicant.press("提交补正")
    doctor.wait_until("RECEIVED")


@BOTH
def test_an_application_is_withdrawn_after_a_question(visit, deployment, javascript):
    doctor = deployment.submitted()
    doctor.wait_until("ORG_REVIEW")
    page = visit(javascript=javascript)
    page.context.add_cookies([{"name": "yz_session", "value": doctor.api.token, "url": deployment.url}])
    sitter = Sitter(page, deployment.url)
    sitter.open(f"/me/applications/{doctor.application['id']}/progress")
    sitter.follow("撤回申请")
    sitter.heading("是否撤回申请？")
    sitter.press("撤回申请")
    doctor.wait_until("WITHDRAWN")
    page.reload()
    expect(page.get_by_text("已撤回").first).to_be_visible()


def test_a_staff_page_is_closed_to_a_doctor_and_open_after_logging_in(visit, deployment):
    doctor = deployment.doctor()
    page = visit(DESK)
    page.goto(f"{deployment.url}/authority")
    expect(page.get_by_role("heading", name="工作人员登录")).to_be_visible()
    page.context.add_cookies([{"name": "yz_session", "value": doctor.api.token, "url": deployment.url}])
    answer = page.goto(f"{deployment.url}/authority")
    assert answer is not None
    assert answer.status == 403


@BOTH
def test_who_is_not_competent_names_the_right_authority(visit, deployment, javascript):
    """行政许可法 art.32(2), E31."""
    place = next(
        item
        for item in deployment.cast.institutions
        if item.province == "43" and item.authority != deployment.hospital().authority
    )
    doctor = deployment.submitted(place)
    number = doctor.application["number"]
    deployment.clerk(place).decide(number, "confirm", step="confirm")
    deployment.officer("window", place).receive_paper(number)
    window = StaffAtBrowser(
        visit(DESK, javascript=javascript),
        deployment.url,
        deployment.cast.of_authority(place.licence_number, "window"),
    )
    window.log_in()
    window.open_case(number, "accept")
    window.choose("不予受理", group="您的决定")
    window.page.get_by_role("group", name="不予受理的原因").get_by_role("checkbox", name="不属于本机关职权范围").check()
    window.press("不予受理" if javascript else "提交决定")
    window.heading("确认“不予受理”")
    window.press("确认不予受理")
    expect(window.page.get_by_role("alert")).to_contain_text("请选择有权受理的主管部门")
    right = window.page.get_by_role("combobox", name="有权受理的主管部门")
    named = right.locator("option").nth(1).inner_text()
    right.select_option(label=named)
    window.press("不予受理" if javascript else "提交决定")
    window.press("确认不予受理")
    expect(window.page.get_by_role("status").filter(has_text="已作出不予受理决定")).to_be_visible()
    doctor.wait_until("NOT_ACCEPTED")

    page = visit(javascript=javascript)
    page.context.add_cookies([{"name": "yz_session", "value": doctor.api.token, "url": deployment.url}])
    page.goto(f"{deployment.url}/me/applications/{doctor.application['id']}/progress")
    expect(page.get_by_text(f"请向{named}申请。")).to_be_visible()
    expect(page.get_by_text("申请行政复议")).to_be_visible()

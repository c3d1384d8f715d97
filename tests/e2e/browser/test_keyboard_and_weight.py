"""Everything by keyboard, with the focus always in sight; and pages that are light enough for a weak network."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .acting import Sitter, StaffAtBrowser
from .conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_COVERED = """() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const box = focused.getBoundingClientRect();
  if (!box.width || !box.height) return null;
  const top = document.elementFromPoint(box.x + Math.min(box.width, 20) / 2, box.y + box.height / 2);
  if (!top) return 'outside the window: ' + focused.outerHTML.slice(0, 120);
  const row = focused.closest('.optn');
  const same = focused.contains(top) || top.contains(focused) || (row && row === top.closest('.optn'));
  return same ? null : 'covered: ' + focused.outerHTML.slice(0, 120) + ' by ' + top.outerHTML.slice(0, 80);
}"""
#: ui §13.7: what a page of the doctor may weigh, cold and packed.
BUDGET = 45 * 1024


def press_until(page: Page, name: str, *, most: int = 60) -> None:
    """Tab on until the control of that name has the focus; on the way nothing focused may be hidden."""
    wanted = re.compile(f"^{re.escape(name)}")
    for _ in range(most):
        page.keyboard.press("Tab")
        covered = page.evaluate(_COVERED)
        assert covered is None, covered
        for role in ("button", "link", "radio", "checkbox", "textbox", "searchbox"):
            if page.get_by_role(role, name=wanted).and_(page.locator(":focus")).count():  # type: ignore[arg-type]
                return
    raise AssertionError(f"{name} is not reached by keyboard")


def test_a_step_of_the_application_is_filled_in_by_keyboard_alone(visit, deployment):
    """ui §13.6, WCAG 2.1.1 and 2.4.11: the tab bar never covers what is focused."""
    doctor = deployment.activated_doctor()
    doctor.start()
    page = visit(PHONE)
    page.context.add_cookies([{"name": "yz_session", "value": doctor.api.token, "url": deployment.url}])
    page.goto(f"{deployment.url}/me/applications/{doctor.application['id']}/steps/personal")
    for group, answer in (("具有", "具有"), ("适合", "适合"), ("受过", "没有"), ("有", "没有")):
        press_until(page, group)
        page.keyboard.press("Space")
        while not page.get_by_role("radio", name=re.compile(f"^{answer}")).and_(page.locator(":focus")).count():
            page.keyboard.press("ArrowDown")
    press_until(page, "保存并继续")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="用这项资格申请注册吗？")).to_be_visible()


def test_a_decision_is_taken_by_keyboard_alone(visit, deployment):
    doctor = deployment.submitted()
    page = visit(DESK)
    clerk = StaffAtBrowser(page, deployment.url, deployment.cast.clerk_of(deployment.hospital().licence_number))
    clerk.log_in()
    clerk.open_case(doctor.application["number"], "confirm")
    press_until(page, "确认聘用")
    page.keyboard.press("Space")
    press_until(page, "预览通知")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="已确认聘用")).to_be_visible()


def test_the_first_tab_leads_past_the_head_of_the_page(visit, deployment):
    sitter = Sitter(visit(), deployment.url)
    sitter.open("/lookup")
    sitter.page.keyboard.press("Tab")
    expect(sitter.page.get_by_role("link", name="跳到主要内容")).to_be_focused()
    sitter.page.keyboard.press("Enter")
    assert sitter.page.evaluate("document.activeElement.id") == "main"


def test_a_page_of_the_doctor_stays_within_its_weight(visit, deployment):
    """ui §13.7, everything included, htmx too."""
    doctor = deployment.activated_doctor()
    doctor.start()
    page = visit(PHONE)
    page.context.add_cookies([{"name": "yz_session", "value": doctor.api.token, "url": deployment.url}])
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(f"{deployment.url}/me/applications/{doctor.application['id']}/steps/institution", wait_until="load")
    assert 0 < sum(received) <= BUDGET, f"{sum(received) / 1024:.1f} KB"


def test_large_text_and_dark_colours_stay_chosen(visit, deployment):
    """适老化: 大字版 by cookie; it holds on every page, without scripts as well."""
    sitter = Sitter(visit(javascript=False), deployment.url)
    sitter.open("/")
    sitter.press("大字版")
    expect(sitter.page.get_by_role("button", name="标准字号")).to_be_visible()
    sitter.open("/accessibility")
    assert sitter.page.locator("html").get_attribute("data-size") == "large"
    sitter.press("深色")
    assert sitter.page.locator("html").get_attribute("data-theme") == "dark"
    sitter.press("标准字号")
    assert sitter.page.locator("html").get_attribute("data-size") is None


def test_an_idle_reader_is_warned_before_being_logged_out_and_may_stay(visit, deployment):
    """WCAG 2.2.1: no time limit without an extension."""
    doctor = deployment.doctor()
    page = visit(PHONE)
    page.context.add_cookies([{"name": "yz_session", "value": doctor.api.token, "url": deployment.url}])
    page.clock.install()
    page.goto(f"{deployment.url}/me")
    warning = page.get_by_role("alert").filter(has_text="2分钟后将自动退出登录")
    expect(warning).to_be_hidden()
    page.clock.fast_forward("28:01")
    expect(warning).to_be_visible()
    expect(page.get_by_role("button", name="继续使用")).to_be_focused()
    with page.expect_response(lambda response: response.url.endswith("/still-here") and response.status == 204):
        page.keyboard.press("Enter")
    expect(warning).to_be_hidden()


def test_a_form_that_was_sent_too_late_leads_back_to_its_page_after_logging_in(visit, deployment):
    doctor = deployment.activated_doctor()
    doctor.start()
    page = visit(PHONE)
    page.context.add_cookies([{"name": "yz_session", "value": doctor.api.token, "url": deployment.url}])
    step = f"/me/applications/{doctor.application['id']}/steps/scope"
    page.goto(f"{deployment.url}{step}")
    page.context.clear_cookies(name="yz_session")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_role("heading", level=1, name="登录个人端")).to_be_visible()
    sitter = Sitter(page, deployment.url)
    sitter.write("登录名或手机号", doctor.login)
    sitter.write_secret("登录密码", doctor.password)
    sitter.solve_captcha()
    sitter.press("登录")
    expect(page.get_by_role("heading", level=1, name="您申请什么执业范围？")).to_be_visible()

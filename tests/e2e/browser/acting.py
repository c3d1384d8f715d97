"""People at a browser: they find everything by role and Chinese name, as a screen reader's user would."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect

from commands.journey.api import wait_for
from commands.journey.cast import Login
from commands.journey.papers import paper, photo
from commands.journey.people import Doctor, Visitor

PASSWORD = "Correct-horse-7"
_CAPTCHA_COOKIE = "yz_captcha_"


class Sitter:
    """Anybody in front of the site."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self._outbox = Visitor(url)

    def open(self, path: str) -> None:
        """Go to a page by its address."""
        self.page.goto(f"{self.url}{path}")

    def heading(self, name: str) -> None:
        """The page's one h1 says so."""
        expect(self.page.get_by_role("heading", level=1, name=name)).to_be_visible()

    def press(self, name: str) -> None:
        """Press a button by its words."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow a link by its words."""
        self.page.get_by_role("link", name=name).first.click()

    def write(self, label: str, text: str) -> None:
        """Fill a field by its label."""
        self.page.get_by_role("textbox", name=re.compile(f"^{label}")).fill(text)

    def write_secret(self, label: str, text: str) -> None:
        """Fill a password field, which has no role of its own."""
        self.page.get_by_label(re.compile(f"^{label}")).fill(text)

    def choose(self, name: str, *, group: str | None = None) -> None:
        """Choose a radio button or tick a box by how its label begins, within a group where several are alike."""
        within = self.page.get_by_role("group", name=group) if group else self.page
        begins = re.compile(f"^{re.escape(name)}")
        within.get_by_role("radio", name=begins).or_(within.get_by_role("checkbox", name=begins)).first.check()

    def solve_captcha(self) -> None:
        """Read the captcha that the page shows; its answer stands in the local outbox of demo and test."""
        nonce = self.page.locator("input[name=captcha_nonce]").input_value()

        def answer() -> str | None:
            kept = {cookie["name"]: cookie["value"] for cookie in self.page.context.cookies()}
            reference = kept.get(f"{_CAPTCHA_COOKIE}{nonce}")
            if reference is None:
                return None
            entries = self._outbox.api.get("/demo/outbox", channel="captcha", reference=reference)["items"]
            return str(entries[0]["text"]) if entries else None

        self.page.get_by_label("验证码").first.fill(wait_for("the captcha's answer", answer))

    def reload_until(self, what: str, holds: Callable[[], bool]) -> None:
        """Reload the page until something that happens behind it is shown."""

        def look() -> bool | None:
            if holds():
                return True
            self.page.reload()
            return None

        wait_for(what, look, within=40, every=0.3)


class DoctorAtBrowser(Sitter):
    """A candidate who becomes a registered doctor on the pages alone."""

    def __init__(self, page: Page, doctor: Doctor) -> None:
        super().__init__(page, doctor.api.base_url)
        self.doctor = doctor

    def open_account(self) -> None:
        """注册新账号, three steps."""
        candidate = self.doctor.candidate
        self.open("/login")
        self.follow("注册新账号")
        self.heading("身份信息")
        self.write("您的姓名", candidate.name)
        self.write("身份证号", candidate.id_number)
        self.solve_captcha()
        self.choose("我已阅读并同意隐私说明")
        self.press("确定，继续")
        self.heading("联系方式和登录信息")
        self.write("手机号", self.doctor.phone)
        self.write("登录名", self.doctor.login)
        self.write_secret("登录密码", self.doctor.password)
        self.write_secret("确认密码", self.doctor.password)
        self.press("确定，继续")
        self.heading("账户注册成功")
        expect(self.page.get_by_text(self.doctor.login)).to_be_visible()
        self.follow("点击下一步")

    def log_in(self) -> None:
        """登录."""
        if not self.page.url.startswith(f"{self.url}/login"):
            self.open("/login")
        self.write("登录名或手机号", self.doctor.login)
        self.write_secret("登录密码", self.doctor.password)
        self.solve_captcha()
        self.press("登录")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("您好")

    def bind_phone(self) -> None:
        """手机号绑定 with the code from the text message."""
        self.open("/me/phone")
        seen = {entry["id"] for entry in self._texts()}
        self.press("向手机发送校验码")
        expect(self.page.get_by_text("校验码已发送到")).to_be_visible()

        def code() -> str | None:
            fresh = [entry for entry in self._texts() if entry["id"] not in seen]
            found = re.search(r"\d{6}", fresh[0]["text"]) if fresh else None
            return found.group() if found else None

        self.write("校验码", wait_for("the SMS code", code))
        self.press("绑定手机号")

    def activate(self) -> None:
        """激活 by ticket number."""
        self.heading("您拿到纸质医师资格证书了吗？")
        self.choose("未取得纸质医师资格证书")
        self.press("继续")
        self.heading("您的准考证号是多少？")
        self.write("准考证号", self.doctor.candidate.ticket)
        self.press("激活账户")
        self.heading("账户已激活")

    def start(self) -> None:
        """办理条件自查 and 开始办理."""
        self.follow("申请首次注册")
        self.heading("办理条件自查")
        self.press("开始办理")
        self.heading("首次注册")

    def fill_in(self, institution: str, scope: str, start_on: date) -> None:
        """Every step of the form."""
        self.follow("核对个人信息")
        self.heading("请核对您的个人信息")
        self.choose("具有", group="您具有完全民事行为能力吗？")
        self.choose("适合", group="您的健康状况适合执业吗？")
        self.choose("没有", group="您受过刑事处罚吗？")
        self.choose("没有", group="您有法律、行政法规规定的其他不予注册情形吗？")
        self.press("保存并继续")
        self.heading("用这项资格申请注册吗？")
        self.press("保存并继续")
        self.heading("您在哪家机构执业？")
        self.page.get_by_role("searchbox", name="查找机构").fill(institution)
        self.press("查找")
        self.choose(institution)
        self.day("聘用起始日期", start_on)
        self.press("保存并继续")
        self.heading("您申请什么执业范围？")
        self.choose(scope)
        self.press("保存并继续")
        self.heading("上传证明材料")

    def day(self, group: str, value: date) -> None:
        """The three boxes of a date."""
        boxes = self.page.get_by_role("group", name=group)
        for unit, part in (("年", value.year), ("月", value.month), ("日", value.day)):
            boxes.get_by_role("textbox", name=unit).fill(str(part))

    def upload(self, folder: Path) -> None:
        """Every file that is asked for, one page each."""
        portrait, proof = folder / "照片.jpg", folder / "聘用证明.pdf"
        portrait.write_bytes(photo())
        proof.write_bytes(paper("employment proof"))
        for name, file in (("近期免冠照片", portrait), ("聘用证明", proof)):
            self.page.get_by_role("link", name=name, exact=True).click()
            self.heading(name)
            self.page.get_by_label("选择文件").set_input_files(file)
            self.press("上传")
            self.heading("上传证明材料")
            expect(self.page.get_by_text(file.name)).to_be_visible()
        self.press("继续")
        self.heading("核对并提交")

    def submit(self) -> str:
        """承诺并提交申请; the number of the application."""
        self.choose("我已核对以上信息")
        self.press("承诺并提交申请")
        self.heading("申请已提交")
        heading = self.page.get_by_role("heading", name="办件编号").inner_text()
        self.follow("查看办理进度")
        return heading.split()[-1]

    def _texts(self) -> list[dict[str, str]]:
        entries: list[dict[str, str]] = self._outbox.api.get("/demo/outbox", channel="sms")["items"]
        return [entry for entry in entries if entry["to"].endswith(self.doctor.phone[-4:])]


class StaffAtBrowser(Sitter):
    """A clerk, the window, an officer or the exam centre's operator."""

    def __init__(self, page: Page, url: str, login: Login) -> None:
        super().__init__(page, url)
        self.login = login

    def log_in(self) -> None:
        """登录 at the staff entry."""
        self.open("/staff/login")
        self.write("登录名", self.login.login)
        self.write_secret("登录密码", self.login.password)
        self.solve_captcha()
        self.press("登录")
        expect(self.page.get_by_role("button", name="退出")).to_be_visible()

    def open_case(self, number: str, tab: str) -> None:
        """Find a case in the queue by the applicant's number and open it."""
        path = "/institution" if self.login.role == "clerk" else f"/authority?tab={tab}"
        self.open(path)
        row = self.page.get_by_role("row").filter(has_text=number)
        self.reload_until(f"{number} in {tab}", lambda: row.count() > 0)
        row.get_by_role("link").first.click()
        expect(self.page.get_by_text(number).first).to_be_visible()

    def decide(self, decision: str, *, scripted: bool = True) -> None:
        """Choose a decision without reasons, and press the button that names it."""
        self.choose(decision, group="您的决定")
        self.press(decision if scripted else "提交决定")

    def receive_paper(self) -> None:
        """接收纸质材料, every paper of the list."""
        self.follow("接收纸质材料")
        self.heading("接收纸质材料")
        for box in self.page.get_by_role("group", name="收到的材料").get_by_role("checkbox").all():
            box.check()
        self.press("确认收到")
        expect(self.page.get_by_role("status").filter(has_text="已接收纸质材料")).to_be_visible()

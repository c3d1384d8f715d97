"""Any kind of business at the browser: chosen, filled in page by page, submitted, confirmed and decided."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from commands.journey.api import wait_for
from commands.journey.cast import Organisation
from commands.journey.papers import paper, photo
from commands.journey.people import Doctor, Staff
from services.gateway import view_models as words
from services.sync.domain.result_file import COLUMNS
from shared.trade.codes import ExamCode, TicketNumber
from tests.support.deployment import Deployment

from .acting import DoctorAtBrowser, Sitter
from .conftest import DESK

SESSION = "yz_session"


@dataclass
class Answers:
    """What the pages of a form are answered with, where they ask."""

    institution: str = ""
    scopes: tuple[str, ...] = ("内科专业",)
    today: date = field(default_factory=date.today)
    old_ends: str = "知道并同意"


class ApplicantAtBrowser(DoctorAtBrowser):
    """A registered physician who goes on with other business on the pages."""

    def __init__(self, page: Page, doctor: Doctor, folder: Path) -> None:
        super().__init__(page, doctor)
        self._folder = folder
        page.context.add_cookies([{"name": SESSION, "value": str(doctor.api.token), "url": self.url}])

    def choose_business(self, official: str, kind: str = "", about: str = "") -> None:
        """业务选择, which kind, on which registration or filing, 办理条件自查, 开始办理."""
        self.open("/me/business")
        self.page.get_by_role("link", name=official, exact=True).click()
        if kind:
            self.page.get_by_role("link", name=kind, exact=True).click()
        if about:
            self.choose(about)
            self.press("查看办理条件")
        self.heading("办理条件自查")
        for condition in self.page.get_by_role("heading", name="已经符合").all():
            expect(condition).to_be_visible()
        self.press("开始办理")
        expect(self.page.get_by_role("heading", name="任务清单")).to_be_attached()

    def fill_in_all(self, answers: Answers) -> None:
        """Every page in its order, whatever the kind asks; then 核对并提交."""
        self.page.get_by_role("link", name=re.compile("^继续：")).first.click()
        pages: dict[str, Callable[[Answers], None]] = {
            "personal": self._declare,
            "institution": self._institution,
            "scope": self._scope,
            "term": self._term,
            "service": self._service,
            "leaving": self._leaving,
            "ending_day": self._ending_day,
            "ending": self._ending,
        }
        for _page in range(12):
            step = self.page.url.rstrip("/").rpartition("/")[2]
            if step == "check":
                break
            if step == "materials":
                self._upload_all()
                self.press("继续")
                continue
            pages.get(step, lambda _answers: None)(answers)
            self.press("保存并继续")
            expect(self.page.get_by_role("alert")).to_have_count(0)
        self.heading("核对并提交")

    def _declare(self, answers: Answers) -> None:
        if self.page.get_by_role("group", name="您具有完全民事行为能力吗？").count() == 0:
            return
        self.choose("具有", group="您具有完全民事行为能力吗？")
        self.choose("适合", group="您的健康状况适合执业吗？")
        self.choose("没有", group="您受过刑事处罚吗？")
        self.choose("没有", group="您有法律、行政法规规定的其他不予注册情形吗？")

    def _institution(self, answers: Answers) -> None:
        self.page.get_by_role("searchbox", name="查找机构").fill(answers.institution)
        self.press("查找")
        self.choose(answers.institution)
        if self.page.get_by_role("group", name="聘用起始日期").count():
            self.day("聘用起始日期", answers.today)

    def _scope(self, answers: Answers) -> None:
        for box in self.page.get_by_role("group", name="执业范围").get_by_role("checkbox").all():
            box.uncheck()
        for scope in answers.scopes:
            self.choose(scope)

    def _term(self, answers: Answers) -> None:
        self.day("备案开始日期", answers.today)
        self.day("备案结束日期", answers.today + timedelta(days=300))
        for scope in answers.scopes:
            self.choose(scope)

    def _service(self, answers: Answers) -> None:
        self.day("退出现役的日期", answers.today - timedelta(days=60))
        self.write("证明文件的编号", "转字第1号")

    def _leaving(self, answers: Answers) -> None:
        self.day("离开现在机构的日期", answers.today)

    def _ending_day(self, answers: Answers) -> None:
        self.day("备案的最后一天", answers.today + timedelta(days=10))

    def _ending(self, answers: Answers) -> None:
        self.choose(answers.old_ends)

    def _upload_all(self) -> None:
        """Every file that has to be there, and the proofs of training."""
        portrait, proof = self._folder / "照片.jpg", self._folder / "证明.pdf"
        portrait.write_bytes(photo())
        proof.write_bytes(paper("proof"))
        names = [
            row.get_by_role("link").inner_text()
            for row in self.page.get_by_role("main").get_by_role("listitem").all()
            if row.get_by_text("未上传", exact=True).count() or row.get_by_role("link", name="培训考核合格证明").count()
        ]
        for name in names:
            self.page.get_by_role("main").get_by_role("link", name=name, exact=True).click()
            self.page.get_by_label("选择文件").set_input_files(portrait if "照片" in name else proof)
            self.press("上传")
            expect(self.page.get_by_text("已上传").first).to_be_visible(timeout=20_000)


class DeskAtBrowser(Sitter):
    """A member of staff whose session is there already."""

    def __init__(self, page: Page, staff: Staff) -> None:
        super().__init__(page, staff.api.base_url)
        self.staff = staff
        page.context.add_cookies([{"name": SESSION, "value": str(staff.api.token), "url": self.url}])

    def open_case(self, number: str, *, clerk: bool) -> None:
        """The page of the case that waits for this person."""
        task = self.staff.task_of(number)
        self.open(f"/{'institution' if clerk else 'authority'}/cases/{task['case_id']}")
        expect(self.page.get_by_text(number).first).to_be_visible()

    def decide(self, decision: str) -> None:
        """Choose a decision and press the button that names it; what ends a registration is confirmed once more."""
        self.choose(decision, group="您的决定")
        self.press(decision)
        confirm = self.page.get_by_role("button", name=f"确认{decision}", exact=True)
        if self.page.get_by_role("heading", level=1, name=f"确认“{decision}”").count():
            confirm.click()


@dataclass
class Stage:
    """A deployment with a function that opens watched browsers."""

    deployment: Deployment
    visit: Callable[..., Page]
    folder: Path

    def applicant(self, doctor: Doctor) -> ApplicantAtBrowser:
        """A physician in front of the pages."""
        return ApplicantAtBrowser(self.visit(), doctor, self.folder)

    def registered(self, place: Organisation | None = None, **wanted: str) -> Doctor:
        """Somebody who has a registration at an institution."""
        doctor = self.deployment.accepted(place, **wanted)
        self.deployment.officer(place=place).decide(doctor.application["number"], "approve")
        doctor.wait_until("CERT_ISSUED", "EFFECTIVE")
        return doctor

    def answers(self, place: Organisation | None = None, *scopes: str) -> Answers:
        """Ordinary answers of today."""
        here = (place or self.deployment.hospital()).name
        return Answers(here, scopes or ("内科专业",), self.deployment.today())

    def decided(self, number: str, named: dict[str, str], place: Organisation | None = None) -> None:
        """Confirmed by the institution, received and accepted by the window, approved by an officer."""
        self.confirmed(number, named, place)
        self.received(number, place)
        self.approved(number, named, place)

    def confirmed(self, number: str, named: dict[str, str], place: Organisation | None = None) -> None:
        """The institution confirms, on the page of the case."""
        clerk = DeskAtBrowser(self.visit(DESK), self.deployment.clerk(place))
        clerk.open_case(number, clerk=True)
        clerk.decide(words.word_of(named, "decision", "confirm"))
        done = words.word_of(named, "done", "confirm")
        expect(clerk.page.get_by_role("status").filter(has_text=done)).to_be_visible()

    def released(self, number: str, place: Organisation | None = None) -> None:
        """The institution that is left agrees, then its authority, each on its own page of the case."""
        for staff, is_clerk in ((self.deployment.clerk(place), True), (self.deployment.officer(place=place), False)):
            asked = DeskAtBrowser(self.visit(DESK), staff)
            asked.open_case(number, clerk=is_clerk)
            expect(asked.page.get_by_text("等待答复")).to_be_visible()
            asked.decide("同意")
            expect(asked.page.get_by_role("status").filter(has_text="已答复同意")).to_be_visible()

    def received(self, number: str, place: Organisation | None = None) -> None:
        """The window takes in the paper file and accepts."""
        window = self.deployment.officer("window", place)
        window.receive_paper(number)
        window.decide(number, "accept", step="accept")

    def approved(self, number: str, named: dict[str, str], place: Organisation | None = None) -> None:
        """Approved by an officer on the page of the case, which shows what changes."""
        officer = DeskAtBrowser(self.visit(DESK), self.deployment.officer(place=place))
        officer.open_case(number, clerk=False)
        if named["type"] not in ("REG", "MIL_IN"):
            expect(officer.page.get_by_role("heading", name="变更内容")).to_be_visible()
        officer.decide(words.word_of(named, "decision", "approve"))
        done = words.word_of(named, "done", "approve")
        expect(officer.page.get_by_role("status").filter(has_text=done)).to_be_visible()


def passed_also(deployment: Deployment, doctor: Doctor, exam_code: str, folder: Path, year: int) -> dict[str, Any]:
    """The same person passes another exam in a later year; the qualification once it is published."""
    with deployment.cohort.open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["id_number"] == doctor.candidate.id_number)
    code = ExamCode.parse(exam_code)
    ticket = TicketNumber.compose(
        region=row["region"], site=int(row["site"]), year=year, code=code, serial=int(doctor.candidate.id_number[14:17])
    ).value
    most = "600" if code.level.is_licensed else "300"
    later = row | {
        "year": str(year),
        "ticket": ticket,
        "practical_ticket": f"{ticket[:9]}1{ticket[9:]}",
        "exam_code": exam_code,
        "practical_score": "80.0",
        "practical_result": "pass",
        "comprehensive_score": str(int(most) - 100),
        "line": "NATIONAL",
        "line_score": str(int(most) * 6 // 10),
        "result": "pass",
    }
    path = folder / f"later-{exam_code}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerow({name: later[name] for name in COLUMNS})
    examiner = deployment.examiner()
    batch = examiner.deliver_results(path.read_bytes(), year, 1)
    wait_for(
        "the import",
        lambda: examiner.api.get(f"/exam-batches/{batch['id']}")["state"] == "UPDATED" or None,
        within=60,
    )
    examiner.publish_results(str(batch["id"]), year, 1)

    def known() -> dict[str, Any] | None:
        doctor.api.post("/me/qualification-check")
        found = doctor.api.get("/me")["qualifications"]
        return next((item for item in found if f"{item['level']}{item['category']}" == exam_code), None)

    return wait_for("the second qualification", known, within=60)

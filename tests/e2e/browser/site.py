"""Every page of the site with somebody who may see it, at a moment at which it has something to show."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

from commands.exam_cohort.generator import generate
from commands.journey.api import wait_for
from commands.journey.people import Doctor, Staff
from tests.support.deployment import Deployment

PUBLIC = (
    "/",
    "/guide",
    "/guide/first-registration",
    "/guide/offline/1",
    "/guide/offline/2",
    "/calendar",
    "/lookup",
    "/verify",
    "/verify/UNKNOWN123",
    "/help",
    "/privacy",
    "/accessibility",
    "/login",
    "/staff/login",
    "/logged-out",
    "/signup",
    "/signup/other-document",
    "/signup/done",
    "/demo/outbox",
    "/no-such-page",
)
NOT_ACTIVATED = (
    "/me",
    "/me/recognition",
    "/me/ticket",
    "/me/phone",
    "/me/activation",
    "/me/activation/ticket",
    "/me/activation/certificate_code",
    "/me/paper-certificate",
)


@dataclass
class Site:
    """Addresses by who reads them."""

    pages: dict[str, list[str]] = field(default_factory=dict)
    tokens: dict[str, str | None] = field(default_factory=dict)

    def sit_down(self, page: Page, reader: str, url: str) -> None:
        """Give the browser the session of a reader."""
        token = self.tokens[reader]
        if token:
            page.context.add_cookies([{"name": "yz_session", "value": token, "url": url}])


def made(deployment: Deployment, folder: Path) -> Site:
    """Cases in every stage, and the addresses of all pages about them."""
    site = Site({"public": list(PUBLIC)}, {"public": None})
    newcomer = deployment.doctor()
    _add(site, "newcomer", newcomer, NOT_ACTIVATED)
    drafting = deployment.drafted()
    mine = f"/me/applications/{drafting.application['id']}"
    steps = ("personal", "qualification", "institution", "institution?q=医院", "scope", "materials")
    _add(
        site,
        "drafting",
        drafting,
        (
            "/me",
            "/me/activated",
            "/me/business",
            "/me/business/REG",
            "/me/applications",
            "/me/account",
            "/me/messages",
            "/me/certificates",
            mine,
            *(f"{mine}/steps/{step}" for step in steps),
            f"{mine}/materials/photo",
            f"{mine}/check",
        ),
    )
    clerk, window, officer = deployment.clerk(), deployment.officer("window"), deployment.officer()
    waiting = deployment.submitted()
    applied = f"/me/applications/{waiting.application['id']}"
    _add(site, "applicant", waiting, (f"{applied}/submitted", f"{applied}/progress", f"{applied}/withdrawal", "/me"))
    task = clerk.task_of(waiting.application["number"])
    _add(site, "clerk", clerk, ("/institution", "/institution/done", f"/institution/cases/{task['case_id']}"))
    _add(site, "window", window, _at_the_window(deployment, clerk, window))
    supplementing = _supplementing(deployment, clerk, window)
    asked = f"/me/applications/{supplementing.application['id']}"
    _add(site, "supplementing", supplementing, (f"{asked}/supplement", f"{asked}/progress", "/me"))
    accepted = deployment.accepted()
    decided = officer.task_of(accepted.application["number"])
    _add(
        site,
        "officer",
        officer,
        ("/authority", "/authority?tab=done_today", "/authority/done", f"/authority/cases/{decided['case_id']}"),
    )
    registered = deployment.accepted()
    officer.decide(registered.application["number"], "approve")
    certificate, _document = registered.certificate()
    _add(
        site,
        "registered",
        registered,
        ("/me", f"/me/certificates/{certificate['id']}", "/me/seniority", "/me/messages", "/me/access-log"),
    )
    site.pages["public"].append(f"/verify/{certificate['check_code']}")
    examiner = deployment.examiner()
    batch, held = _with_held_rows(examiner, folder)
    _add(
        site,
        "examiner",
        examiner,
        ("/exam-centre", f"/exam-centre/batches/{batch}", "/exam-centre/gates", "/exam-centre/quarantine", held),
    )
    return site


def _add(site: Site, reader: str, person: Doctor | Staff, pages: tuple[str, ...]) -> None:
    site.pages[reader] = list(pages)
    site.tokens[reader] = person.api.token


def _at_the_window(deployment: Deployment, clerk: Staff, window: Staff) -> tuple[str, ...]:
    coming = deployment.submitted()
    clerk.decide(coming.application["number"], "confirm")
    paper = window.task_of(coming.application["number"])["case_id"]
    here = deployment.submitted()
    clerk.decide(here.application["number"], "confirm")
    window.receive_paper(here.application["number"])
    accept = window.task_of(here.application["number"])["case_id"]
    return (
        "/authority",
        "/authority?tab=receive",
        f"/authority/cases/{paper}?tab=receive",
        f"/authority/cases/{paper}/paper",
        f"/authority/cases/{accept}?tab=accept",
    )


def _with_held_rows(examiner: Staff, folder: Path) -> tuple[str, str]:
    """A batch with defects of every kind, and the page of one row that waits for a person."""
    year, file = 2022, folder / "defects.csv"
    generate(400, seed=31, year=year).write(file)
    batch = examiner.deliver_results(file.read_bytes(), year, 1)
    wait_for(
        "the import",
        lambda: examiner.api.get(f"/exam-batches/{batch['id']}")["state"] == "UPDATED" or None,
        within=60,
    )
    row = examiner.api.get("/quarantine")["items"][0]
    return str(batch["id"]), f"/exam-centre/quarantine/{row['id']}"


def _supplementing(deployment: Deployment, clerk: Staff, window: Staff) -> Doctor:
    doctor = deployment.submitted()
    number = doctor.application["number"]
    clerk.decide(number, "confirm")
    window.receive_paper(number)
    window.decide(number, "supplement", ("employment_proof_missing_seal", "employment_proof"), step="accept")
    doctor.wait_until("SUPPLEMENT")
    return doctor

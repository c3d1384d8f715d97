"""The people of a journey: a doctor who opens an account and applies, staff who decide, and anybody who looks."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .api import Api, ApiProblem, wait_for
from .papers import paper, photo

PASSWORD_TAIL = "Aa1!"  # noqa: S105  # makes any random text fit the rule of three classes


@dataclass(frozen=True)
class Candidate:
    """Somebody of the example cohort who passed the exam."""

    name: str
    id_number: str
    ticket: str
    level: str
    category: str
    region: str


class Visitor:
    """Anybody with a browser."""

    def __init__(self, base_url: str, *, client: type[Api] = Api) -> None:
        self.api = client(base_url)

    def captcha(self) -> dict[str, Any]:
        """Solve a real captcha: its answer stands in the local outbox of demo and test."""
        captcha = self.api.post("/captchas")

        def answer() -> str | None:
            entries = self.api.get("/demo/outbox", channel="captcha", reference=captcha["id"])["items"]
            return str(entries[0]["text"]) if entries else None

        return {"captcha_id": captcha["id"], "captcha_answer": wait_for("the captcha's answer", answer)}

    def find_physician(self, name: str, province: str) -> list[dict[str, Any]]:
        """The public search."""
        found = self.api.post("/public/physician-searches", {"name": name, "province": province, **self.captcha()})
        items: list[dict[str, Any]] = found["items"]
        return items

    def check_certificate(self, check_code: str) -> dict[str, Any]:
        """What the QR code of a certificate leads to."""
        answer: dict[str, Any] = self.api.get(f"/public/certificates/{check_code}")
        return answer


class Staff(Visitor):
    """Somebody who works for an institution, an authority or the exam centre."""

    def __init__(self, base_url: str, login: str, password: str, *, client: type[Api] = Api) -> None:
        super().__init__(base_url, client=client)
        self.login = login
        self._password = password

    def log_in(self) -> None:
        """Open a session."""
        session = self.api.post("/sessions", {"login": self.login, "password": self._password, **self.captcha()})
        self.api.token = session["session_token"]

    def task_of(self, application_number: str, *, within: float = 30.0) -> dict[str, Any]:
        """The open task of an application that this person may act on; waits until it is there."""

        def look() -> dict[str, Any] | None:
            items = self.api.get("/tasks", number=application_number)["items"]
            return next((item for item in items if item["step"] != "await_supplement"), None)

        return wait_for(f"a task of {application_number} for {self.login}", look, within=within)

    def decide(
        self,
        application_number: str,
        action: str,
        *reasons: tuple[str, ...],
        note: str = "",
        step: str | None = None,
        right_authority: str | None = None,
    ) -> dict[str, Any]:
        """Claim the task of an application and act on it; the case afterwards.

        A reason is a code, its target and, where words are wanted, a note; `right_authority` names who is competent
        instead (不予受理).
        """
        task = self.task_of(application_number)
        if step is not None and task["step"] != step:
            task = wait_for(
                f"the step {step} of {application_number}",
                lambda: (lambda found: found if found["step"] == step else None)(self.task_of(application_number)),
            )
        case = self.api.post(f"/tasks/{task['task_id']}/claim")
        decided: dict[str, Any] = self.api.post(
            f"/tasks/{task['task_id']}/decision",
            {
                "action": action,
                "reasons": [dict(zip(("code", "target", "note"), reason, strict=False)) for reason in reasons],
                "note": note,
                "right_authority_id": right_authority,
            },
            version=case["version"],
        )
        return decided

    def deliver_results(self, content: bytes, year: int, round_: int) -> dict[str, Any]:
        """Hand over a result file as the exam centre does; the batch that works through it."""
        batch: dict[str, Any] = self.api.request(
            "POST",
            "/exam-batches",
            params={"year": year, "round": round_},
            data=content,
            headers={"Content-Type": "text/csv"},
        )
        return batch

    def publish_results(self, batch_id: str, year: int, round_: int) -> dict[str, Any]:
        """Open every region's gate and publish; the batch once all is published."""
        self.api.post("/gates", {"region": "*", "year": year, "round": round_})
        batch = self.api.get(f"/exam-batches/{batch_id}")
        self.api.post(f"/exam-batches/{batch_id}/publication", version=batch["version"])

        def published() -> dict[str, Any] | None:
            now: dict[str, Any] = self.api.get(f"/exam-batches/{batch_id}")
            return now if now["state"] == "PUBLISHED" else None

        return wait_for("the publication", published, within=300, every=0.1)

    def receive_paper(self, application_number: str) -> dict[str, Any]:
        """Take in the whole paper file at the window."""
        task = self.task_of(application_number)
        case = self.api.get(f"/cases/{task['case_id']}")
        received: dict[str, Any] = self.api.post(
            f"/cases/{task['case_id']}/paper-receipts",
            {"received": case["paper_materials"]},
            version=case["version"],
        )
        return received


class Doctor(Visitor):
    """A candidate on the way to a registered doctor."""

    def __init__(
        self, base_url: str, candidate: Candidate, *, phone: str | None = None, client: type[Api] = Api
    ) -> None:
        super().__init__(base_url, client=client)
        self.candidate = candidate
        self.phone = phone or f"139{secrets.randbelow(10**8):08d}"
        self.login = "d" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(11))
        self.password = secrets.token_urlsafe(9) + PASSWORD_TAIL
        self.application: dict[str, Any] = {}

    def open_account(self) -> dict[str, Any]:
        """Sign up in two steps; `ApiProblem` of code `already_registered` where the ID has an account."""
        identity = self.api.post(
            "/signups",
            {
                "name": self.candidate.name,
                "id_number": self.candidate.id_number,
                "consent_version": "1",
                **self.captcha(),
            },
        )
        opened: dict[str, Any] = self.api.post(
            "/signups/account",
            {
                "signup_token": identity["signup_token"],
                "phone": self.phone,
                "login_name": self.login,
                "password": self.password,
            },
        )
        return opened

    def log_in(self) -> None:
        """Open a session."""
        session = self.api.post("/sessions", {"login": self.login, "password": self.password, **self.captcha()})
        self.api.token = session["session_token"]

    def be_recognised(self) -> dict[str, Any]:
        """The automatic check; who is not found updates by ticket number."""
        me: dict[str, Any] = self.api.post("/me/qualification-check")
        if me["state"] == "UNMATCHED":
            me = self.api.post("/me/qualification-update", {"ticket": self.candidate.ticket})
        return me

    def bind_phone(self) -> dict[str, Any]:
        """Ask for a code, read it where the SMS would arrive, enter it."""
        seen = {entry["id"] for entry in self._texts()}
        self.api.post("/sms-codes")

        def code() -> str | None:
            fresh = [entry for entry in self._texts() if entry["id"] not in seen]
            digits = [word for word in _numbers(fresh[0]["text"]) if len(word) == 6] if fresh else []
            return digits[0] if digits else None

        me: dict[str, Any] = self.api.post("/me/phone", {"code": wait_for("the SMS code", code)})
        return me

    def activate(self) -> dict[str, Any]:
        """Prove the qualification by ticket number: the paper certificate comes months later."""
        me: dict[str, Any] = self.api.post("/me/activation", {"route": "ticket", "proof": self.candidate.ticket})
        return me

    def enter_paper_certificate(self) -> dict[str, Any]:
        """Enter the code of the paper certificate, for which some provinces wait (domain §6.4)."""
        me: dict[str, Any] = self.api.post("/me/paper-certificate", {"code": self.qualification()["code"]})
        return me

    def qualification(self) -> dict[str, Any]:
        """The qualification that this journey is about."""
        found: list[dict[str, Any]] = self.api.get("/me")["qualifications"]
        return next(
            item
            for item in found
            if item["level"] == self.candidate.level and item["category"] == self.candidate.category
        )

    def readiness(self, institution_id: str | None = None) -> dict[str, Any]:
        """The readiness card of a first registration."""
        card: dict[str, Any] = self.api.get(
            "/business-types/REG/readiness",
            qualification_id=self.qualification()["id"],
            institution_id=institution_id,
        )
        return card

    def start(self) -> dict[str, Any]:
        """Begin the draft."""
        self.application = self.api.post(
            "/applications", {"type": "REG", "sub_kind": "FIRST", "qualification_id": self.qualification()["id"]}
        )
        return self.application

    def fill_in(self, institution_id: str, scopes: list[str], start_on: date) -> dict[str, Any]:
        """Answer every step of the form."""
        steps = self._business_type()["steps"]
        answers = {
            "institution_id": institution_id,
            "start_on": start_on.isoformat(),
            "photo_taken_on": (start_on - timedelta(days=30)).isoformat(),
            "health_check_on": (start_on - timedelta(days=30)).isoformat(),
            "scopes": scopes,
            "full_capacity": True,
            "health_fit": True,
        }
        for step in steps:
            values = {
                field["name"]: answers.get(field["name"], False if field["kind"] == "boolean" else None)
                for field in step["fields"]
                if field["kind"] != "locked"
            }
            values = {name: value for name, value in values.items() if value is not None}
            if step["fields"]:
                self._change("PATCH", "", json={"step": step["name"], "values": values})
        return self.application

    def upload(self) -> dict[str, Any]:
        """Add every material that the application asks for as a file."""
        for material in self._business_type()["materials"]:
            if material["required"] and material["media_types"]:
                self.upload_one(material["kind"], material["media_types"])
        return self.application

    def upload_one(self, kind: str, media_types: list[str]) -> dict[str, Any]:
        """Add one material."""
        as_pdf = "application/pdf" in media_types
        self._change(
            "PUT",
            f"/materials/{kind}",
            data=paper(kind) if as_pdf else photo(),
            headers={
                "Content-Type": "application/pdf" if as_pdf else "image/jpeg",
                "Content-Disposition": f'attachment; filename="{kind}.{"pdf" if as_pdf else "jpg"}"',
            },
        )
        return self.application

    def submit(self, *, key: str | None = None) -> dict[str, Any]:
        """Declare the truth and submit."""
        self._change("POST", "/submission", json={"declaration": True}, key=key)
        return self.application

    def supplement(self, note: str = "") -> dict[str, Any]:
        """Hand in what was asked for."""
        self.reload()
        self._change("POST", "/supplements", json={"note": note})
        return self.application

    def withdraw(self, reason: str = "") -> dict[str, Any]:
        """Take the application back."""
        timeline = self.timeline()
        answer: dict[str, Any] = self.api.post(
            f"/applications/{self.application['id']}/withdrawal", {"reason": reason}, version=timeline["case_version"]
        )
        return answer

    def timeline(self) -> dict[str, Any]:
        """What happened so far."""
        found: dict[str, Any] = self.api.get(f"/applications/{self.application['id']}/timeline")
        return found

    def reload(self) -> dict[str, Any]:
        """The application as it is now."""
        self.application = self.api.get(f"/applications/{self.application['id']}")
        return self.application

    def wait_until(self, *states: str, within: float = 30.0) -> dict[str, Any]:
        """Wait until the application is in one of these states."""
        return wait_for(
            f"{self.application.get('number')} to become {' or '.join(states)}",
            lambda: self.application if self.reload()["state"] in states else None,
            within=within,
        )

    def certificate(self, *, within: float = 60.0) -> tuple[dict[str, Any], bytes]:
        """The certificate and its document, as soon as it is rendered."""

        def document() -> tuple[dict[str, Any], bytes] | None:
            items = self.api.get("/me/certificates")["items"]
            if not items:
                return None
            content = self.api.get(f"/certificates/{items[0]['id']}.pdf")
            return (items[0], content) if isinstance(content, bytes) else None

        return wait_for("the certificate's document", document, within=within, every=0.2)

    def messages(self) -> list[dict[str, Any]]:
        """The doctor's messages, newest first."""
        items: list[dict[str, Any]] = self.api.get("/me/messages", limit=100)["items"]
        return items

    def _change(self, method: str, path: str, **options: Any) -> None:
        self.application = self.api.request(
            method, f"/applications/{self.application['id']}{path}", version=self.application["version"], **options
        )

    def _business_type(self) -> dict[str, Any]:
        types: list[dict[str, Any]] = self.api.get("/business-types")["items"]
        return next(item for item in types if item["type"] == "REG")

    def _texts(self) -> list[dict[str, Any]]:
        entries = self.api.get("/demo/outbox", channel="sms", limit=200)["items"]
        return [entry for entry in entries if str(entry["to"]).endswith(self.phone[-4:])]


def _numbers(text: str) -> list[str]:
    return "".join(letter if letter.isdecimal() else " " for letter in text).split()


def is_taken(problem: ApiProblem) -> bool:
    """Whether a candidate has an account already."""
    return problem.code == "already_registered"

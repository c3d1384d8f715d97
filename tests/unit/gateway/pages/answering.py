"""Pages whose services answer what a test wants: real descriptions and views of `applications`, no bus, no database."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from services.applications import views
from services.applications.domain.application import Application
from services.applications.domain.business import BusinessKind, sub_kinds
from services.applications.domain.effect import Opening
from services.applications.domain.filing import Filing
from services.applications.domain.register import Registration
from services.gateway import cookies
from shared.trade.levels import Level
from shared.trade.statuses import ApplicationState, BusinessType
from tests.unit.applications.factories import (
    INSTITUTION,
    PERSON,
    QUALIFICATION,
    TODAY,
    a_material,
    a_pin,
    a_qualification,
    a_standing,
    an_application,
    an_institution,
    numbered,
    policy,
)

REGISTRATION, FILING, FURTHER = numbered(0xF1), numbered(0xF2), numbered(0xF3)
CASE = numbered(0xF5)


def knobs(kind: BusinessKind) -> dict[str, Any]:
    """What Hunan's policy says to a form and its list of materials."""
    return policy(division="43") | policy(kind, division="43")


class AnsweringBus:
    """The bus of a deployment whose services answer from a table; it keeps what each was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, Any] = {path.replace("__", "."): answer for path, answer in answers.items()}
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def bus_for(self, context: Any) -> AnsweringBus:
        return self

    def call(self, contract: Any, command: Any = None, **options: Any) -> Any:
        self.asked.append((contract.path, dict(command or {})))
        answer = self.answers[contract.path]
        if isinstance(answer, Exception):
            raise answer
        return answer(command) if callable(answer) else answer

    def commands(self, path: str) -> list[dict[str, Any]]:
        """What was asked of one method."""
        return [command for asked, command in self.asked if asked == path]


def signed_in(app: Flask, bus: AnsweringBus, role: str = "physician") -> FlaskClient:
    """The browser of somebody who is signed in."""
    kind = "person" if role == "physician" else "staff"
    bus.answers.setdefault("accounts.renew_context", {"kind": kind, "role": role, "token": "signed"})
    bus.answers.setdefault("accounts.me", an_account() if kind == "person" else a_member_of_staff())
    bus.answers.setdefault("applications.business_types", business_types())
    bus.answers.setdefault("applications.documents", {"items": []})
    app.extensions["yizhu.bus"] = bus
    client = app.test_client()
    client.set_cookie(cookies.SESSION, f"secret-of-the-{role}")
    return client


def send(client: FlaskClient, page: str, values: dict[str, Any], *, to: str | None = None) -> Any:
    """Fill in the form of a page and send it, with the hidden fields that the page gave it."""
    target = to or page
    return client.post(target, data={**hidden(client.get(page).text, target), **values})


def hidden(shown: str, target: str) -> dict[str, str]:
    """The hidden fields of the form that leads to an address."""
    forms = [unescape(form) for form in re.findall(r"<form .*?</form>", shown, flags=re.S)]
    form = next(form for form in forms if f'action="{target}"' in form)
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def an_account(**changed: Any) -> dict[str, Any]:
    """The account of person B, activated, with one qualification."""
    qualification = {
        "id": QUALIFICATION,
        "code": "2026431104301************49",
        "year": 2026,
        "region": "43",
        "level": "1",
        "category": "10",
        "area": "NATIONAL",
        "published_on": date(2026, 11, 19),
        "status": "published",
        "education": "bachelor",
        "school": "示例医学院",
        "major": "临床医学",
    }
    return {
        "account_id": numbered(1),
        "kind": "person",
        "role": "physician",
        "state": "ACTIVATED",
        "name": "沈若溪",
        "login_name": "shenruoxi",
        "person_id": PERSON,
        "masked_id": "4301************49",
        "masked_phone": "138****0001",
        "masked_email": "",
        "sex": "female",
        "next_step": "none",
        "qualifications": [qualification],
        "organisation": None,
        **changed,
    }


def a_member_of_staff() -> dict[str, Any]:
    """Somebody who works for the example hospital or its authority."""
    return {"name": "陈敏", "organisation": {"id": INSTITUTION, "kind": "institution", "name": "示例区人民医院"}}


def business_types() -> dict[str, Any]:
    """The description of all nine, as the service gives it in Hunan."""
    items = [views.business_type(name, [(kind, knobs(kind)) for kind in sub_kinds(name)]) for name in BusinessType]
    return {"items": items}


def a_registration(level: Level = Level.LICENSED, **standing: Any) -> Registration:
    """A registration in force at the example hospital."""
    place = "430102" if level.is_assistant else "43"
    opening = Opening(a_standing(**{"practice_place": place, **standing}), level, QUALIFICATION, "43")
    code = f"{level.value}10430102000123"
    return opening.written(REGISTRATION, code, person_id=PERSON, on=date(2024, 3, 1))


def a_filing(**changed: Any) -> Filing:
    """A further institution that is filed on it."""
    facts: dict[str, Any] = {
        "id": FILING,
        "version": 1,
        "registration_id": REGISTRATION,
        "person_id": PERSON,
        "province": "43",
        "institution_id": FURTHER,
        "institution_name": "示例县中医医院",
        "authority_id": numbered(0xE1),
        "authority_name": "示例区卫生健康局",
        "authority_path": "43/4301/430102",
        "scopes": ("C01",),
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2027, 12, 31),
        "decision_number": "示卫医备〔2026〕1号",
        "application_id": numbered(0xD2),
    }
    return Filing(**(facts | changed))


def a_view(kind: BusinessKind, **changed: Any) -> dict[str, Any]:
    """A draft of a kind as its owner sees it, about the example registration or filing where it is about one."""
    about_register = kind.about.value != "qualification"
    level = Level.ASSISTANT if kind.type is BusinessType.UPGRADE else Level.LICENSED
    found: Application = an_application(
        type=kind.type.value,
        sub_kind=kind.sub_kind,
        form=changed.pop("form", {}),
        state=changed.pop("state", ApplicationState.DRAFT),
        started_by=kind.starters[0],
        materials=(
            a_material("photo", media_type="image/jpeg", filename="照片.jpg"),
            a_material("employment_proof", filename="聘用证明.pdf"),
        ),
        outcomes=changed.pop("outcomes", ()),
    )
    view = views.application(
        found,
        kind,
        knobs(kind),
        subject=a_registration(level) if about_register else None,
        filing=a_filing() if kind.about.value == "filing" else None,
    )
    return view | changed


def a_registration_view(**changed: Any) -> dict[str, Any]:
    """The example registration as the register tells it, with its filing."""
    level = changed.pop("level", Level.LICENSED)
    brief = views.registration_brief(a_registration(level))
    return {
        **brief,
        "version": 3,
        "person_id": PERSON,
        "authority_id": numbered(0xE1),
        "started_on": brief["since"],
        "valid_from": brief["since"],
        "valid_to": None,
        "known_at": None,
        "decision_number": "示卫医许〔2024〕1号",
        "filings": [views.filing_view(a_filing(), TODAY)],
        "ground": None,
        "until": None,
        "replaces": None,
        "replaced_by": None,
        **changed,
    }


def a_card(kind: BusinessKind, *outcomes: dict[str, Any]) -> dict[str, Any]:
    """A readiness card with these outcomes."""
    return {
        "type": kind.type.value,
        "sub_kind": kind.sub_kind,
        "ready": all(found["result"] != "failed" for found in outcomes),
        "outcomes": list(outcomes),
        "policy": views.pin(a_pin()),
        "materials": [views.material(item) for item in kind.needed_materials(knobs(kind))],
        "decision_days": 20,
    }


def an_outcome(rule: str, result: str, code: str, **more: Any) -> dict[str, Any]:
    """What a rule found."""
    return {
        "rule": rule,
        "result": result,
        "code": code,
        "article": more.pop("article", "医师法 art.13"),
        "rule_version": 1,
        "source": "law ✓",
        "seen": more.pop("seen", {}),
        "remedy": more.pop("remedy", {}),
        "sensitive": False,
    }


def a_case(kind: BusinessKind, **changed: Any) -> dict[str, Any]:
    """A case as staff sees it."""
    institution = views.snapshot_of(an_institution())
    return {
        "id": CASE,
        "version": 4,
        "application_id": numbered(0xD1),
        "number": "BG20261123-0001",
        "type": kind.type.value,
        "sub_kind": kind.sub_kind,
        "state": "ACCEPTED",
        "step": "decide",
        "submission": 1,
        "person_id": PERSON,
        "applicant_name": "沈若溪",
        "level": a_qualification().level.value,
        "category": "10",
        "institution": institution,
        "authority": institution["authority"],
        "workflow": f"{kind.type.value}/1",
        "policy": views.pin(a_pin()),
        "outcomes": [],
        "paper_materials": [],
        "paper_received": [],
        "task_id": numbered(0xF6),
        "claimed_by_me": True,
        "claimed_by_other": False,
        "actions": [],
        "clocks": [],
        "reasons": [],
        "decision_number": "",
        "started_by": "physician",
        "releasing": None,
        "answers": [],
        "can_withdraw": False,
        "entries": [],
        **changed,
    }


def an_action(name: str, *reasons: str) -> dict[str, Any]:
    """An action that staff may take."""
    return {
        "action": name,
        "needs_reasons": bool(reasons),
        "reason_codes": list(reasons),
        "reason_targets": {},
        "noted_reasons": [],
        "needs_note": False,
        "takes_paper": False,
    }

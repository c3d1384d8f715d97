"""Event data as a handler is given it, for tests of who is told what."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

PERSON, INSTITUTION, AUTHORITY = UUID(int=1), UUID(int=2), UUID(int=3)
CASE, APPLICATION, TASK, EVENT = UUID(int=4), UUID(int=5), UUID(int=6), UUID(int=7)
NOW = datetime.fromisoformat("2026-11-20T02:30:00+00:00")
P, ORG, WINDOW = f"person:{PERSON}", f"desk:{INSTITUTION}:clerk", f"desk:{AUTHORITY}:window"
OFFICER, HEAD = f"desk:{AUTHORITY}:officer", f"desk:{AUTHORITY}:head"

_CASE = {
    "case_id": CASE,
    "application_id": APPLICATION,
    "number": "ZC20261120-0318",
    "type": "REG",
    "sub_kind": "FIRST",
    "person_id": PERSON,
    "institution_id": INSTITUTION,
    "institution_name": "测试市第一医院",
    "authority_id": AUTHORITY,
    "authority_name": "测试市卫生健康委员会",
}


def submission(**changes: Any) -> dict[str, Any]:
    return {
        "application_id": APPLICATION,
        "number": _CASE["number"],
        "type": "REG",
        "submission": 1,
        "person_id": PERSON,
        "institution": {"id": INSTITUTION, "name": _CASE["institution_name"], "authority": {"id": AUTHORITY}},
    } | changes


def task(step: str, role: str, organisation_id: UUID) -> dict[str, Any]:
    opened = {"task_id": TASK, "step": step, "organisation_id": organisation_id, "role": role}
    return _CASE | opened | {"due_on": date(2026, 12, 4)}


def advanced(from_state: str, to_state: str, **changes: Any) -> dict[str, Any]:
    step = {
        "version": 2,
        "action": "some_action",
        "from_state": from_state,
        "to_state": to_state,
        "actor_role": "window",
        "reasons": [],
        "note": "",
        "acts_next": "applicant",
        "act_until": date(2026, 12, 18),
        "window_address": "测试路1号一楼",
        "right_authority": None,
        "effective_on": date(2026, 11, 20),
    }
    return _CASE | step | changes


def decided(outcome: str, **changes: Any) -> dict[str, Any]:
    decision = {
        "outcome": outcome,
        "decision_number": "430102-REG-2026-000001",
        "decided_on": date(2026, 12, 1),
        "decided_at": NOW,
        "deciding_authority": {"id": AUTHORITY, "name": _CASE["authority_name"]},
        "reasons": [{"code": "criminal_penalty", "target": "applicant", "note": ""}],
        "note": "",
        "remedies": ["administrative_review", "administrative_suit"],
    }
    return _CASE | decision | changes


def deadline(role: str, organisation_id: UUID, days_left: int) -> dict[str, Any]:
    limit = {"clock": "decision", "organisation_id": organisation_id, "role": role}
    return _CASE | limit | {"due_on": date(2026, 12, 4), "days_left": days_left}


def registration(change: str) -> dict[str, Any]:
    return {
        "registration_id": UUID(int=8),
        "application_id": APPLICATION,
        "application_number": _CASE["number"],
        "person_id": PERSON,
        "change": change,
        "practice_code": "110430000000018",
        "level": "1",
        "practice_place": "43",
        "institution_id": INSTITUTION,
        "institution_name": _CASE["institution_name"],
        "authority_id": AUTHORITY,
        "authority_name": _CASE["authority_name"],
        "decided_on": date(2026, 12, 1),
        "decision_number": "430102-REG-2026-000001",
    }


def certificate() -> dict[str, Any]:
    return {
        "person_id": PERSON,
        "application_id": APPLICATION,
        "practice_code": "110430000000018",
        "issued_on": date(2026, 12, 1),
    }

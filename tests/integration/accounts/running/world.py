"""What the tests of the running service share."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from commands.journey.api import ApiProblem
from commands.journey.people import Candidate, Doctor
from commands.journey.script import candidates
from shared.trade.resident_id import with_check_digit
from tests.support.deployment import Deployment

WAITING_YEAR = 2025
NEVER_DELIVERED = "4309201109999"


@dataclass
class Waiting:
    """A year's results that wait for their gates."""

    cohort: Path
    manifest: Path
    taken: set[str] = field(default_factory=set)

    def candidate(self, region: str = "43") -> Candidate:
        """Somebody who passed and doesn't know yet."""
        pool = candidates(self.cohort, self.manifest, region, "1234", "10 20 30 41 42 43 44 45")
        found = next(item for item in pool if item.id_number not in self.taken)
        self.taken.add(found.id_number)
        return found


def problem_of(act: Callable[[], Any]) -> ApiProblem:
    """The refusal of an act."""
    try:
        answer = act()
    except ApiProblem as problem:
        return problem
    raise AssertionError(f"it was not refused: {answer}")


def faults_of(problem: ApiProblem) -> dict[str, str]:
    """The wrong fields of a refusal, each with its code."""
    return {item["field"]: item["code"] for item in problem.body.get("errors", ())}


def told_of(problem: ApiProblem) -> dict[str, Any]:
    """All that a refusal tells, but for what names the request."""
    return {name: value for name, value in problem.body.items() if name not in ("correlation_id", "instance")}


def identify(doctor: Doctor, **changes: Any) -> dict[str, Any]:
    """The identity step of opening an account."""
    body = {
        "name": doctor.candidate.name,
        "id_number": doctor.candidate.id_number,
        "consent_version": "1",
    }
    captcha = {} if "captcha_id" in changes else doctor.captcha()
    answer: dict[str, Any] = doctor.api.post("/signups", body | captcha | changes)
    return answer


def somebody() -> Candidate:
    """Somebody with an ID of county 430199, which doesn't exist, and without an exam."""
    born = date(1990, 1, 1) + timedelta(days=secrets.randbelow(3650))
    number = with_check_digit(f"430199{born:%Y%m%d}{secrets.randbelow(900) + 100}")
    return Candidate("黄示例", number, NEVER_DELIVERED, "1", "10", "43")


def stranger(deployment: Deployment) -> Doctor:
    """Somebody without an account."""
    return Doctor(deployment.url, somebody())


def passed(deployment: Deployment) -> Doctor:
    """Somebody who passed an exam of whatever kind, with an account, logged in."""
    return deployment.doctor(levels="12", categories="10 20 30 41 42")


def newcomer(deployment: Deployment, candidate: Candidate | None = None) -> Doctor:
    """Somebody with an account, logged in."""
    doctor = Doctor(deployment.url, candidate or somebody())
    doctor.open_account()
    doctor.log_in()
    return doctor


def matched(deployment: Deployment) -> Doctor:
    """A doctor whose qualification was found."""
    doctor = passed(deployment)
    assert doctor.be_recognised()["state"] == "MATCHED"
    return doctor


def bound(deployment: Deployment) -> Doctor:
    """A doctor whose phone is bound."""
    doctor = matched(deployment)
    assert doctor.bind_phone()["state"] == "PHONE_BOUND"
    return doctor


def certificate_code(doctor: Doctor) -> str:
    """The code of the doctor's paper certificate."""
    return str(doctor.qualification()["code"])


def failed_ticket(deployment: Deployment) -> dict[str, str]:
    """The clean row of somebody who did not pass."""
    with deployment.cohort.open(encoding="utf-8", newline="") as file:
        return next(
            row
            for row in csv.DictReader(file)
            if row["result"] == "fail" and len(row["id_number"] or "") == 18 and len(row["ticket"] or "") == 13
        )


def sql(deployment: Deployment, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Rows of the database of `accounts`."""
    url = deployment.system.database_url("accounts")
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]
    finally:
        engine.dispose()


def count(deployment: Deployment, statement: str, **values: Any) -> int:
    """The first number of the first row, 0 where there is none."""
    rows = sql(deployment, statement, **values)
    return int(rows[0][0] or 0) if rows else 0


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Do several things at the same time; each one's answer, or its refusal."""

    def one(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except ApiProblem as problem:
            return problem

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))

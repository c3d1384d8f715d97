"""Rehearses a draft of a policy on the database of `applications`: what is compared, and what is told of it."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import typer

from commands.rehearsal_report import JsonReport, Tally, difference_lines, json_report
from services.applications.domain.business import KINDS
from services.applications.domain.rehearsal import RehearsedCase
from services.applications.rehearsing import Rehearsal
from services.applications.repository.past_assessments import Selection
from services.applications.unit_of_work import SERVICE, ApplicationsUnitOfWork
from shared.platform.bus.headers import next_message_id
from shared.platform.clock import now
from shared.platform.config import load_deployment, load_settings
from shared.platform.database import Database, WorkContext
from shared.platform.working_days import end_of_day, local_date, start_of_day
from shared.trade.policy import Policy
from shared.trade.policy_file import NATIONAL, PolicyFile, Rule


@dataclass(frozen=True)
class Plan:
    """The draft, the policy that it would change, and the runs that it is tried on."""

    file: PolicyFile
    known: Policy
    selection: Selection
    as_of: date | None
    today: date

    @property
    def changed_rules(self) -> list[Rule]:
        """What the draft has and the file in force hasn't, and the other way round."""
        current = self.known.file(self.file.division)
        old, new = () if current is None else current.rules, self.file.rules
        return [*(rule for rule in new if rule not in old), *(rule for rule in old if rule not in new)]

    def head(self, draft: Path) -> Iterator[str]:
        """What is rehearsed, and what can't be."""
        current = self.known.file(self.file.division)
        keys = sorted({rule.key for rule in self.changed_rules})
        instead = "where there was no file" if current is None else f"instead of {current.version}"
        yield f"{draft}: version {self.file.version} {instead}; changed: {', '.join(keys) or 'nothing'}"
        read = {key for kind in KINDS.values() for key in kind.policy_keys}
        if unread := [key for key in keys if key not in read]:
            yield f"read by no rule of a kind of business, so not rehearsed: {', '.join(unread)}"
        begins = [rule.valid_from for rule in self.changed_rules if rule.valid_from is not None]
        if self.as_of is None and begins and min(begins) > self.today:
            yield f"its first change begins on {min(begins)}: past cases show it with --as-of {min(begins)}"

    def plain(self, draft: Path) -> dict[str, Any]:
        """The same for a report."""
        return {
            "draft": str(draft),
            "division": self.file.division,
            "version": self.file.version,
            "provinces": self.selection.provinces,
            "since": None if self.selection.since is None else str(local_date(self.selection.since)),
            "before": self.selection.before.isoformat(timespec="seconds"),
            "as_of": None if self.as_of is None else str(self.as_of),
        }


def run(
    file: PolicyFile,
    draft: Path,
    province: str,
    since: date | None,
    until: date | None,
    as_of: date | None,
    report: Path | None,
) -> None:
    """Rehearse a sound draft: lines as they come, sums at the end, and all of it into `report` where one is wanted."""
    plan = plan_of(file, province, since, until, as_of)
    for line in plan.head(draft):
        typer.echo(line)
    tally = Tally()
    with rehearsed_cases(plan) as cases, _reporting(report, plan.plain(draft)) as written:
        for case in cases:
            tally.add(case)
            for line in difference_lines(case):
                typer.echo(line)
            if case.differs and written is not None:
                written.add(case)
        if written is not None:
            written.finish(tally)
    for line in tally.lines():
        typer.echo(line)


def plan_of(file: PolicyFile, province: str, since: date | None, until: date | None, as_of: date | None) -> Plan:
    """The plan for a sound draft; refuses a province that the draft or this deployment says nothing of."""
    deployment, moment = load_deployment(), now()
    wanted = [province] if province else list(deployment.provinces)
    if file.division != NATIONAL:
        if province not in ("", file.division):
            raise typer.BadParameter(f"the draft speaks for {file.division}", param_hint="--province")
        wanted = [file.division]
    if missing := sorted(set(wanted) - set(deployment.provinces)):
        served = ", ".join(deployment.provinces)
        raise typer.BadParameter(f"{', '.join(missing)} is not served here: PROVINCES is {served}")
    known = Policy.load(deployment.provinces_dir, deployment.provinces)
    selection = Selection(
        tuple(wanted),
        None if since is None else start_of_day(since),
        moment if until is None else min(moment, end_of_day(until)),
    )
    return Plan(file, known, selection, as_of, local_date(moment))


@contextmanager
def rehearsed_cases(plan: Plan) -> Iterator[Iterator[RehearsedCase]]:
    """The cases as they come, from the database of the settings; no transaction of it can write."""
    settings = load_settings(SERVICE)
    database = Database(SERVICE, settings.database_url, pool_size=1)
    context = WorkContext(SERVICE, settings.origin, f"operator:{getpass.getuser()}", next_message_id())

    def unit_of_work(*, read_only: bool = False) -> ApplicationsUnitOfWork:
        return ApplicationsUnitOfWork(database, context, read_only=read_only)

    drafted = plan.known.with_file(plan.file)
    try:
        yield Rehearsal(unit_of_work, plan.known, drafted, as_of=plan.as_of).cases(plan.selection)
    finally:
        database.close()


def _reporting(path: Path | None, head: dict[str, Any]) -> AbstractContextManager[JsonReport | None]:
    return nullcontext() if path is None else json_report(path, head)

"""`policy rehearse` on a real database of each kind: what would differ, page by page, and nothing written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import inspect, text
from typer.testing import CliRunner, Result

from commands import policy as command
from commands import rehearsal
from services.applications.domain.assessment import Occasion, assess
from services.applications.domain.facts import Facts
from services.applications.rehearsing import Rehearsal
from services.applications.repository.past_assessments import PastAssessments, Selection
from services.applications.unit_of_work import SERVICE, ApplicationsUnitOfWork
from shared.platform.clock import clock
from shared.platform.config import forget_settings
from shared.platform.crypto import storage_ring
from shared.platform.database import Database
from shared.platform.ids import new_id
from shared.trade.policy import Policy
from tests.integration.applications.conftest import UnitOfWorkMaker
from tests.support.processes import ROOT
from tests.unit.applications.factories import (
    PROVINCES,
    REG,
    a_pin,
    an_application,
    an_institution,
    facts,
    fine_answers,
    policy,
)

HUNAN = (ROOT / "provinces" / "43.toml").read_text("utf-8")
SECRETS = ("沈若溪", "430199199708150249", "202643110430199199708150249")
FIRST = date(2026, 3, 2)


class Past:
    """Cases that are over, in the database of a test."""

    def __init__(self, unit_of_work: UnitOfWorkMaker, database: Database) -> None:
        self.unit_of_work = unit_of_work
        self.database = database
        self.persons: list[UUID] = []

    def case(self, found: Facts | None = None, *, on: date = FIRST, runs: int = 1, province: str = "43") -> str:
        """An application whose rules ran on a day, and again on the days behind it; its number."""
        person = new_id()
        self.persons.append(person)
        number = f"ZC{on:%Y%m%d}-{len(self.persons):04d}"
        division = "430102" if province == "43" else "440106"
        seen = found or facts(institution=an_institution(division=division))
        application = an_application(id=new_id(), number=number, province=province, person_id=person, submission=1)
        with self.unit_of_work() as uow:
            uow.applications.add(application)
            for run, occasion in zip(range(runs), Occasion, strict=False):
                day = on + timedelta(run)
                dated = replace(seen, on=day, policy=policy(division=division, on=day))
                kept = assess(REG, dated, a_pin(day, province), occasion)
                uow.assessments.add(application, kept, at=datetime(day.year, day.month, day.day, 2, tzinfo=UTC))
            uow.commit()
        return number

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables."""
        with self.database.engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            return {
                table: sorted(map(tuple, connection.execute(text(f'SELECT * FROM "{table}"'))), key=repr)
                for table in tables
            }


@pytest.fixture
def past(
    unit_of_work: UnitOfWorkMaker, database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Past]:
    """The database, and settings under which a command finds it."""
    monkeypatch.setenv("APPLICATIONS_DATABASE_URL", database_url)
    monkeypatch.setenv("PROVINCES_DIR", str(ROOT / "provinces"))
    forget_settings()
    clock.cache_clear()
    yield Past(unit_of_work, database)
    clock.cache_clear()


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A draft of Hunan's file: registration waits for the paper certificate, two scopes, ten days."""
    path = tmp_path / "draft.toml"
    changed = HUNAN.replace("value = false", "value = true").replace("value = 15", "value = 10")
    changed += '\n[[rule]]\nkey = "scope.max"\nvalue = 2\nvalid_from = 2022-03-01\ndecision = "a test"\n'
    changed += (
        '\n[[rule]]\nkey = "review.pre_tiers"\nvalue = ["county"]\nvalid_from = 2022-03-01\ndecision = "a test"\n'
    )
    path.write_text(changed, "utf-8")
    return path


def rehearse(*arguments: object) -> Result:
    return CliRunner().invoke(command.app, ["rehearse", *map(str, arguments)])


def differences(done: Result) -> list[str]:
    """The lines that name an application."""
    assert done.exit_code == 0, done.output
    return sorted(" ".join(line.split()) for line in done.stdout.splitlines() if line.startswith("ZC"))


def test_every_outcome_that_would_differ_is_told_with_its_number_and_knob(past: Past, draft: Path):
    """Three cases: the gate closes for two of them, one of which may have its two scopes."""
    plain = past.case(runs=2)
    two = past.case(facts(answers=fine_answers(scopes=("C01", "C02"))))
    entered = facts()
    entered = past.case(
        replace(entered, applicant=replace(entered.applicant, paper_certificates=frozenset({entered.qualification.id})))
    )
    done = rehearse(draft)
    gate = "registration_gate passed paper_not_needed →"
    assert differences(done) == sorted(
        [
            f"{plain} submission {gate} failed paper_certificate_needed release.need_paper_cert",
            f"{plain} supplement {gate} failed paper_certificate_needed release.need_paper_cert",
            f"{two} submission {gate} failed paper_certificate_needed release.need_paper_cert",
            f"{two} submission scope_count failed too_many_scopes → passed scope_count scope.max",
            f"{entered} submission {gate} passed paper_certificate_entered release.need_paper_cert",
        ]
    )
    told = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert told[0].endswith("changed: release.need_paper_cert, review.pre_tiers, scope.max, sla.decision_days")
    assert told[1] == "read by no rule of a kind of business, so not rehearsed: review.pre_tiers"
    assert told[told.index("3 applications, 4 runs of the rules; 3 applications differ") :] == [
        "3 applications, 4 runs of the rules; 3 applications differ",
        "outcomes that differ: runs, applications:",
        f"{gate} failed paper_certificate_needed release.need_paper_cert 3 2",
        "scope_count failed too_many_scopes → passed scope_count scope.max 1 1",
        f"{gate} passed paper_certificate_entered release.need_paper_cert 1 1",
        "knobs: runs with another outcome, of runs under another value:",
        "release.need_paper_cert false → true 4 4",
        "scope.max 1 → 2 1 4",
        "sla.decision_days 15 → 10 0 4",
        "needed materials: applications:",
        "+upload qualification_certificate, +paper qualification_certificate 2",
        "+paper qualification_certificate 1",
        "promised working days: applications:",
        "15 → 10 3",
    ]


def test_the_policy_in_force_changes_nothing(past: Past, tmp_path: Path):
    """The file itself, under any name, on any number of cases."""
    for _ in range(3):
        past.case(runs=4)
    same = tmp_path / "same.toml"
    same.write_text(HUNAN, "utf-8")
    done = rehearse(same)
    assert differences(done) == []
    assert done.stdout.splitlines() == [
        f"{same}: version 1 instead of 1; changed: nothing",
        "3 applications, 12 runs of the rules; 0 applications differ",
    ]


def test_nothing_is_written(past: Past, draft: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Every row of every table is what it was, and no transaction could have written."""
    past.case(runs=3)
    before = past.content()
    assert before["assessments"]
    begun: list[bool] = []
    begin = Database.begin

    def noted(self: Database, *, read_only: bool):
        begun.append(read_only)
        return begin(self, read_only=read_only)

    monkeypatch.setattr(Database, "begin", noted)
    assert differences(rehearse(draft, "--json", tmp_path / "report.json"))
    assert past.content() == before
    assert begun
    assert all(begun)


def test_nobody_is_named(past: Past, draft: Path, tmp_path: Path):
    """Numbers of applications, no person; of what speaks of health only that it differs (个人信息保护法 art.28)."""
    number = past.case(facts(on=FIRST, filed_on=FIRST, answers=fine_answers(health_check_on=date(2025, 12, 1))))
    rule = '[[rule]]\nkey = "material.health_check_months"\nvalue = 1\nvalid_from = 2022-03-01\ndecision = "a test"\n'
    draft.write_text(f"{HUNAN}\n{rule}", "utf-8")
    report = tmp_path / "report.json"
    done = rehearse(draft, "--json", report)
    hidden = "(sensitive: only the authority may see what) material.health_check_months"
    assert differences(done) == [f"{number} submission health_check_recent {hidden}"]
    written = report.read_text("utf-8")
    for secret in (*SECRETS, str(past.persons[0]), "too_old", "2025-12-01"):
        assert secret not in done.output + written
    [case] = json.loads(written)["cases"]
    assert case["differences"] == [
        {
            "occasion": "submission",
            "rule": "health_check_recent",
            "rule_version": 1,
            "sensitive": True,
            "knobs": ["material.health_check_months"],
        }
    ]


def test_the_report_has_everything_and_is_there_whole_or_not_at_all(
    past: Past, draft: Path, tmp_path: Path, monkeypatch
):
    number, same = past.case(), past.case(province="44")
    report = tmp_path / "report.json"
    assert rehearse(draft, "--json", report).exit_code == 0
    written = json.loads(report.read_text("utf-8"))
    assert {key: written[key] for key in ("division", "version", "provinces", "since", "as_of")} == {
        "division": "43",
        "version": 1,
        "provinces": ["43"],
        "since": None,
        "as_of": None,
    }
    [case] = written["cases"]
    assert (case["number"], case["type"], case["decision_days"]) == (number, "REG", [15, 10])
    assert case["materials"] == ["+upload qualification_certificate", "+paper qualification_certificate"]
    assert case["differences"][0]["after"]["remedy"]["material"] == "qualification_certificate"
    assert written["summary"]["differing"] == 1
    assert same not in report.read_text("utf-8")

    def broken(*_: object) -> None:
        raise RuntimeError("half way")

    monkeypatch.setattr(rehearsal.Tally, "add", broken)
    assert rehearse(draft, "--json", report).exit_code == 1
    assert json.loads(report.read_text("utf-8")) == written
    assert [path.name for path in tmp_path.glob("*report*")] == ["report.json"]


@pytest.mark.parametrize(
    ("arguments", "days"),
    [
        ((), [1, 2, 3]),
        (("--since", "2026-03-02"), [2, 3]),
        (("--until", "2026-03-02"), [1, 2]),
        (("--since", "2026-03-02", "--until", "2026-03-02"), [2]),
        (("--since", "2026-04-01"), []),
    ],
)
def test_a_run_counts_on_its_day_of_the_law(past: Past, draft: Path, arguments, days):
    """From the first moment of a day in Shanghai to its last; both days named are in."""
    numbers = {day: past.case(on=date(2026, 3, day)) for day in (1, 2, 3)}
    found = [line.split()[0] for line in differences(rehearse(draft, *arguments))]
    assert sorted(found) == sorted(numbers[day] for day in days)


def test_the_day_of_a_draft_is_that_of_the_case_or_the_one_that_is_named(past: Past, tmp_path: Path):
    """What begins in future touches no past case unless it is asked for."""
    number = past.case()
    later = tmp_path / "later.toml"
    rule = '[[rule]]\nkey = "material.licence_copy"\nvalue = true\nvalid_from = 2090-01-01\ndecision = "a test"\n'
    later.write_text(f"{HUNAN}\n{rule}", "utf-8")
    done = rehearse(later)
    assert "its first change begins on 2090-01-01: past cases show it with --as-of 2090-01-01" in done.stdout
    assert "1 runs of the rules; 0 applications differ" in done.stdout
    done = rehearse(later, "--as-of", "2090-01-01")
    assert "1 applications differ" in done.stdout
    assert "+paper licence_copy" in done.stdout
    assert number not in done.stdout


def test_a_draft_of_the_nation_is_tried_on_all_provinces_or_on_one(past: Past, tmp_path: Path):
    """43 has its own promise, 44 follows the nation."""
    past.case()
    past.case(province="44")
    national = tmp_path / "national draft.toml"
    text_ = (ROOT / "provinces" / "national.toml").read_text("utf-8")
    assert '"sla.decision_days" = 20' in text_
    national.write_text(text_.replace('"sla.decision_days" = 20', '"sla.decision_days" = 12'), "utf-8")
    assert "2 applications, 2 runs of the rules; 1 applications differ" in rehearse(national).stdout
    assert "1 applications, 1 runs of the rules; 0 applications" in rehearse(national, "--province", "43").stdout
    assert "1 applications, 1 runs of the rules; 1 applications" in rehearse(national, "--province", "44").stdout


def test_a_county_of_the_draft_changes_its_own_cases_only(past: Past, tmp_path: Path):
    """Values are those of the institution's division, nearest first (`domain.md` §8)."""
    here = past.case()
    past.case(facts(institution=an_institution(division="430202"), policy=policy(division="430202")))
    draft = tmp_path / "draft.toml"
    rule = '[[rule]]\nkey = "release.need_paper_cert"\ndivision = "430102"\nvalue = true\nvalid_from = 2022-03-01\n'
    draft.write_text(f'{HUNAN}\n{rule}decision = "a test"\n', "utf-8")
    assert [line.split()[0] for line in differences(rehearse(draft))] == [here]


def test_pages_of_any_size_give_the_same_cases(past: Past, draft: Path, database: Database):
    """Runs of an application stay together, in their order, wherever a page ends; a page is all that is in memory."""
    numbers = {past.case(runs=runs): runs for runs in (1, 4, 2, 3)}
    known = Policy.load(ROOT / "provinces", PROVINCES)
    selection = Selection(("43",), None, datetime(2030, 1, 1, tzinfo=UTC))

    def unit_of_work(*, read_only: bool = False) -> ApplicationsUnitOfWork:
        return ApplicationsUnitOfWork(database, past.unit_of_work().context, read_only=read_only)

    whole = list(Rehearsal(unit_of_work, known, known).cases(selection))
    assert {case.number: len(case.runs) for case in whole} == numbers
    for page in (1, 2, 3, 10, 11):
        assert list(Rehearsal(unit_of_work, known, known, page=page).cases(selection)) == whole
    for case in whole:
        assert [run.occasion for run in case.runs] == list(Occasion)[: len(case.runs)]
    with unit_of_work(read_only=True) as uow:
        page_of_two = PastAssessments(uow.session, storage_ring(SERVICE)).page(selection, None, 2)
        assert len(page_of_two) == 2
        for seen in page_of_two:
            assert seen.assessment in uow.assessments.of(seen.application_id)


def test_a_faulty_draft_is_told_its_faults_and_rehearses_nothing(past: Past, draft: Path):
    draft.write_text(HUNAN.replace("value = 15", "value = 21"), "utf-8")
    done = rehearse(draft)
    line = HUNAN[: HUNAN.index("value = 15")].count("\n") + 1
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"{draft}:{line}: sla.decision_days must be a whole number from 1 to 20\n"


@pytest.mark.parametrize(
    ("content", "arguments"),
    [
        (HUNAN, ("--province", "44")),
        ('division = "52"\nversion = 1\n', ()),
        ('division = "52"\nversion = 1\n', ("--province", "52")),
    ],
)
def test_a_province_that_the_draft_or_the_deployment_says_nothing_of_is_refused(
    past: Past, draft: Path, content, arguments
):
    draft.write_text(content, "utf-8")
    assert rehearse(draft, *arguments).exit_code == 2


def test_a_broken_file_of_the_deployment_is_told(past: Past, draft: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PROVINCES_DIR", str(tmp_path))
    forget_settings()
    done = rehearse(draft)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "national.toml" in done.stderr


def test_the_record_counts_and_not_what_a_file_says_of_that_day_by_now(past: Past, tmp_path: Path):
    """Somebody edited history: the draft is held against what the case was judged by."""
    number = past.case()
    edited = tmp_path / "provinces"
    edited.mkdir()
    (edited / "national.toml").write_bytes((ROOT / "provinces" / "national.toml").read_bytes())
    (edited / "43.toml").write_text(HUNAN.replace("value = false", "value = true"), "utf-8")
    done = rehearse(edited / "43.toml")
    assert [line.split()[0] for line in differences(done)] == [number]

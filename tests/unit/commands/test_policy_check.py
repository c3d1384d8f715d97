"""`python -m commands policy check`: no settings, one line a fault, status 1 if there is any; what is in force."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from commands.policy import app

ROOT = Path(__file__).resolve().parents[3]
FILE = """\
division = "43"
version = 2

[[rule]]
key = "sla.decision_days"
value = 15
valid_from = 2022-03-01
valid_to = 2025-12-31
decision = "first promise"

[[rule]]
key = "review.pre_tiers"
division = "4301"
value = ["county"]
valid_from = 2022-03-01
decision = "the city's own"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A province's file beside the national one."""
    shutil.copy(ROOT / "provinces" / "national.toml", tmp_path)
    path = tmp_path / "43.toml"
    path.write_text(FILE, "utf-8")
    return path


def check(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def test_a_sound_file_is_said_to_be_one(file):
    found = check(file)
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout == f"{file}: version 2, 2 rules, no fault\n"


def test_every_fault_of_every_file_is_one_line_in_the_order_of_the_file(file):
    """A sound file beside a faulty one is still told, and the status is 1."""
    file.write_text(FILE.replace("value = 15", "value = 21").replace("version = 2", "version = 0"), "utf-8")
    found = check(file, file.with_name("national.toml"))
    assert found.exit_code == 1
    assert found.stderr.splitlines() == [
        f"{file}:2: version must be a whole number from 1",
        f"{file}:6: sla.decision_days must be a whole number from 1 to 20",
    ]
    assert "national.toml: version 1" in found.stdout


def test_a_warning_alone_is_no_fault(file):
    file.write_text(FILE.replace('"4301"', '"4399"'), "utf-8")
    found = check(file)
    assert found.exit_code == 0
    assert found.stderr == f"{file}:13: warning: the public table of divisions does not list 4399\n"


def test_a_file_is_held_against_the_one_before(file, tmp_path):
    before = tmp_path / "before.toml"
    before.write_text(FILE.replace("value = 15", "value = 14"), "utf-8")
    found = check(file, "--against", before)
    assert found.exit_code == 1
    assert found.stderr == f"{file}:2: version must be larger than 2: the rules differ from {before}\n"
    assert check(file, file, "--against", before).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (
            ("--on", "2025-12-31"),
            [
                "in force on 2025-12-31",
                '43    sla.decision_days  since 2022-03-01  until 2025-12-31  15          instead of 20',
                '4301  review.pre_tiers   since 2022-03-01                    ["county"]  instead of []',
            ],
        ),
        (
            ("--on", "2026-01-01", "--division", "430102"),
            [
                "in force on 2026-01-01 in 430102",
                '4301  review.pre_tiers  since 2022-03-01    ["county"]  instead of []',
            ],
        ),
        (
            ("--on", "2026-01-01", "--division", "430202"),
            ["in force on 2026-01-01 in 430202: nothing; the national defaults hold"],
        ),
        (("--on", "2020-01-01"), ["in force on 2020-01-01: nothing; the national defaults hold"]),
    ],
)  # fmt: skip
def test_what_is_in_force_is_shown_for_a_day_and_a_place(file, arguments, shown):
    found = check(file, "--show", *arguments)
    head, *rows = found.stdout.splitlines()[1:]
    assert [head.removeprefix(f"{file}: "), *(row.strip() for row in rows)] == shown


def test_without_a_sound_national_file_nothing_is_compared_with_it(file):
    file.with_name("national.toml").write_text("version = ", "utf-8")
    assert "instead of" not in check(file, "--show", "--on", "2025-12-31").stdout
    file.with_name("national.toml").unlink()
    assert "instead of" not in check(file, "--show", "--on", "2025-12-31").stdout


def test_the_nations_file_shows_what_holds_everywhere(file):
    national = file.with_name("national.toml")
    everywhere = check(national, "--show").stdout
    assert "national  sla.decision_days" in everywhere
    assert check(national, "--show", "--division", "430102").stdout.splitlines()[2:] == everywhere.splitlines()[2:]


@pytest.mark.parametrize("division", ["440106", "99", "somewhere"])
def test_a_place_that_the_file_says_nothing_of_is_refused(file, division):
    assert check(file, "--show", "--division", division).exit_code == 2


def test_nothing_but_the_file_is_needed(file):
    """No settings, no keys, no database: a province's office checks its file anywhere."""
    bare = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    command = [sys.executable, "-m", "commands", "policy", "check", str(file), "--show"]
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "version 2, 2 rules, no fault" in done.stdout

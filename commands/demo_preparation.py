"""What the demo does once before its first start: keys, schema, organisations, staff, and the example cohort."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from commands.exam_cohort.generator import generate
from commands.exam_cohort.manifest import write_manifest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
CANDIDATES = 2000
YEAR, ROUND, SEED = 2026, 1, 1

_COMMANDS = (
    ("keys", "init"),
    ("migrate",),
    (
        "organisations",
        "load",
        "--authorities",
        str(EXAMPLES / "authorities.csv"),
        "--institutions",
        str(EXAMPLES / "institutions.csv"),
    ),
    ("staff", "load", str(EXAMPLES / "staff.csv")),
)


class PreparationFailed(Exception):
    """A step failed; the text says which, and what it said."""


@dataclass(frozen=True)
class Preparation:
    """The preparation of one folder. Every step may be done twice, so whoever was interrupted begins anew."""

    folder: Path

    @property
    def cohort(self) -> Path:
        """The exam results that the demo delivers."""
        return self.folder / "cohort.csv"

    @property
    def manifest(self) -> Path:
        """What is true about each row of them."""
        return self.folder / "cohort.json"

    @property
    def is_done(self) -> bool:
        """Whether the last step was done for the schema and the examples of this version, and the databases are there.

        The databases alone say nothing: an interrupted preparation leaves them without anybody who could log in.
        """
        there = self._marker.is_file() and (self.folder / "db").is_dir()
        return there and self._marker.read_text("utf-8") == _version()

    def run(self, environment: Mapping[str, str]) -> None:
        """Do every step, the marker last; `PreparationFailed` where one fails."""
        self._marker.unlink(missing_ok=True)
        for arguments in _COMMANDS:
            done = subprocess.run(
                [sys.executable, "-m", "commands", *arguments],
                cwd=ROOT,
                env=dict(environment),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise PreparationFailed(f"`{' '.join(arguments)}` failed:\n{done.stdout}{done.stderr}")
        # The seed makes the same file each time, so a half-written one is simply written again.
        cohort = generate(CANDIDATES, seed=SEED, year=YEAR, round_=ROUND)
        cohort.write(self.cohort)
        write_manifest(cohort, self.manifest)
        self._marker.write_text(_version(), "utf-8")

    @property
    def _marker(self) -> Path:
        return self.folder / "demo-prepared"


def _version() -> str:
    """Changes with the schema and with the examples, after either of which the steps have to be done again."""
    found = hashlib.sha256()
    for path in sorted(ROOT.glob("services/*/migrations/versions/*.py")):
        found.update(path.name.encode())
    for path in sorted(EXAMPLES.glob("*.csv")):
        found.update(path.read_bytes())
    return found.hexdigest()

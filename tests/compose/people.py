"""Puts people into a province of containers as an operator does: by command and over HTTP."""

from __future__ import annotations

import csv
from pathlib import Path

from commands.exam_cohort.generator import generate
from commands.exam_cohort.manifest import write_manifest
from commands.journey.cast import Cast
from tests.compose.containers import Province
from tests.e2e.faults.patience import PatientApi
from tests.support.deployment import EXAMPLES, ROUND, YEAR, Deployment, publish


def populated(province: Province, folder: Path, *, size: int = 1000, seed: int = 7) -> Deployment:
    """Load organisations and staff, deliver and publish a cohort. Clients try again while a part is away."""
    cohort_file, manifest = folder / f"cohort-{province.code}.csv", folder / f"cohort-{province.code}.json"
    cohort = generate(size, seed=seed, year=YEAR, round_=ROUND)
    cohort.write(cohort_file)
    write_manifest(cohort, manifest)
    for name in ("authorities", "institutions", "staff"):
        own_lines(EXAMPLES / f"{name}.csv", folder / f"{name}.csv", province.code)
    province.command(
        folder, "accounts", "organisations", "load",
        "--authorities", "/given/authorities.csv",
        "--institutions", "/given/institutions.csv",
    )  # fmt: skip
    province.command(folder, "accounts", "staff", "load", "/given/staff.csv")
    deployment = Deployment(province, Cast.read(EXAMPLES), cohort_file, manifest, client=PatientApi)  # type: ignore[arg-type]
    publish(deployment)
    return deployment


def own_lines(source: Path, target: Path, code: str) -> None:
    """The examples hold two provinces; this one loads what is its own, and the national exam centre with its staff."""
    divisions: dict[str | None, str] = {
        row["code"] if "code" in row else row["licence_number"]: row["division"]
        for name in ("authorities", "institutions")
        for row in _rows(EXAMPLES / f"{name}.csv")
    }
    rows = _rows(source)
    others = {"43", "44"} - {code}
    kept = [row for row in rows if divisions.get(row.get("organisation"), row.get("division", ""))[:2] not in others]
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(kept)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

"""What is known of a generated cohort: counts of everything, every faulty line, and the candidates who may go on."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

from services.sync.domain.result_file import HELD_REASONS
from shared.trade.levels import Level

from .generator import Cohort


def manifest_of(cohort: Cohort) -> dict[str, Any]:
    """The counts that an import of the file has to report, exactly."""
    reasons = Counter(reason for row in cohort.rows for reason in row.reasons)
    refused = [row for row in cohort.rows if set(row.reasons) - HELD_REASONS]
    held = [row for row in cohort.rows if row.reasons and not set(row.reasons) - HELD_REASONS]
    clean = [row for row in cohort.rows if not row.reasons]
    passes = [row for row in clean if row.passed]
    people = Counter(row.person.resident_id for row in clean)
    return {
        "year": cohort.year,
        "round": cohort.round,
        "seed": cohort.seed,
        "rows": len(cohort.rows),
        "refused": len(refused),
        "held": len(held),
        "clean": len(clean),
        "passed": len(passes),
        "failed": len(clean) - len(passes),
        "assistants": sum(Level(row.get("exam_code")[0]).is_assistant for row in clean),
        "provincial_line": sum(row.get("line").startswith("PROVINCE:") for row in passes),
        "people": len(people),
        "people_twice": sum(times == 2 for times in people.values()),
        "names": dict(sorted(Counter(row.person.kind for row in clean).items())),
        "passed_by_region": dict(sorted(Counter(row.get("region") for row in passes).items())),
        "reasons": dict(sorted(reasons.items())),
        "faulty_lines": {str(line): list(row.reasons) for line, row in cohort.numbered() if row.reasons},
    }


def write_manifest(cohort: Cohort, path: Path) -> None:
    """Write the manifest as JSON."""
    path.write_text(json.dumps(manifest_of(cohort), ensure_ascii=False, indent=1) + "\n", "utf-8")


def read_cohort(path: Path) -> list[dict[str, str]]:
    """The rows of a result file by column; a row with another number of columns is left out."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if None not in row and None not in row.values()]


def clean_passes(path: Path, manifest: Path, region: str) -> list[dict[str, str]]:
    """The candidates of an exam region who passed and whose rows have no fault, in the order of the file."""
    faulty = {int(line) for line in json.loads(manifest.read_text("utf-8"))["faulty_lines"]}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    header, body = rows[0], rows[1:]
    found = [dict(zip(header, row, strict=True)) for line, row in enumerate(body, start=2) if line not in faulty]
    return [row for row in found if row["region"] == region and row["result"] == "pass"]

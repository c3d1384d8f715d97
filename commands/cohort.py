"""Generates an example cohort of candidates as the exam centre's result file, with a manifest of what is in it."""

from __future__ import annotations

from pathlib import Path

import typer

from commands.exam_cohort.generator import generate
from commands.exam_cohort.manifest import manifest_of, write_manifest

app = typer.Typer(add_completion=False)


@app.command()
def cohort(
    n: int = typer.Option(2000, "--n", min=1, max=2_000_000, help="rows of the file"),
    seed: int = typer.Option(1, help="the same seed gives the same file"),
    year: int = typer.Option(2026, min=2002, max=2099),
    round_: int = typer.Option(1, "--round", min=1, max=2, help="2: those who failed round 1 of the same seed"),
    out: Path = typer.Option(Path("var/cohort.csv"), help="the result file"),
    manifest: Path | None = typer.Option(None, help="what is in it; beside the file by default"),
) -> None:
    """Write a result file and its manifest; docs/cohort.md tells what they hold."""
    made = generate(n, seed=seed, year=year, round_=round_)
    out.parent.mkdir(parents=True, exist_ok=True)
    made.write(out)
    beside = manifest or out.with_suffix(".json")
    write_manifest(made, beside)
    facts = manifest_of(made)
    typer.echo(
        f"{out}: {facts['rows']} rows, {facts['passed']} passed, {facts['failed']} failed, "
        f"{facts['held']} to be held, {facts['refused']} to be refused ({beside})"
    )

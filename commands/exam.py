"""Exam results at the command line: import a file, open gates, publish, undo, annul, look at batches."""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.sync import deciding, operating
from services.sync.dependencies import CHILD_MODULE
from services.sync.domain.batch import Batch, BatchState
from services.sync.importing import Importing
from services.sync.publishing import Publishing
from services.sync.unit_of_work import SERVICE, SyncUnitOfWork
from shared.platform.bus.headers import next_message_id
from shared.platform.children import Children
from shared.platform.clock import now
from shared.platform.config import load_settings
from shared.platform.crypto import storage_ring, transport_box
from shared.platform.database import Database, WorkContext
from shared.platform.errors import DomainError
from shared.platform.files import FileStore
from shared.platform.working_days import local_date
from shared.trade.policy import Policy

app = typer.Typer(add_completion=False, no_args_is_help=True)
console = Console()

LARGEST_FILE = 2 * 1024**3
_STEP_SECONDS = 1.0

Year = Annotated[int, typer.Option(min=1999, max=2100, help="exam year")]
Round = Annotated[int, typer.Option("--round", min=1, max=2, help="1 for 一试, 2 for 二试")]
BatchId = Annotated[UUID, typer.Argument(help="the batch, as `exam batches` shows it")]


@dataclass(frozen=True)
class SyncWork:
    """The service's own work, done by this process on the service's database and files."""

    database: Database
    children: Children
    files: FileStore
    policy: Policy
    provinces: tuple[str, ...]
    actor: str

    def unit_of_work(self, *, read_only: bool = False) -> SyncUnitOfWork:
        """A transaction in the operator's name."""
        context = WorkContext(SERVICE, load_settings(SERVICE).origin, self.actor, next_message_id())
        return SyncUnitOfWork(self.database, context, read_only=read_only)

    @property
    def importing(self) -> Importing:
        """Reads files; running services may read on at the same time, no row is written twice."""
        return Importing(self.unit_of_work, self.files, self.children, self.policy, now)

    @property
    def publishing(self) -> Publishing:
        """Publishes what was released."""
        return Publishing(self.unit_of_work, now)

    def batch(self, batch_id: UUID) -> Batch:
        """A batch as it is now."""
        with self.unit_of_work(read_only=True) as uow:
            return uow.batches.get(batch_id)


@contextmanager
def sync_work() -> Iterator[SyncWork]:
    """The work of `sync` on the settings' database, for one command; a refusal is one line and status 1."""
    settings = load_settings(SERVICE)
    database = Database(SERVICE, settings.database_url, pool_size=2)
    children = Children(CHILD_MODULE)
    files = FileStore(SERVICE, settings, storage_ring(SERVICE), transport_box())
    policy = Policy.load(settings.provinces_dir, settings.provinces)
    try:
        yield SyncWork(database, children, files, policy, settings.provinces, f"operator:{getpass.getuser()}")
    except DomainError as refusal:
        facts = ", ".join(f"{name}={value}" for name, value in refusal.facts.items())
        console.print(f"[red]{refusal.code}[/red] {facts}")
        raise typer.Exit(1) from refusal
    finally:
        children.stop()
        database.close()


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the exam centre's CSV")],
    year: Year,
    round_: Round = 1,
) -> None:
    """Import a result file and tell what became of its rows; the same file again changes nothing."""
    with sync_work() as work:
        with file.open("rb") as content:
            received = work.files.incoming.receive(content, LARGEST_FILE)
        batch = work.importing.start(
            year=year, round_=round_, received=received, filename=file.name[:200], actor=work.actor
        )
        work.files.incoming.discard(received.reference)
        batch = _read_to_the_end(work, batch)
        _report(batch)
    if batch.state is BatchState.FAILED:
        raise typer.Exit(1)


@app.command()
def publish(batch_id: BatchId) -> None:
    """Release a batch and publish what lies behind open gates."""
    with sync_work() as work:
        if not work.batch(batch_id).is_released:
            with work.unit_of_work() as uow:
                moment = now()
                released = operating.release_batch(uow, batch_id, uow.batches.get(batch_id).version, now=moment)
                days = operating.opening_days(work.policy.at(local_date(moment)), work.provinces)
                operating.plan_openings(uow, released, days, now=moment)
                uow.commit()
        with _bar("Publishing") as progress:
            task = progress.add_task("Publishing", total=None)
            while work.publishing.work():
                counts = work.batch(batch_id).counts
                done = counts.get("PUBLISHED", 0)
                progress.update(task, completed=done, total=done + counts.get("UPDATED", 0))
        _report(work.batch(batch_id))


@app.command()
def undo(batch_id: BatchId) -> None:
    """Take a batch back of which nothing was published."""
    with sync_work() as work:
        with work.unit_of_work() as uow:
            batch = operating.undo_batch(uow, batch_id, uow.batches.get(batch_id).version)
            uow.commit()
        _report(batch)


@app.command()
def gate(
    region: Annotated[str, typer.Argument(help="two digits of the exam region, or * for all")],
    year: Year,
    round_: Round = 1,
    at: Annotated[datetime | None, typer.Option(help="open then, in UTC, instead of now")] = None,
) -> None:
    """Open the publication gate of an exam region, or plan its moment."""
    with sync_work() as work:
        regions = operating.regions_of(region)
        with work.unit_of_work() as uow:
            if at is None:
                operating.open_gates(uow, regions, year, round_, by=work.actor, now=now())
            else:
                operating.plan_gates(uow, regions, year, round_, at.replace(tzinfo=UTC), now=now())
            uow.commit()
        typer.echo(f"{', '.join(regions)}: {'open' if at is None else f'opens {at:%Y-%m-%d %H:%M} UTC'}")


@app.command()
def annul(
    qualification_id: Annotated[UUID, typer.Argument(help="the qualification's identifier")],
    decision: Annotated[str, typer.Option(help="what it rests on: the written decision's number")],
) -> None:
    """Annul a qualification that was gained by improper means (医师法 art.54); open applications on it end."""
    with sync_work() as work:
        with work.unit_of_work() as uow:
            item = deciding.change_qualification(uow, qualification_id, "annul", {}, decision=decision, now=now())
            uow.commit()
        typer.echo(f"qualification {item.id}: {item.status}")


@app.command("batches")
def list_batches() -> None:
    """The newest batches."""
    with sync_work() as work:
        with work.unit_of_work(read_only=True) as uow:
            found = uow.batches.page(None, 20)
        for batch in found:
            typer.echo(f"{batch.id}  {batch.year}/{batch.round}  {batch.state:<10} {batch.done}/{batch.rows} rows")


@app.command()
def report(
    batch_id: BatchId,
    rows: Annotated[bool, typer.Option("--rows", help="every refused and held row by line")] = False,
) -> None:
    """What an import found: counts, reasons, and the rows if asked for."""
    with sync_work() as work:
        _report(work.batch(batch_id))
        line = 0
        while rows:
            with work.unit_of_work(read_only=True) as uow:
                found = uow.batches.report(batch_id, line, 500)
            for row in found:
                typer.echo(f"line {row.line}: {row.state} {', '.join(row.reasons)}")
            if len(found) < 500:
                break
            line = found[-1].line


def _read_to_the_end(work: SyncWork, batch: Batch) -> Batch:
    with _bar("Importing") as progress:
        task = progress.add_task("Importing", total=None)
        while batch.is_being_read:
            # A running service may be at it already; then this one only watches.
            if not work.importing.work(_STEP_SECONDS):
                time.sleep(0.2)
            batch = work.batch(batch.id)
            progress.update(task, completed=batch.done, total=batch.rows or None)
    return batch


def _bar(title: str) -> Progress:
    return Progress(
        TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=False
    )


def _report(batch: Batch) -> None:
    typer.echo(
        f"batch {batch.id} ({batch.year}/{batch.round}): {batch.state}{f' {batch.fault}' if batch.fault else ''}"
    )
    typer.echo(f"  {batch.done} of {batch.rows} rows read")
    for state, number in sorted(batch.counts.items()):
        typer.echo(f"  {number:>8} {state}")
    for reason, number in sorted(batch.reasons.items()):
        typer.echo(f"  {number:>8} × {reason}")

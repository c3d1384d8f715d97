"""Starts every service in one process, plays one registration through the HTTP API, and keeps serving."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from commands.demo_preparation import EXAMPLES, ROOT, ROUND, YEAR, Preparation, PreparationFailed
from commands.journey.api import ApiProblem, wait_for
from commands.journey.cast import Cast
from commands.journey.people import Staff
from commands.journey.script import Step, play_assistant, play_physician

app = typer.Typer(add_completion=False)
console = Console(highlight=False)

VAR = ROOT / "var"
PREPARATION = Preparation(VAR)
COHORT, MANIFEST = PREPARATION.cohort, PREPARATION.manifest
DEMO_PROVINCE = "43"
START_WITHIN = 60.0


@app.command()
def demo(
    port: int = typer.Option(8000, min=1, max=65535, help="where the gateway listens"),
    exit_: bool = typer.Option(False, "--exit", help="end after the journey"),
) -> None:
    """Play one registration from exam result to certificate; `var/` keeps everything for the next start."""
    _refuse_a_port_in_use(port)
    environment = _environment(port)
    VAR.mkdir(exist_ok=True)
    if not PREPARATION.is_done:
        _prepare(environment)
    with _services(environment, port) as process:
        base_url = f"http://127.0.0.1:{port}"
        cast = Cast.read(EXAMPLES)
        _import_results(base_url, cast)
        try:
            _show("执业医师首次注册", play_physician(base_url, cast, COHORT, MANIFEST, VAR / "demo-next.txt"))
            _show(
                "执业助理医师首次注册（退回、补正各一次）",
                play_assistant(base_url, cast, COHORT, MANIFEST, VAR / "demo-next.txt"),
            )
        except ApiProblem as problem:
            console.print(f"[red]The journey stopped: {problem}[/red]")
            raise typer.Exit(1) from None
        if exit_:
            return
        _tell_logins(base_url, cast)
        _serve_until_told(process)


def _environment(port: int) -> dict[str, str]:
    """The embedded defaults, whatever else the shell has set."""
    return {
        **os.environ,
        "ENVIRONMENT": "demo",
        "AMQP_URI": "inproc://",
        "DATABASE_URL": f"sqlite:///{VAR / 'db'}",
        "KEYS_DIR": str(VAR / "keys"),
        "FILES_DIR": str(VAR / "files"),
        "CLOCK_URI": f"file://{VAR / 'clock'}",
        "PROVINCES_DIR": str(ROOT / "provinces"),
        "PROVINCES": "43,44",
        "ORIGIN": "demo",
        "SMS_PROVIDER": "outbox:",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PYTHONWARNINGS": "ignore",
    }


def _refuse_a_port_in_use(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            console.print(f"Port {port} is in use. Choose another one: make demo PORT={port + 1}")
            raise typer.Exit(2) from None


def _prepare(environment: dict[str, str]) -> None:
    with console.status("Preparing databases, organisations and staff …"):
        try:
            PREPARATION.run(environment)
        except PreparationFailed as failed:
            console.print(str(failed), markup=False)
            raise typer.Exit(1) from None


@contextmanager
def _services(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Every service in one child process, ended in good order; says how long the first page took."""
    started = time.monotonic()
    log = (VAR / "demo.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "commands", "serve", "all"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        _await_first_page(process, port, started)
        yield process
    finally:
        log.close()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(45)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_first_page(process: subprocess.Popen[bytes], port: int, started: float) -> None:
    while True:
        if process.poll() is not None:
            tail = (VAR / "demo.log").read_text(errors="replace")[-2000:]
            console.print(f"The services ended at once; the end of var/demo.log:\n{tail}")
            raise typer.Exit(1)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):  # our own address
                break
        except (urllib.error.URLError, OSError):
            if time.monotonic() - started > START_WITHIN:
                console.print("The services did not answer in time; see var/demo.log")
                raise typer.Exit(1) from None
            time.sleep(0.05)
    console.print(f"Services started: first page after [b]{time.monotonic() - started:.1f} s[/b]")


def _import_results(base_url: str, cast: Cast) -> None:
    """Deliver the example cohort as the exam centre does, open the gates, publish; nothing on a second start."""
    examiner = Staff(base_url, cast.examiner.login, cast.examiner.password)
    examiner.log_in()
    known = [
        batch
        for batch in examiner.api.get("/exam-batches")["items"]
        if (batch["year"], batch["round"]) == (YEAR, ROUND) and batch["state"] == "PUBLISHED"
    ]
    if known:
        console.print(f"Exam results {YEAR}: published before, {known[0]['counts'].get('PUBLISHED', 0)} qualifications")
        return
    batch = examiner.deliver_results(COHORT.read_bytes(), YEAR, ROUND)
    with Progress(
        TextColumn("Importing exam results"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    ) as progress:
        bar = progress.add_task("", total=None)

        def imported() -> dict[str, object] | None:
            now = examiner.api.get(f"/exam-batches/{batch['id']}")
            progress.update(bar, total=now["rows"] or None, completed=now["done"])
            return now if now["state"] in ("UPDATED", "FAILED", "PUBLISHED") else None

        wait_for("the import", imported, within=300, every=0.1)
    report = examiner.api.get(f"/exam-batches/{batch['id']}/report")["batch"]
    for reason, count in sorted(report["reasons"].items()):
        console.print(f"  {count:>4} × {reason}")
    published = examiner.publish_results(batch["id"], YEAR, ROUND)
    console.print(f"Exam results {YEAR}: {published['counts'].get('PUBLISHED', 0)} qualifications published")


def _show(title: str, steps: Iterator[Step]) -> None:
    console.print(f"\n[b]{title}[/b]")
    for step in steps:
        console.print(f"  [green]✓[/green] {step.title:<26}{step.result}  [dim]{step.seconds * 1000:.0f} ms[/dim]")


def _tell_logins(base_url: str, cast: Cast) -> None:
    console.print(f"\nServing on [b]{base_url}[/b] (Ctrl-C ends). Codes and captchas: {base_url}/demo/outbox")
    console.print("Demo logins:")
    for login in cast.told(DEMO_PROVINCE):
        console.print(f"  {login.login:<18}{login.password:<18}{login.role:<10}{login.organisation}")


def _serve_until_told(process: subprocess.Popen[bytes]) -> None:
    signal.signal(signal.SIGTERM, lambda _number, _frame: process.send_signal(signal.SIGTERM))
    try:
        process.wait()
    except KeyboardInterrupt:
        console.print("\nEnding …")

"""Whole registrations a second, embedded and on RabbitMQ and PostgreSQL, and where the time goes.

    python -m benchmarks.journey [--journeys 40] [--at-once 4] [--json FILE]

A journey is everything from opening an account to the effect of the approval, with every captcha and SMS code. The
floor is what HTTP client and gateway alone cost: as many requests to a page that asks no service, in the same run.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests
import typer

from benchmarks.harness import Row, against_floor, percentile, report
from commands.journey.api import Api
from tests.support.deployment import Deployment, deployed
from tests.support.postgres import postgres
from tests.support.processes import System
from tests.support.rabbitmq import rabbitmq

_TICKS = os.sysconf("SC_CLK_TCK")


class CountingApi(Api):
    """Counts the requests of all clients."""

    requests = 0

    def request(self, *arguments: object, **options: object) -> object:
        CountingApi.requests += 1
        return super().request(*arguments, **options)  # type: ignore[arg-type]


def main(
    journeys: int = typer.Option(40, min=1, max=2000),
    at_once: int = typer.Option(4, min=1, max=32),
    json_file: Path | None = typer.Option(None, "--json"),
) -> None:
    """Run both ways and print one table."""
    rows: list[Row] = []
    for kind in ("embedded", "distributed"):
        with (
            tempfile.TemporaryDirectory() as folder,
            _system(kind, Path(folder)) as system,
            deployed(system, Path(folder), size=journeys * 12 + 100) as deployment,
        ):
            deployment.client = CountingApi
            rows += measure(kind, deployment, journeys, at_once)
    if not report(f"{journeys} whole registrations, {at_once} at once", rows, json_file):
        raise typer.Exit(1)


def measure(kind: str, deployment: Deployment, journeys: int, at_once: int) -> list[Row]:
    """Rate, length and shares of one way of running."""
    _register(deployment)  # warm: connections, statements, templates
    CountingApi.requests = 0
    before = _cpu(deployment.system)
    began = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        lengths = list(pool.map(lambda _: _register(deployment), range(journeys)))
    wall = time.perf_counter() - began
    used = {name: after - before.get(name, 0.0) for name, after in _cpu(deployment.system).items()}
    asked = CountingApi.requests
    floor = _floor(deployment.url, asked, at_once)
    rows = [
        against_floor(f"{kind}: registrations a second", journeys / wall, "/s", journeys / floor),
        Row(f"{kind}: one registration, median", percentile(lengths, 0.5) * 1000, "ms"),
        Row(f"{kind}: one registration, 95 %", percentile(lengths, 0.95) * 1000, "ms"),
        Row(f"{kind}: HTTP requests a registration", asked / journeys, ""),
        Row(f"{kind}: CPU a registration, all services", sum(used.values()) / journeys * 1000, "ms"),
    ]
    whole = sum(used.values()) or 1.0
    return rows + [Row(f"{kind}:   share of {name}", spent / whole * 100, "%") for name, spent in sorted(used.items())]


def _register(deployment: Deployment) -> float:
    """One registration from account to effect; its seconds."""
    began = time.perf_counter()
    doctor = deployment.accepted()
    deployment.officer().decide(doctor.application["number"], "approve", step="decide")
    doctor.wait_until("CERT_ISSUED", "EFFECTIVE", within=60)
    return time.perf_counter() - began


def _floor(url: str, requests_: int, at_once: int) -> float:
    """Seconds that as many requests take when nothing is asked of a service."""
    sessions = [requests.Session() for _ in range(at_once)]

    def ask(position: int) -> None:
        sessions[position % at_once].get(f"{url}/healthz", timeout=10).raise_for_status()

    began = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(ask, range(requests_)))
    return time.perf_counter() - began


def _cpu(system: System) -> dict[str, float]:
    """Seconds of processor time that each process of the system has used."""
    used: dict[str, float] = {}
    for name, process in system.processes.items():
        if process.process is not None:
            fields = Path(f"/proc/{process.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            used[name] = (int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])) / _TICKS
    return used


@contextmanager
def _system(kind: str, folder: Path) -> Iterator[System]:
    with ExitStack() as stack:
        if kind == "embedded":
            yield System.embedded(folder / "system")
        else:
            broker = stack.enter_context(rabbitmq(private=True))
            database = stack.enter_context(postgres(private=True))
            yield System.distributed(broker.uri, database.server_url, folder / "system")


if __name__ == "__main__":
    typer.run(main)

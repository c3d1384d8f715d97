"""RPC and events beside the bare broker client, stock nameko and aio-pika, all in one interleaved run.

`python -m benchmarks.bus [--rounds 5] [--seconds 1.5] [--json FILE]`. The parties share the machine with the broker, so
the ratios count, not the rates. Targets: design §6.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.bus_parties import ANNOUNCER, CALLER, HANDLER, SERVICE
from benchmarks.harness import Row, against_floor, at_least, at_most, middle, percentile, ratio_by_round, report
from shared.platform.crypto import initialise_secrets
from shared.platform.identity import initialise_identity_keys
from tests.support.postgres import Postgres
from tests.support.rabbitmq import rabbitmq

CALLERS = (1, 10, 50)
WANTED = {1: 0.60, 10: 0.60, 50: 0.85}
EMBEDDED_WANTED = 4000
NEWS_RATE = 200
ROOT = Path(__file__).parents[1]

#: Name, module, how it serves, how it calls.
PARTIES = (
    ("floor: bare py-amqp", "floor", "serve", "call"),
    ("ours", "ours", "serve", "call"),
    ("ours, schemas and a sealed field", "ours", None, "call-schemas"),
    ("aio-pika JsonRPC, no confirms", "aio_pika_rpc", "serve", "call"),
    ("stock nameko", "stock", "serve", "call"),
    ("ours, embedded", "ours", None, "embed"),
    ("ours, embedded, schemas and a sealed field", "ours", None, "embed-schemas"),
)
FLOOR, OURS, EMBEDDED = PARTIES[0][0], PARTIES[1][0], PARTIES[5][0]
PEERS = (PARTIES[3][0], PARTIES[4][0])


class Party:
    """A process that was started and has said `ready`."""

    def __init__(self, module: str, mode: str, uri: str, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", f"benchmarks.bus_parties.{module}", mode, uri],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._line("ready")

    def rate(self, callers: int, seconds: float) -> float:
        """Calls a second with so many callers."""
        return int(self.ask(f"{callers} {seconds}")) / seconds

    def ask(self, line: str) -> str:
        """The answer to one line."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._line()

    def end(self) -> None:
        """End it, by its own id."""
        self._process.kill()
        self._process.wait()

    def _line(self, wanted: str | None = None) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line or (wanted is not None and line != wanted):
            raise RuntimeError(f"{self._process.args!r} ended or answered {line!r}")
        return line


@contextmanager
def deployment() -> Iterator[dict[str, str]]:
    """Keys and settings for the benchmark's own services."""
    with tempfile.TemporaryDirectory(prefix="yizhu-bench-") as folder:
        keys = Path(folder) / "keys"
        services = (SERVICE, CALLER, ANNOUNCER, HANDLER)
        initialise_secrets(keys, services)
        initialise_identity_keys(keys, services)
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "PYTHONPATH")}
        yield kept | {"ENVIRONMENT": "test", "KEYS_DIR": str(keys), "DATABASE_URL": f"sqlite:///{folder}/db"}


def measure_rpc(rounds: int, seconds: float, only: str = "") -> dict[tuple[str, int], list[float]]:
    """The rates of each party for each number of callers, one a round."""
    rates: dict[tuple[str, int], list[float]] = {}
    with ExitStack() as stack:
        environment = stack.enter_context(deployment())
        uri = stack.enter_context(rabbitmq()).uri
        callers = {}
        for name, module, serve, call in PARTIES:
            if only and only not in name and name != FLOOR:
                continue
            for mode in (serve, call):
                if mode is None:
                    continue
                party = Party(module, mode, "inproc://" if mode.startswith("embed") else uri, environment)
                stack.callback(party.end)
            callers[name] = party
        for party in callers.values():
            party.rate(10, 0.5)  # warm: identity verified, schemas built, channels open
        for _ in range(rounds):
            for number in CALLERS:
                for name, party in callers.items():
                    rates.setdefault((name, number), []).append(party.rate(number, seconds))
    return rates


def rpc_rows(rates: dict[tuple[str, int], list[float]]) -> list[Row]:
    """The table's rows."""
    rows = []
    for (name, number), rate in sorted(rates.items(), key=lambda item: ([p[0] for p in PARTIES].index(item[0][0]), 0)):
        label = f"{name}, {number} caller{'s' if number > 1 else ''}"
        if name == EMBEDDED and number == 1:
            rows.append(at_least(label, middle(rate), "calls/s", EMBEDDED_WANTED))
        elif "embedded" in name:
            rows.append(Row(label, middle(rate), "calls/s"))
        else:
            floors, wanted = rates[FLOOR, number], WANTED[number] if name == OURS else None
            ratio = ratio_by_round(rate, floors)
            rows.append(against_floor(label, middle(rate), "calls/s", middle(floors), wanted, ratio=ratio))
    for number in CALLERS:
        peers = [rates[peer, number] for peer in PEERS if (peer, number) in rates]
        if peers and (OURS, number) in rates:
            lead = ratio_by_round(rates[OURS, number], [max(others) for others in zip(*peers, strict=True)])
            rows.append(
                at_least(f"ours to the quickest peer, {number} caller{'s' if number > 1 else ''}", lead, "×", 1)
            )
    return rows


def measure_news(rounds: int, seconds: float) -> tuple[list[list[float]], int]:
    """Milliseconds from commit to handled in each round, and how many events are missing.

    Two services, each with its database on PostgreSQL, and RabbitMQ between them.
    """
    with ExitStack() as stack:
        environment = stack.enter_context(deployment())
        uri = stack.enter_context(rabbitmq()).uri
        server = stack.enter_context(Postgres())
        environment |= {"AMQP_URI": uri, "DATABASE_URL": server.server_url}
        handler = Party("news", "handle", uri, environment)
        stack.callback(handler.end)
        announcer = Party("news", "announce", uri, environment)
        stack.callback(announcer.end)
        measured, missing = [], 0
        for number in range(rounds + 1):
            announced = int(announcer.ask(f"{NEWS_RATE} {seconds if number else 2}"))
            times: list[float] = []
            end = time.monotonic() + 30
            while len(times) < announced and time.monotonic() < end:
                time.sleep(0.2)
                times += json.loads(handler.ask("report"))
            missing += announced - len(times)
            if number:  # the first round only warms up
                measured.append([1000 * each for each in times])
        return measured, missing


def news_rows(measured: list[list[float]], missing: int) -> list[Row]:
    """The table's rows for events: the median of the rounds."""
    label = f"event, commit to handled, {NEWS_RATE}/s"
    return [
        at_most(f"{label}, p50", middle([percentile(times, 0.50) for times in measured]), "ms", 20),
        at_most(f"{label}, p99", middle([percentile(times, 0.99) for times in measured]), "ms", 150),
        at_most(f"{label}, missing", missing, "events", 0),
    ]


def main() -> int:
    """Measure and report; the exit status tells whether the targets were met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--news-seconds", type=float, default=5.0)
    parser.add_argument("--only", default="", help="the floor and what has this in its name, or `events`")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = [] if options.only == "events" else rpc_rows(measure_rpc(options.rounds, options.seconds, options.only))
    if options.only in ("", "events"):
        rows += news_rows(*measure_news(3, options.news_seconds))
    return 0 if report("The bus", rows, options.json) else 1


if __name__ == "__main__":
    sys.exit(main())

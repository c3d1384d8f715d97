"""The Prometheus of a province, as an operator adds it: its targets, its alerts, and what it answers."""

from __future__ import annotations

import json
import re
import shutil
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.compose.containers import HEALTHY_WITHIN, ROOT, Province
from tests.support.waiting import free_port, get_status, wait_until

FOLDER = ROOT / "deploy" / "observability"


@dataclass(frozen=True)
class Prometheus:
    """A running one."""

    url: str

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples that an expression gives now."""
        found: list[dict[str, Any]] = self._ask("query", query=expression)["result"]
        return found

    def value(self, expression: str) -> float:
        """The sum of the samples that an expression gives now; 0 where there are none."""
        return sum(float(sample["value"][1]) for sample in self.query(expression))

    def up(self) -> dict[str, set[str]]:
        """The addresses that answered their last scrape, by the name under which they were looked for."""
        found: dict[str, set[str]] = {}
        for target in self._ask("targets", state="active")["activeTargets"]:
            if target["health"] == "up":
                discovered = target["discoveredLabels"]
                name = discovered.get("__meta_dns_name", discovered["__address__"].partition(":")[0])
                found.setdefault(name, set()).add(discovered["__address__"])
        return found

    def alerts(self, state: str = "firing") -> list[dict[str, str]]:
        """The labels of the alerts that fire (or are `pending`)."""
        return [alert["labels"] for alert in self._ask("alerts")["alerts"] if alert["state"] == state]

    def _ask(self, what: str, **parameters: str) -> Any:
        asked = f"{self.url}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)["data"]


@contextmanager
def prometheus_of(province: Province, *, impatient: tuple[str, ...] = ()) -> Iterator[Prometheus]:
    """Add it to a running province for the block, with the shipped rules; it asks and judges every few seconds.

    The rules named in `impatient` don't wait, and the outbox may not stand still for more than five seconds.
    """
    settings = province.folder / "compose.env"
    before = settings.read_text()
    rules = province.folder / "observability"
    rules.mkdir()
    (rules / "prometheus.yml").write_text(
        re.sub(r"(evaluation_interval|refresh_interval): 15s", r"\1: 2s", _shipped("prometheus.yml"))
        .replace("scrape_interval: 15s", "scrape_interval: 5s")
        .replace("scrape_timeout: 10s", "scrape_timeout: 5s")
    )
    (rules / "alerts.yml").write_text(_hurried(_shipped("alerts.yml"), impatient))
    for path in (rules, *rules.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    files = re.search(r"^COMPOSE_FILE=(.*)$", before, re.MULTILINE)
    assert files is not None
    port = free_port()
    added = f"COMPOSE_FILE={files[1]}:docker-compose.observability.yml"
    settings.write_text(before.replace(files[0], added) + f"PROMETHEUS_PORT={port}\nOBSERVABILITY_DIR={rules}\n")
    try:
        province.compose("up", "-d", "--no-deps", "prometheus", within=180)
        running = Prometheus(f"http://127.0.0.1:{port}")
        wait_until(
            lambda: get_status(f"{running.url}/-/ready") == 200,
            HEALTHY_WITHIN,
            lambda: province.compose("logs", "--tail=30", "prometheus", check=False).stdout,
            every=0.3,
        )
        yield running
    finally:
        province.compose("rm", "-sfv", "prometheus", check=False)
        settings.write_text(before)
        shutil.rmtree(rules)


def _shipped(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def _hurried(rules: str, names: tuple[str, ...]) -> str:
    """The rules, those named without patience."""
    parts = re.split(r"(?m)^(?=      - alert: )", rules)
    for position, part in enumerate(parts):
        if any(part.startswith(f"      - alert: {name}\n") for name in names):
            parts[position] = re.sub(r"for: \d+m", "for: 2s", part).replace("> 120", "> 5")
    assert all(f"- alert: {name}\n" in rules for name in names)
    return "".join(parts)

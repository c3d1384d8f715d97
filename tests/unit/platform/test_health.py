"""Alive, ready, measured."""

from __future__ import annotations

import json
from typing import Any

import eventlet

from shared.platform.health import Health


def running() -> Health:
    health = Health()
    health.started()
    return health


def ask(health: Health, path: str) -> tuple[int, bytes]:
    status: list[str] = []

    def start(line: str, headers: Any) -> None:
        status.append(line)

    body = b"".join(health.application({"PATH_INFO": path}, start))
    return int(status[0].split()[0]), body


def test_a_process_lives_whatever_its_parts_do():
    health = Health()
    health.register("database", lambda: False)
    assert ask(health, "/healthz")[0] == 200


def test_it_is_ready_when_every_part_is():
    health = running()
    health.register("bus", lambda: True)
    assert ask(health, "/readyz")[0] == 200
    health.register("database", lambda: False)
    status, body = ask(health, "/readyz")
    assert status == 503
    assert json.loads(body)["checks"] == {"running": True, "bus": True, "database": False}
    health.unregister("database")
    assert ask(health, "/readyz")[0] == 200


def test_a_part_that_fails_or_hangs_is_not_ready(monkeypatch):
    monkeypatch.setattr("shared.platform.health._CHECK_SECONDS", 0.05)
    health = running()
    health.register("broken", lambda: 1 / 0)
    health.register("slow", lambda: eventlet.sleep(5) or True)
    assert health.results() == {"running": True, "broken": False, "slow": False}


def test_a_process_is_not_ready_before_all_of_it_has_started():
    health = Health()
    health.register("bus", lambda: True)
    assert ask(health, "/readyz")[0] == 503
    health.started()
    assert ask(health, "/readyz")[0] == 200


def test_a_process_that_stops_is_not_ready():
    health = running()
    health.stop()
    assert ask(health, "/readyz")[0] == 503


def test_figures_and_unknown_paths():
    assert b"python_info" in ask(Health(), "/metrics")[1]
    assert ask(Health(), "/")[0] == 404

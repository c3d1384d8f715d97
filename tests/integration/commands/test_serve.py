"""A process of services from outside: ready, measured, one to a database file, ended in good order."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

import pytest

from tests.support.processes import ALL, NotReady, ServiceProcess, System, free_port, get_status
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    """Two services in one process."""
    with System.embedded(services=("notices", "gateway")) as found:
        yield found


def admin(system: System, path: str) -> str:
    port = system.processes[ALL].environment["ADMIN_PORT"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return answer.read().decode()


def refusal(system: System, **settings: str) -> str:
    """What a further process says when it can't start."""
    environment = system.environment | {"ADMIN_PORT": "0"} | settings
    process = ServiceProcess("second", environment, system.folder / f"second-{free_port()}.log")
    process.start(system.services)
    assert process.process is not None
    assert process.process.wait(60) == 2
    return process.tail().strip()


def test_every_part_is_asked_before_a_process_is_ready(system: System):
    checks = admin(system, "/readyz")
    for part in ("notices.bus", "notices.events", "notices.database", "notices.outbox", "notices.migrations"):
        assert f'"{part}":true' in checks
    for part in ("gateway.calls", "running"):
        assert f'"{part}":true' in checks
    assert "alive" in admin(system, "/healthz")


def test_figures_carry_the_services_label(system: System):
    figures = admin(system, "/metrics")
    assert 'yizhu_outbox_waiting{service="notices"} 0.0' in figures
    assert 'yizhu_inbox_unfinished{service="notices",status="dead"} 0.0' in figures
    assert 'yizhu_failed_items{service="notices",status="parked"} 0.0' in figures


def test_a_port_in_use_is_said_in_one_line(system: System):
    said = refusal(system, DATABASE_URL=f"sqlite:///{system.folder}/other")
    assert said.startswith("PORT: ")
    assert "\n" not in said


def test_a_database_file_has_one_process(system: System):
    said = refusal(system, PORT=str(free_port()))
    assert said.startswith("DATABASE_URL: ")
    assert "notices.db" in said


def test_a_killed_process_leaves_no_lock_and_a_stopped_one_status_0(system: System):
    system.restart(ALL)
    system.stop()
    assert '"event":"stopped"' in system.log()
    assert get_status(system.url) == 0
    system.start()
    assert system.faults() == []


def test_a_stopping_gateway_finishes_what_it_has_and_sends_a_proxy_away():
    """A rolling restart cuts nobody off: /healthz says 503 at once, requests are taken a while longer and all ended."""
    with System.embedded(services=("notices", "gateway"), DRAIN_SECONDS="3") as system, connected(system) as slow:
        body = b"{}"
        slow.sendall(b"POST /api/v1/signups HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n" % len(body))  # fmt: skip
        wait_until(lambda: get_status(f"{system.url}/healthz") == 200, 5, lambda: "not alive")
        process = system.processes[ALL].process
        process.terminate()
        wait_until(lambda: get_status(f"{system.url}/healthz") == 503, 2, lambda: "not draining")
        assert get_status(f"{system.url}/api/v1/public/calendar") != 0
        wait_until(lambda: get_status(f"{system.url}/healthz") == 0, 10, lambda: "the port is still open")
        assert process.poll() is None
        slow.sendall(body)
        answer = b"".join(iter(partial(slow.recv, 4096), b""))
        assert answer.startswith(b"HTTP/1.1 400")
        assert b"consent_version" in answer
        assert process.wait(30) == 0


@contextmanager
def connected(system: System) -> Iterator[socket.socket]:
    """A client of the gateway's port."""
    address = urlsplit(system.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=20) as client:
        yield client


def test_a_process_that_can_not_start_is_told_with_its_log(tmp_path):
    with (
        pytest.raises(NotReady, match="SMS_PROVIDER"),
        System.embedded(tmp_path / "home", services=("notices",), SMS_PROVIDER="pigeon:"),
    ):
        pass


def test_a_listener_of_somebody_else_is_not_taken_over(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with (
            pytest.raises(NotReady, match=f"PORT: {port}"),
            System.embedded(tmp_path / "home", services=("gateway",), PORT=port),
        ):
            pass

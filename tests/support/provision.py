"""Finds or installs what the tests need beside Python: a broker, a database server, a browser; says what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support import postgres, rabbitmq

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "debian-packages.txt"
#: Read by `tests/conftest.py`: tests of these marks are left out, and the run says so at its end.
WITHOUT = "YIZHU_TESTS_WITHOUT"


@dataclass(frozen=True)
class Need:
    """Something that tests of a mark can't do without."""

    mark: str
    what: str
    is_there: Callable[[], bool]


def browser() -> Path | None:
    """The Chromium that the browser tests drive."""
    for name in ("chromium", "chromium-browser"):
        found = shutil.which(name)
        if found:
            return Path(found)
    return None


NEEDS = (
    Need("broker", "RabbitMQ (AMQP_URI, or the program rabbitmq-server)", rabbitmq.is_available),
    Need("postgres", "PostgreSQL (DATABASE_URL, or its server programs)", postgres.is_available),
    Need("browser", "Chromium (/usr/bin/chromium)", lambda: browser() is not None),
)


def missing() -> list[Need]:
    """What is not there yet."""
    return [need for need in NEEDS if not need.is_there()]


def provision() -> list[Need]:
    """Install what is missing where that is possible (Debian, as root); what is still missing afterwards."""
    lacking = missing()
    if lacking and _can_install():
        print(f"Installing from Debian: {', '.join(need.what for need in lacking)}", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = [line for line in PACKAGES.read_text().splitlines() if line and not line.startswith("#")]
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        lacking = missing()
    return lacking


def announce(lacking: list[Need]) -> None:
    """Say what will not run; under CI that is a failure."""
    if not lacking:
        return
    print("\n" + "!" * 100, file=sys.stderr)
    for need in lacking:
        print(f"! NOT RUN: every test marked `{need.mark}`. Missing: {need.what}", file=sys.stderr)
    print(f"! Install the packages of {PACKAGES.name}, or set AMQP_URI and DATABASE_URL.", file=sys.stderr)
    print("!" * 100 + "\n", file=sys.stderr)
    if os.environ.get("CI") == "true":
        sys.exit("CI runs every test; some could not run.")


def _can_install() -> bool:
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None

"""`make test`: provides what the tests need beside Python, and runs them all: a folder a process, some side by side."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.support.provision import WITHOUT, announce, provision

ROOT = Path(__file__).resolve().parents[1]
#: Those that take longest, first: the others fill up what is left. A folder that is not named here comes after these.
FIRST = (
    "tests/e2e/browser",
    "tests/e2e/faults",
    "tests/e2e/security",
    "tests/integration/accounts",
    "tests/integration/platform",
    "tests/integration/notices",
    "tests/e2e",
)
#: Pytest's status where every test of a group was deselected for want of a server, which `announce` tells.
NONE_COLLECTED = 5

_printing = threading.Lock()


@dataclass(frozen=True)
class Group:
    """Tests that share running systems, and so one process: the systems of two groups know nothing of each other."""

    name: str
    paths: tuple[str, ...]

    def run(self, environment: dict[str, str]) -> int:
        """Run it, show what it said when it has ended, and give its status."""
        started = time.monotonic()
        command = [sys.executable, "-m", "pytest", *self.paths, *sys.argv[1:]]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        with _printing:
            print(f"\n=== {self.name}: {time.monotonic() - started:.0f} s\n{done.stdout}", flush=True)
        return 0 if done.returncode == NONE_COLLECTED and environment[WITHOUT] else done.returncode


def main() -> int:
    """Run all groups, also after one has failed: whoever waits for them wants to know all that is wrong."""
    lacking = provision()
    announce(lacking)
    environment = {**os.environ, WITHOUT: ",".join(need.mark for need in lacking)}
    # Hundreds of processes are started: they shall not compile the source each time, whoever asks for that elsewhere.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    ordered = sorted(groups(), key=lambda group: FIRST.index(group.name) if group.name in FIRST else len(FIRST))
    print(
        f"{len(ordered)} groups, {side_by_side()} side by side; each shows what it says when it has ended", flush=True
    )
    with ThreadPoolExecutor(side_by_side()) as runners:
        statuses = list(runners.map(lambda group: group.run(environment), ordered))
    announce(lacking)
    failed = [group.name for group, status in zip(ordered, statuses, strict=True) if status != 0]
    for name in failed:
        print(f"failed: {name}", flush=True)
    return 1 if failed else 0


def groups() -> Iterator[Group]:
    """All tests that need no containers, each in one group."""
    yield Group("rules, schemas, contracts, architecture", ("tests/unit", "tests/contract", "tests/architecture"))
    for kind in ("tests/integration", "tests/e2e"):
        alone = sorted((ROOT / kind).glob("test_*.py"))
        if alone:
            yield Group(kind, tuple(str(path.relative_to(ROOT)) for path in alone))
        for folder in sorted(path for path in (ROOT / kind).iterdir() if any(path.rglob("test_*.py"))):
            name = str(folder.relative_to(ROOT))
            yield Group(name, (name,))


def side_by_side() -> int:
    """A group waits about as long as it works. A broker that is given from outside serves one system at a time."""
    return 1 if "AMQP_URI" in os.environ else min(4, os.cpu_count() or 1)


if __name__ == "__main__":
    sys.exit(main())

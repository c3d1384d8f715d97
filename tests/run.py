"""`make test`: provides what the tests need beside Python, then runs them all."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from tests.support.provision import WITHOUT, announce, provision

RUNS = (
    ("rules, schemas, contracts, architecture", ["tests/unit", "tests/contract", "tests/architecture"]),
    ("services, databases, journeys, browser", ["tests/integration", "tests/e2e"]),
)


def main() -> int:
    """Run all; the first failing run ends it."""
    lacking = provision()
    announce(lacking)
    environment = {**os.environ, WITHOUT: ",".join(need.mark for need in lacking)}
    for name, paths in RUNS:
        started = time.monotonic()
        print(f"\n=== {name}", flush=True)
        command = [sys.executable, "-m", "pytest", *paths, *sys.argv[1:]]
        status = subprocess.run(command, env=environment, check=False).returncode
        print(f"=== {name}: {time.monotonic() - started:.0f} s", flush=True)
        if status != 0:
            return status
    announce(lacking)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Brings the green tests into the ordinary run, in a process of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
@pytest.mark.timeout(620)
def test_the_bus_keeps_its_promises_on_both_transports():
    run = subprocess.run(
        [sys.executable, "-m", "tests.integration.bus", "-q"], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]

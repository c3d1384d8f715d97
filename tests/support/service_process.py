"""One process of the running system, as a child of the tests."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.support.waiting import NotReady, get_status

ROOT = Path(__file__).resolve().parents[2]
STOP_WITHIN = 45.0
_PR_SET_PDEATHSIG = 1


@dataclass
class ServiceProcess:
    """One process of the system: `name` is a service, or `all` when every service lives in it."""

    name: str
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def start(self, services: Iterable[str]) -> None:
        """Start it; its log goes on where it ended."""
        if self.is_running:
            raise RuntimeError(f"{self.name} is running")
        self.starts += 1
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "commands", "serve", *services],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    def is_ready(self) -> bool:
        """Whether `/readyz` says so now; `NotReady` if the process has ended."""
        if not self.is_running:
            status = None if self.process is None else self.process.returncode
            raise NotReady(f"{self.name} ended with {status}:\n{self.tail()}")
        return get_status(f"http://127.0.0.1:{self.environment['ADMIN_PORT']}/readyz") == 200

    def end(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end; the exit status. One that does not end in time is killed and told."""
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(how)
        try:
            return process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{self.name} did not stop within {STOP_WITHIN:.0f} s:\n{self.tail()}") from None

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""


def _end_with_parent() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

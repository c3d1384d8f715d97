"""Work in a child process: plain subprocesses that speak JSON lines, a bounded number, started again when one dies.

The child imports one module and calls its functions by name, `function(payload) -> answer`, both plain JSON values. It
is not monkey-patched and knows no bus; where records are written, the service writes them (design D6).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import eventlet
from eventlet.green.subprocess import Popen
from eventlet.queue import LightQueue
from nameko.extensions import SharedExtension

from .errors import Unavailable, from_wire
from .logging import get_logger

_log = get_logger(__name__)
_ROOT: Final = Path(__file__).resolve().parents[2]
_PIPE_BYTES: Final = 1 << 16


class ChildFault(Exception):
    """The function in the child raised what is no refusal; `kind` names the exception, never its text."""

    def __init__(self, function: str, kind: str) -> None:
        super().__init__(f"{function}: {kind}")
        self.function, self.kind = function, kind


class _Child:
    """One process, used by one caller at a time."""

    def __init__(self, module: str) -> None:
        self.process = Popen(
            [sys.executable, "-m", "shared.platform.child_side", module],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
        )

    def ask(self, request: bytes) -> bytes:
        self.process.stdin.write(request + b"\n")
        self.process.stdin.flush()
        # `readline` on a green pipe asks the system for every single byte: a second for an answer of a few hundred KB.
        pieces: list[bytes] = []
        while not pieces or not pieces[-1].endswith(b"\n"):
            piece = self.process.stdout.read(_PIPE_BYTES)
            if not piece:
                raise BrokenPipeError("the child ended")
            pieces.append(piece)
        return b"".join(pieces)

    def end(self) -> None:
        """Kill it and take its exit status, so that no zombie stays."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Children(SharedExtension):
    """At most `size` child processes for the functions of `module`, started when first needed.

    `warm` starts them with the service, where the first caller can't wait for a module's imports. As a nameko extension
    it ends them with the service; outside of one, call `stop`.
    """

    def __init__(self, module: str, size: int = 1, *, warm: bool = False) -> None:
        super().__init__()
        self.module, self.size, self._warm = module, size, warm
        self._idle: LightQueue = LightQueue()
        for _ in range(size):
            self._idle.put(None)
        self._running: set[_Child] = set()

    @property
    def sharing_key(self) -> tuple[type, str]:
        """Providers that name the same module share its processes."""
        return type(self), self.module

    def start(self) -> None:
        """Begin with children that import while nobody waits for them yet, if they are to be warm."""
        for _ in range(self.size if self._warm else 0):
            self._idle.get_nowait()
            self._idle.put(self._start())

    def call(self, function: str, payload: Any, timeout: float = 30.0) -> Any:
        """What `function(payload)` in the child answers.

        A refusal of the closed set comes back as itself, any other error as `ChildFault`. A child that takes longer
        than `timeout` (the wait for a free one included) or dies is replaced, and the caller gets
        `Unavailable("child_unavailable")`: the same call may succeed later.
        """
        request = json.dumps({"function": function, "payload": payload}).encode()
        unavailable = Unavailable("child_unavailable", function=function)
        with eventlet.Timeout(timeout, unavailable):
            child: _Child | None = self._idle.get()
            answered = None
            try:
                child = child or self._start()
                answered = child.ask(request)
            except OSError as error:
                _log.warning("child_died", chores=self.module, function=function)
                raise unavailable from error
            finally:
                # Whoever leaves without an answer leaves a child that may still be at work: it is of no use to others.
                if answered is None and child is not None:
                    self._discard(child)
                    child = None
                self._idle.put(child)
        return _result(function, json.loads(answered))

    def stop(self) -> None:
        """End all children."""
        for child in tuple(self._running):
            self._discard(child)

    def kill(self) -> None:
        """The same, when the service is killed."""
        self.stop()

    def _start(self) -> _Child:
        child = _Child(self.module)
        self._running.add(child)
        return child

    def _discard(self, child: _Child) -> None:
        self._running.discard(child)
        child.end()


def _result(function: str, answer: dict[str, Any]) -> Any:
    error = answer.get("error")
    if error is None:
        return answer["result"]
    refusal = from_wire(error["kind"], error["code"], error["facts"])
    raise refusal if refusal is not None else ChildFault(function, error["kind"])

"""The child's side of `children.py`: one request a line, one answer a line; it imports as little as it can."""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .errors import DomainError


def serve(module: ModuleType) -> None:
    """Read requests from standard input until it ends, answer to what was standard output."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Anything that a library prints must not get between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin.buffer:
        request = json.loads(line)
        answers.write(json.dumps(_answered(module, request)).encode() + b"\n")
        answers.flush()


def _answered(module: ModuleType, request: dict[str, Any]) -> dict[str, Any]:
    try:
        function: Callable[[Any], Any] = getattr(module, request["function"])
        return {"result": function(request["payload"])}
    except DomainError as refusal:
        return {"error": {"kind": refusal.kind, "code": refusal.code, "facts": refusal.facts}}
    except Exception as fault:  # noqa: BLE001 - the parent is told the kind; the place goes to the log, the text nowhere
        for frame in traceback.extract_tb(fault.__traceback__):
            sys.stderr.write(f"{frame.filename}:{frame.lineno} {frame.name}\n")
        return {"error": {"kind": type(fault).__name__, "code": "", "facts": {}}}


if __name__ == "__main__":
    serve(importlib.import_module(sys.argv[1]))

"""Functions for the child process of `test_children.py`."""

from __future__ import annotations

import os
import time
from typing import Any

from shared.platform.errors import RuleViolated


def double(payload: dict[str, Any]) -> int:
    print("a library that prints does no harm")
    return int(payload["n"]) * 2


def refuse(payload: Any) -> None:
    raise RuleViolated("photo_too_small", width=10)


def fail(payload: Any) -> None:
    raise ValueError("43019919900101001X")


def die(payload: Any) -> None:
    os._exit(9)


def sleep(payload: Any) -> None:
    time.sleep(60)


def pid(payload: Any) -> int:
    return os.getpid()

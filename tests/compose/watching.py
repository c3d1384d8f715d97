"""How long people were without service while something went on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.waiting import get_status


@contextmanager
def watched(url: str, figures: dict[str, float], name: str) -> Iterator[None]:
    """Ask for something that passes the gateway, a service and its database, and note how long no answer came."""
    ended = threading.Event()
    away = 0.0

    def ask() -> None:
        nonlocal away
        since = None
        while not ended.is_set():
            asked = time.monotonic()
            answers = get_status(f"{url}/api/v1/institutions?q=x", within=3.0) == 200
            if answers and since is not None:
                away, since = max(away, time.monotonic() - since), None
            elif not answers and since is None:
                since = asked
            ended.wait(0.1)
        if since is not None:
            away = max(away, time.monotonic() - since)

    watcher = threading.Thread(target=ask)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
        figures[f"longest time without service: {name}"] = away

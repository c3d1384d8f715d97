"""How long people were without service while something went on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from requests import RequestException

from commands.journey.api import Api, ApiProblem
from tests.support.deployment import Deployment

#: What is asked of each service, through the gateway; that of the gateway itself fails with all of them.
PARTS = {
    "accounts": "/institutions?q=x",
    "sync": "/public/calendar",
    "applications": "/public/certificates/AAAA-AAAA-AAAA",
    "review": "/tasks",
    "notices": "/me/messages",
}
#: Seconds between two questions to a service.
EVERY = 0.2


@dataclass
class Outages:
    """The longest time that each service gave no answer, in seconds."""

    longest: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return ", ".join(f"{part} {seconds:.1f}" for part, seconds in self.longest.items() if seconds) or "none"


@contextmanager
def watched(people: Deployment, figures: dict[str, float], name: str) -> Iterator[Outages]:
    """Ask every service for something all the time, and note how long no answer came."""
    clerk = people.clerk().api
    outages, ended = Outages(), threading.Event()

    def watch(part: str) -> None:
        outages.longest[part] = _longest_outage(lambda: _answers(clerk, PARTS[part]), ended)

    watchers = [threading.Thread(target=watch, args=(part,)) for part in PARTS]
    for watcher in watchers:
        watcher.start()
    try:
        yield outages
    finally:
        ended.set()
        for watcher in watchers:
            watcher.join()
        figures[f"longest time without service: {name}"] = max(outages.longest.values())
        print(f"without service while {name}: {outages}")


def _longest_outage(answers: Callable[[], bool], ended: threading.Event) -> float:
    longest, since = 0.0, None
    while not ended.is_set():
        asked = time.monotonic()
        if answers():
            if since is not None:
                longest, since = max(longest, time.monotonic() - since), None
        elif since is None:
            since = asked
        ended.wait(EVERY)
    return longest if since is None else max(longest, time.monotonic() - since)


def _answers(clerk: Api, path: str) -> bool:
    """Each question comes over a new connection. «No such certificate» is an answer, «service away» is none."""
    asking = Api(clerk.base_url, timeout=3.0)
    asking.token = clerk.token
    try:
        asking.get(path)
    except ApiProblem as problem:
        return problem.status < HTTPStatus.INTERNAL_SERVER_ERROR
    except RequestException:
        return False
    return True

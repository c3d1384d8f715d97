"""Timers run again and again, also after an error, never twice at once, and end in good order."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = """
import eventlet
eventlet.monkey_patch()
import json
from nameko import config
from nameko.containers import ServiceContainer
from shared.platform.errors import Unavailable
from shared.platform.timers import every

counts = {"good": 0, "fault": 0, "refusal": 0, "slow": 0, "at_once": 0, "most_at_once": 0}

class Service:
    name = "review"

    @every(seconds=0.05)
    def good(self):
        counts["good"] += 1

    @every(seconds=0.05)
    def fault(self):
        counts["fault"] += 1
        raise ValueError("a fault")

    @every(seconds=0.05)
    def refusal(self):
        counts["refusal"] += 1
        raise Unavailable("database_unavailable")

    @every(seconds=0.05)
    def slow(self):
        counts["at_once"] += 1
        counts["most_at_once"] = max(counts["most_at_once"], counts["at_once"])
        eventlet.sleep(0.3)
        counts["slow"] += 1
        counts["at_once"] -= 1

config.setup({"AMQP_URI": "inproc://"})
container = ServiceContainer(Service)
container.start()
with eventlet.Timeout(30):
    while min(counts["good"], counts["fault"], counts["refusal"]) < 3 or counts["slow"] < 2:
        eventlet.sleep(0.05)
container.stop()
ended = dict(counts)
eventlet.sleep(0.3)
print(json.dumps({"most_at_once": counts["most_at_once"], "stopped": ended == counts, "at_once": counts["at_once"]}))
"""


def test_a_timer_goes_on_after_an_error_and_ends_in_good_order() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"most_at_once": 1, "stopped": True, "at_once": 0}

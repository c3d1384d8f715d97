"""How a green thread sleeps until another has something for it: one waiter a wait, so a late wake-up harms nobody."""

from __future__ import annotations

from typing import Any

from eventlet import hubs
from greenlet import getcurrent


class Waiter:
    """One thing to wait for; it comes once, before or during the wait. Cheaper than eventlet's Event with a Timeout."""

    __slots__ = ("_greenlet", "value", "woken")

    def __init__(self) -> None:
        self._greenlet: Any = None
        self.woken = False
        self.value: Any = None

    def wake(self, value: Any = None) -> None:
        """Hand over the value; a second one is ignored."""
        if self.woken:
            return
        self.woken = True
        self.value = value
        if self._greenlet is not None:
            hubs.get_hub().schedule_call_global(0, self._resume)

    def wait(self, timeout: float | None = None) -> bool:
        """Sleep until woken, or for `timeout` seconds; tells whether the value came."""
        if self.woken:
            return True
        hub = hubs.get_hub()
        timer = None if timeout is None else hub.schedule_call_global(max(timeout, 0.0), self._resume)
        self._greenlet = getcurrent()
        try:
            hub.switch()
        finally:
            # Killed, timed out or woken: whatever is still scheduled for this wait finds nobody.
            self._greenlet = None
            if timer is not None:
                timer.cancel()
        return self.woken

    def _resume(self) -> None:
        sleeper = self._greenlet
        if sleeper is not None:
            sleeper.switch()


class Signal:
    """Something that happens again and again; `wait` returns at once if it happened since the last wait."""

    __slots__ = ("_raised", "_waiter")

    def __init__(self) -> None:
        self._raised = False
        self._waiter: Waiter | None = None

    def set(self) -> None:
        """It happened."""
        self._raised = True
        if self._waiter is not None:
            self._waiter.wake()

    def wait(self, timeout: float | None = None) -> bool:
        """Sleep until it happens, or for `timeout` seconds; tells whether it did. One sleeper at a time."""
        if not self._raised:
            self._waiter = Waiter()
            try:
                self._waiter.wait(timeout)
            finally:
                self._waiter = None
        happened, self._raised = self._raised, False
        return happened

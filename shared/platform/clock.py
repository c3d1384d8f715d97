"""Now, in UTC; a trial deployment can move the clocks of all its services forward together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from nameko.extensions import DependencyProvider

from .config import SettingsError, load_deployment

# How long a process may go on with an offset that another one has changed meanwhile.
_REREAD_SECONDS = 0.2


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


@dataclass
class OffsetClock:
    """The machine's clock, moved forward by the seconds that stand in a file which all services read."""

    path: Path
    _offset: timedelta = timedelta()
    _read_at: float = float("-inf")

    def now(self) -> datetime:
        """The present moment of this deployment, aware, in UTC."""
        return datetime.now(UTC) + self.offset()

    def offset(self) -> timedelta:
        """How far the deployment's clock is ahead; read again after a fifth of a second."""
        if time.monotonic() - self._read_at > _REREAD_SECONDS:
            self._offset, self._read_at = _stored_offset(self.path), time.monotonic()
        return self._offset

    def advance(self, by: timedelta) -> timedelta:
        """Move all clocks forward, and give the whole offset; time never goes back, since the register only grows."""
        if by <= timedelta():
            raise ValueError("a clock is only moved forward")
        offset = _stored_offset(self.path) + by
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f".{self.path.name}.new")
        draft.write_text(f"{offset.total_seconds()}\n", encoding="ascii")
        draft.replace(self.path)
        self._offset, self._read_at = offset, time.monotonic()
        return offset


@cache
def clock() -> Clock:
    """The deployment's clock: the real one, or the one at `CLOCK_URI` (which production refuses)."""
    deployment = load_deployment()
    return OffsetClock(_offset_file(deployment.clock_uri)) if deployment.clock_uri else RealClock()


def now() -> datetime:
    """The present moment of this deployment, aware, in UTC."""
    return clock().now()


def movable_clock() -> OffsetClock:
    """The clock that a trial deployment may move; raises `SettingsError` where there is none."""
    found = clock()
    if not isinstance(found, OffsetClock):
        raise SettingsError("CLOCK_URI", "is not set, so the clock can't be moved")
    return found


class ClockProvider(DependencyProvider):
    """Gives a service the deployment's clock: `self.clock.now()`."""

    def setup(self) -> None:
        """Find it at start, so that a wrong setting stops the service before it takes work."""
        self.clock = clock()

    def get_dependency(self, worker_ctx: Any) -> Clock:
        """The same clock for every worker."""
        return self.clock


def _offset_file(uri: str) -> Path:
    return Path(uri.removeprefix("file://"))


def _stored_offset(path: Path) -> timedelta:
    try:
        return timedelta(seconds=float(path.read_text(encoding="ascii").strip() or 0))
    except FileNotFoundError:
        return timedelta()
    except ValueError as error:
        raise SettingsError("CLOCK_URI", f"{path} holds no number of seconds") from error

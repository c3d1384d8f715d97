"""What to do with an event, given how far its aggregate is applied and what is kept of it; values only (design D3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

#: Waits after each failed attempt; after the attempt that has none left the event is dead.
BACK_OFF: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 7200))
MAX_ATTEMPTS: Final = len(BACK_OFF) + 1


class Status(Enum):
    """Where an event stands that is not, or not only, history."""

    WAITING = "WAITING"  # came ahead of its turn, or behind one that failed; uses up no attempt
    PARKED = "PARKED"  # failed by itself; tried again at its time
    DEAD = "DEAD"  # failed at the last attempt; a person replays or discards it
    APPLIED = "APPLIED"
    DISCARDED = "DISCARDED"  # given up by a person, with a reason


class Action(Enum):
    """What the inbox does with an event."""

    SKIP = "skip"  # applied or kept already
    KEEP = "keep"  # not its turn: keep it until its predecessors are applied
    MOVE_ON = "move on"  # its turn, but this service has no handler for its type
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class Kept:
    """What the inbox has stored of an event."""

    status: Status
    attempts: int = 0
    next_try_at: datetime | None = None


def decide(
    sequence: int,
    cursor: int,
    kept: Kept | None,
    *,
    handled: bool,
    snapshot: bool = False,
    retrying_at: datetime | None = None,
) -> Action:
    """What to do with the event `sequence` of an aggregate that is applied up to `cursor`.

    `retrying_at` is the present moment when the inbox itself comes back to a kept event; without it the event was
    delivered (again) by the broker, which never hurries a failed one. A `snapshot` that is handled here needs no
    predecessor, applied or failed: it is applied at once, and the cursor leaps to it; never back.
    """
    if sequence <= cursor:
        return Action.SKIP
    if kept is not None and not _is_open(kept, retrying_at):
        return Action.SKIP
    if sequence > cursor + 1 and not (snapshot and handled):
        return Action.KEEP if kept is None else Action.SKIP
    return Action.APPLY if handled else Action.MOVE_ON


def after_failure(attempts_before: int, now: datetime) -> Kept:
    """Where an event stands after one more attempt that failed by its own error."""
    attempts = attempts_before + 1
    if attempts >= MAX_ATTEMPTS:
        return Kept(Status.DEAD, attempts)
    return Kept(Status.PARKED, attempts, now + BACK_OFF[attempts - 1])


def _is_open(kept: Kept, retrying_at: datetime | None) -> bool:
    if kept.status is Status.WAITING:
        return True
    if kept.status is Status.PARKED and retrying_at is not None:
        return kept.next_try_at is None or kept.next_try_at <= retrying_at
    return False

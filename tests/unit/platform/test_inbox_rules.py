"""What the inbox decides, as a table; and that a whole stream comes through in order whatever is delivered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.inbox_rules import BACK_OFF, MAX_ATTEMPTS, Action, Kept, Status, after_failure, decide

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WAITING = Kept(Status.WAITING)
PARKED_DUE = Kept(Status.PARKED, 1, NOW - timedelta(seconds=1))
PARKED_LATER = Kept(Status.PARKED, 1, NOW + timedelta(seconds=1))
DEAD = Kept(Status.DEAD, MAX_ATTEMPTS)


@pytest.mark.parametrize(
    ("sequence", "cursor", "kept", "handled", "retrying", "expected"),
    [
        # its turn
        (1, 0, None, True, False, Action.APPLY),
        (4, 3, None, True, False, Action.APPLY),
        (4, 3, None, False, False, Action.MOVE_ON),
        # applied before
        (3, 3, None, True, False, Action.SKIP),
        (1, 3, None, False, False, Action.SKIP),
        (3, 3, WAITING, True, True, Action.SKIP),
        (3, 3, PARKED_DUE, True, True, Action.SKIP),
        # ahead of its turn, handled here or not
        (5, 3, None, True, False, Action.KEEP),
        (5, 3, None, False, False, Action.KEEP),
        (5, 3, WAITING, True, False, Action.SKIP),
        # waited, and its turn has come: a delivery takes it up as well as the timer
        (4, 3, WAITING, True, False, Action.APPLY),
        (4, 3, WAITING, True, True, Action.APPLY),
        (4, 3, WAITING, False, True, Action.MOVE_ON),
        # failed: only the timer takes it up, and only at its time
        (4, 3, PARKED_DUE, True, True, Action.APPLY),
        (4, 3, PARKED_LATER, True, True, Action.SKIP),
        (4, 3, PARKED_DUE, True, False, Action.SKIP),
        (4, 3, DEAD, True, True, Action.SKIP),
        (4, 3, DEAD, True, False, Action.SKIP),
        # behind one that failed
        (5, 3, WAITING, True, True, Action.SKIP),
    ],
)
def test_what_is_done_with_an_event_follows_from_cursor_and_row(
    sequence: int, cursor: int, kept: Kept | None, handled: bool, retrying: bool, expected: Action
) -> None:
    retrying_at = NOW if retrying else None
    assert decide(sequence, cursor, kept, handled=handled, retrying_at=retrying_at) is expected


@pytest.mark.parametrize(
    ("sequence", "cursor", "kept", "handled", "retrying", "expected"),
    [
        # a new consumer starts there, one that is behind leaps there
        (7, 0, None, True, False, Action.APPLY),
        (7, 3, None, True, False, Action.APPLY),
        (4, 3, None, True, False, Action.APPLY),
        # never back
        (3, 3, None, True, False, Action.SKIP),
        (3, 5, None, True, False, Action.SKIP),
        # its own failure keeps its time, though its predecessors never came
        (7, 3, PARKED_LATER, True, True, Action.SKIP),
        (7, 3, PARKED_DUE, True, True, Action.APPLY),
        (7, 3, DEAD, True, True, Action.SKIP),
        # who doesn't handle it waits for its turn, as with any other event: nothing may be leapt over
        (7, 3, None, False, False, Action.KEEP),
        (7, 0, None, False, False, Action.KEEP),
        (4, 3, None, False, False, Action.MOVE_ON),
    ],
)
def test_a_snapshot_needs_no_predecessor_where_it_is_handled(
    sequence: int, cursor: int, kept: Kept | None, handled: bool, retrying: bool, expected: Action
) -> None:
    """Design D13: where a new consumer's cursor starts."""
    retrying_at = NOW if retrying else None
    found = decide(sequence, cursor, kept, handled=handled, snapshot=True, retrying_at=retrying_at)
    assert found is expected


def test_each_failure_waits_longer_and_the_last_one_is_final() -> None:
    kept = Kept(Status.WAITING)
    waits = []
    while kept.status is not Status.DEAD:
        kept = after_failure(kept.attempts, NOW)
        if kept.next_try_at is not None:
            waits.append(kept.next_try_at - NOW)
    assert waits == list(BACK_OFF) == sorted(BACK_OFF)
    assert kept.attempts == MAX_ATTEMPTS


@given(deliveries=st.lists(st.integers(1, 6), max_size=40), handled=st.sets(st.integers(1, 6)))
def test_any_deliveries_in_any_order_apply_each_event_once_and_in_order(
    deliveries: list[int], handled: set[int]
) -> None:
    cursor, rows, applied = 0, dict[int, Kept](), list[int]()
    for sequence in [*deliveries, *range(1, 7)]:  # in the end the broker has delivered each at least once
        following: int | None = sequence
        while following is not None:
            action = decide(following, cursor, rows.get(following), handled=following in handled)
            if action is Action.KEEP:
                rows[following] = WAITING
            if action not in (Action.APPLY, Action.MOVE_ON):
                break
            if action is Action.APPLY:
                applied.append(following)
            cursor = following
            rows.pop(following, None)
            following = cursor + 1 if cursor + 1 in rows else None
    assert applied == sorted(handled)
    assert cursor == 6

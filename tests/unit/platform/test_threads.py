"""Lanes of real threads: what piles up in one holds up no other, and a full queue says so."""

from __future__ import annotations

import threading

import eventlet
import pytest

from shared.platform.errors import TooManyAttempts
from shared.platform.threads import Lane


def blocked(lane: Lane, gate: threading.Event, times: int) -> list[eventlet.greenthread.GreenThread]:
    """Fill a lane with work that waits for `gate`."""
    begun = [eventlet.spawn(lane.run, gate.wait, 10) for _ in range(times)]
    eventlet.sleep(0)
    return begun


def test_one_lane_does_not_hold_up_another():
    gate = threading.Event()
    sounds, passwords = Lane(1), Lane(2)
    begun = blocked(sounds, gate, 3)
    try:
        with eventlet.Timeout(5):
            assert passwords.run(lambda: "hashed") == "hashed"
    finally:
        gate.set()
    assert [each.wait() for each in begun] == [True] * 3


def test_a_full_queue_is_told_at_once_and_serves_again_afterwards():
    gate = threading.Event()
    lane = Lane(1, waiting=2)
    begun = blocked(lane, gate, 3)
    try:
        with pytest.raises(TooManyAttempts) as refused:
            lane.run(lambda: None)
        assert refused.value.facts["retry_after"] > 0
    finally:
        gate.set()
    for each in begun:
        each.wait()
    assert lane.run(lambda: 1) == 1


def test_a_failure_frees_its_place():
    lane = Lane(1, waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            lane.run(lambda: 1 / 0)

"""Work in child processes: answers, refusals, deaths and time limits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import eventlet
import pytest

from shared.platform.children import ChildFault, Children
from shared.platform.errors import RuleViolated, Unavailable
from shared.platform.threads import in_thread

CHORES = "tests.unit.platform.chores"


@pytest.fixture
def children() -> Iterator[Children]:
    pool = Children(CHORES, size=2)
    yield pool
    pool.stop()


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_an_answer_comes_back_and_the_child_is_used_again(children):
    assert children.call("double", {"n": 21}) == 42
    children.call("double", {"n": 1})
    assert len(children._running) <= 2


def test_a_refusal_keeps_its_kind_code_and_facts(children):
    with pytest.raises(RuleViolated) as raised:
        children.call("refuse", None)
    assert (raised.value.code, raised.value.facts) == ("photo_too_small", {"width": 10})


def test_a_fault_tells_its_kind_and_never_its_text(children):
    with pytest.raises(ChildFault, match="fail: ValueError") as raised:
        children.call("fail", None)
    assert "430199" not in str(raised.value)
    assert children.call("double", {"n": 1}) == 2


def test_a_child_that_dies_is_replaced(children):
    for _ in range(3):
        with pytest.raises(Unavailable, match="child_unavailable"):
            children.call("die", None)
    assert children.call("double", {"n": 4}) == 8


def test_a_child_that_takes_too_long_is_ended_and_replaced():
    pool = Children(CHORES, size=1)
    try:
        first = pool.call("pid", None)
        started = time.monotonic()
        with pytest.raises(Unavailable):
            pool.call("sleep", None, timeout=0.5)
        assert time.monotonic() - started < 5
        assert is_gone(first)
        assert pool.call("pid", None) != first
    finally:
        pool.stop()


def test_no_more_than_so_many_work_at_once():
    pool = Children(CHORES, size=2)
    try:
        work = [eventlet.spawn(pool.call, "pid", None) for _ in range(8)]
        assert len({thread.wait() for thread in work}) <= 2
    finally:
        pool.stop()


def test_after_stop_no_child_is_left(children):
    pid = children.call("pid", None)
    children.stop()
    assert is_gone(pid)


def test_a_thread_gives_the_result_or_the_exception():
    assert in_thread(lambda a, b: a + b, 1, b=2) == 3
    with pytest.raises(ZeroDivisionError):
        in_thread(lambda: 1 / 0)

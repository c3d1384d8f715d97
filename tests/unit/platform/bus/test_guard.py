"""A unit of work never waits (design D5)."""

import pytest

from shared.platform.bus.guard import forbid_waiting, require_waiting_allowed


def test_waiting_is_allowed_where_no_unit_of_work_is_open():
    require_waiting_allowed("a call")


def test_waiting_is_refused_inside_and_allowed_again_after_it():
    with forbid_waiting():
        with pytest.raises(RuntimeError, match="a call inside a unit of work"):
            require_waiting_allowed("a call")
        with forbid_waiting(), pytest.raises(RuntimeError):
            require_waiting_allowed("a call")
        with pytest.raises(RuntimeError):
            require_waiting_allowed("a call")
    require_waiting_allowed("a call")


def test_a_failed_unit_of_work_allows_waiting_again():
    with pytest.raises(KeyError), forbid_waiting():
        raise KeyError
    require_waiting_allowed("a call")

"""When a login is from a new device."""

from __future__ import annotations

import pytest

from services.accounts.domain.devices import is_news


@pytest.mark.parametrize(
    ("knows_this", "knows_others", "told"),
    [
        (False, False, False),  # the first login after signing up
        (True, False, False),
        (True, True, False),
        (False, True, True),
    ],
)
def test_a_login_is_told_from_a_device_that_is_not_the_first_and_was_never_seen(knows_this, knows_others, told):
    """domain.md §9.1: new device → P."""
    assert is_news(knows_this=knows_this, knows_others=knows_others) is told

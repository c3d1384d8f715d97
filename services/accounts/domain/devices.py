"""When a login is from a new device: what the account's holder is told of (domain §9.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

#: A device that was not used for so long is forgotten, unless it is the last one that the account was used from.
KEPT: Final = timedelta(days=400)


def is_news(*, knows_this: bool, knows_others: bool) -> bool:
    """Whether the holder is told: the device is unknown, and it is not the first login after signing up.

    A device is whatever brings along what it was given at an earlier login. An address is none: a hospital shares one,
    and a phone has another in each street. Those that bring nothing count as one device.
    """
    return knows_others and not knows_this

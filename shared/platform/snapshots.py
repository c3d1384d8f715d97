"""Snapshots: an owner tells the state of each of its records, for consumers that come later than the kept news (D13).

A service names its sources in `services/<name>/snapshots.py`, one for each kind of record:

    SNAPSHOTS = (SnapshotSource(contracts.STAFF_SNAPSHOT, staff_ids, staff_state),)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

from .contract import EventType
from .outbox import News
from .unit_of_work import UnitOfWork

_PAGE: Final = 500


@dataclass(frozen=True)
class SnapshotSource:
    """Where the state of one kind of record comes from, read with the service's own unit of work."""

    event_type: EventType
    #: the next so many records after an id (None: from the first), in the order of their ids
    ids: Callable[[Any, UUID | None, int], Sequence[UUID]]
    #: the state of one record; `NotFound` where there is none
    state: Callable[[Any, UUID], News]

    @property
    def aggregate(self) -> str:
        """The kind of record."""
        return self.event_type.aggregate


class OpenUnit(Protocol):
    """How a unit of work of the owner is opened."""

    def __call__(self, *, read_only: bool) -> UnitOfWork:
        """A unit of work in the name of whoever asks for snapshots."""


def announce_snapshots(open_unit: OpenUnit, source: SnapshotSource) -> Iterator[UUID]:
    """Tell the state of every record of a kind, and each as it is told; to be repeated without harm.

    Each record has a transaction of its own, so that nobody who changes one waits for more than that one. Records that
    are made meanwhile tell of themselves.
    """
    after: UUID | None = None
    while ids := _page(open_unit, source, after):
        for record_id in ids:
            announce_snapshot(open_unit, source, record_id)
            yield record_id
        after = ids[-1]


def announce_snapshot(open_unit: OpenUnit, source: SnapshotSource, record_id: UUID) -> UUID:
    """Tell the state of one record; the id of the event."""
    with open_unit(read_only=False) as uow:
        event_id = uow.announce_snapshot(source.event_type, record_id, lambda: source.state(uow, record_id))
        uow.commit()
    return event_id


def _page(open_unit: OpenUnit, source: SnapshotSource, after: UUID | None) -> Sequence[UUID]:
    with open_unit(read_only=True) as uow:
        return source.ids(uow, after, _PAGE)

"""What a row of a delivery does to what is known already: nothing, a new record, a new edition, or a work item."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from shared.trade.names import same_name

from .batch import RowState
from .result_file import HELD_REASONS


@dataclass(frozen=True)
class KnownRecord:
    """The newest edition of a record with the same key (year, round, ticket)."""

    id: UUID
    edition: int
    state: RowState
    content_index: str


@dataclass(frozen=True)
class Arrival:
    """One well-formed row as it arrives, with everything that is known beside it."""

    name: str
    passed: bool
    sheet_open: bool
    content_index: str
    reasons: tuple[str, ...]
    ticket_is_repeated: bool
    id_has_two_names: bool
    known_name: str | None
    known_record: KnownRecord | None


@dataclass(frozen=True)
class Outcome:
    """What becomes of the row, why, and which record it takes the place of."""

    state: RowState
    reasons: tuple[str, ...] = ()
    edition: int = 1
    supersedes: UUID | None = None


def receive(arrival: Arrival) -> Outcome:
    """Decide over one row (`domain.md` §6.3): the ID is the key, the name has to agree, a repetition does nothing.

    A change after publication waits for an officer, and the registration stays as it is until then (E20).
    """
    reasons = [*arrival.reasons]
    if arrival.ticket_is_repeated:
        return Outcome(RowState.REFUSED, (*reasons, "ticket_duplicate"))
    known = arrival.known_record
    if known is not None and known.state is not RowState.UNDONE and known.content_index == arrival.content_index:
        return Outcome(RowState.UNCHANGED)
    if arrival.id_has_two_names or (arrival.known_name is not None and not same_name(arrival.known_name, arrival.name)):
        reasons.append("name_conflict")
    if known is not None and known.state is RowState.PUBLISHED:
        reasons.append("changed_after_publication")
    edition = known.edition + 1 if known else 1
    # A published record stays what it is until the officer has decided; every other one gives way at once.
    replaced = known.id if known and known.state not in (RowState.PUBLISHED, RowState.UNDONE) else None
    if held(reasons):
        return Outcome(RowState.QUARANTINED, tuple(reasons), edition, replaced)
    return Outcome(settled_state(passed=arrival.passed, sheet_open=arrival.sheet_open), (), edition, replaced)


def settled_state(*, passed: bool, sheet_open: bool) -> RowState:
    """Where a matched row waits."""
    if not passed:
        return RowState.NOT_PASSED
    return RowState.UPDATED if sheet_open else RowState.SHEET_CLOSED


def held(reasons: Collection[str]) -> bool:
    """Whether a well-formed row needs a person's eye."""
    return any(reason in HELD_REASONS for reason in reasons)

"""The register only grows: any day can be told, as known on any day, and the present can be rebuilt from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.register import Entry, apply, entry_at, opened, periods, revise
from shared.platform.errors import Conflict
from shared.trade.statuses import RegistrationStatus
from tests.unit.applications.factories import a_standing, numbered

FIRST_DAY = date(2026, 1, 1)
FIRST_MOMENT = datetime(2026, 1, 1, 4, tzinfo=UTC)
CHANGES = st.lists(
    st.tuples(st.sampled_from(RegistrationStatus), st.integers(0, 400), st.integers(0, 20)), min_size=1, max_size=8
)


@dataclass
class Told:
    """A registration's life: what was decided, for which day, at which moment."""

    history: list[Entry] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)

    @classmethod
    def live(cls, changes: list[tuple[RegistrationStatus, int, int]]) -> Told:
        """Open a registration and change it; some changes correct the past."""
        told = cls([opened(numbered(1), numbered(2), a_standing(), on=FIRST_DAY, known_from=FIRST_MOMENT)])
        told.moments.append(FIRST_MOMENT)
        moment = FIRST_MOMENT
        for position, (status, day, later) in enumerate(changes):
            moment += timedelta(days=later, seconds=1)
            told.change(status, FIRST_DAY + timedelta(days=day), moment, position)
        return told

    def change(self, status: RegistrationStatus, on: date, moment: datetime, position: int) -> None:
        standing = a_standing(status=status, decision_number=f"第{position}号")
        ids = (numbered(100 + 2 * position), numbered(101 + 2 * position))
        self.history = apply(self.history, revise(self.history, standing, on=on, known_at=moment, new_ids=ids))
        self.moments.append(moment)


def days() -> list[date]:
    """A sample of days around all that happens."""
    return [FIRST_DAY + timedelta(days=offset) for offset in range(-3, 410, 7)]


@given(CHANGES)
def test_no_day_is_told_twice_at_any_moment(changes):
    """One main institution and one status at a time, whenever one asks."""
    told = Told.live(changes)
    for moment in told.moments:
        for day in days():
            found = [entry for entry in told.history if entry.is_known_at(moment) and entry.is_valid_on(day)]
            assert len(found) == (1 if day >= FIRST_DAY else 0)


@given(CHANGES)
def test_what_was_known_then_is_never_changed_by_what_comes_later(changes):
    """known_at: the answer of yesterday can be proved for ever."""
    before = Told.live(changes[:-1])
    after = Told.live(changes)
    for moment in before.moments:
        for day in days():
            then = entry_at(before.history, as_of=day, known_at=moment)
            now = entry_at(after.history, as_of=day, known_at=moment)
            assert (then and then.standing) == (now and now.standing)


@given(CHANGES)
def test_entries_are_only_added_and_closed_once(changes):
    """The database guards the same: nothing but an open `known_to` is ever written."""
    history: list[Entry] = []
    for count in range(len(changes) + 1):
        grown = Told.live(changes[:count]).history
        for old, new in zip(history, grown, strict=False):
            assert old == new or (old.known_to is None and new.known_to is not None and old.standing == new.standing)
        assert len(grown) >= len(history)
        history = grown


@given(CHANGES)
def test_a_decision_holds_from_its_day_until_what_was_decided_for_a_later_one(changes):
    """A correction of the past takes nothing back that was decided for a later day (E51: history keeps both)."""
    told = Told.live(changes)
    status, day, _ = changes[-1]
    first, moment = FIRST_DAY + timedelta(days=day), told.moments[-1]
    before = Told.live(changes[:-1])
    later = [entry.valid_from for entry in periods(before.history, known_at=moment) if entry.valid_from > first]
    until = min(later, default=date.max)
    for each in days():
        now = entry_at(told.history, as_of=each, known_at=moment)
        then = entry_at(before.history, as_of=each, known_at=moment)
        if first <= each < until:
            assert now is not None
            assert (now.standing.status, now.standing.decision_number) == (status, f"第{len(changes) - 1}号")
        else:
            assert (now and now.standing) == (then and then.standing)
    for one, following in pairwise(periods(told.history, known_at=moment)):
        assert one.valid_to == following.valid_from


def test_a_correction_of_the_past_loses_no_later_suspension():
    """`domain.md` §3.12: a name put right for January doesn't end the suspension that was decided for April."""
    told = Told.live([(RegistrationStatus.SUSPENDED, 100, 100), (RegistrationStatus.ACTIVE, 192, 92)])
    told.change(RegistrationStatus.ACTIVE, FIRST_DAY + timedelta(days=50), told.moments[-1] + timedelta(days=1), 7)
    seen = {
        day: entry_at(told.history, as_of=FIRST_DAY + timedelta(days=day), known_at=told.moments[-1]).standing
        for day in (49, 50, 99, 100, 191, 192)
    }
    assert [seen[day].decision_number == "第7号" for day in seen] == [False, True, True, False, False, False]
    assert [seen[day].status.value for day in (100, 191, 192)] == ["SUSPENDED", "SUSPENDED", "ACTIVE"]


def test_nothing_stands_before_the_registration_began():
    told = Told.live([])
    with pytest.raises(Conflict, match="registration_not_begun"):
        told.change(RegistrationStatus.ACTIVE, FIRST_DAY - timedelta(days=1), told.moments[-1] + timedelta(days=1), 9)


def test_the_registers_own_time_never_goes_back():
    """A revision with an older moment than what is written is refused."""
    told = Told.live([(RegistrationStatus.SUSPENDED, 10, 5)])
    with pytest.raises(Conflict, match="register_time_went_back"):
        told.change(RegistrationStatus.ACTIVE, FIRST_DAY, FIRST_MOMENT, 9)


def test_a_suspension_ends_and_the_days_between_stay_told():
    """`domain.md` §3.12: three months' suspension is seen on its days, not before and not after."""
    told = Told.live([(RegistrationStatus.SUSPENDED, 100, 100), (RegistrationStatus.ACTIVE, 192, 92)])
    last = told.moments[-1]
    seen = [
        entry_at(told.history, as_of=FIRST_DAY + timedelta(days=day), known_at=last).standing.status
        for day in (99, 100, 191, 192)
    ]
    assert seen == [
        RegistrationStatus.ACTIVE,
        RegistrationStatus.SUSPENDED,
        RegistrationStatus.SUSPENDED,
        RegistrationStatus.ACTIVE,
    ]
    assert entry_at(told.history, as_of=FIRST_DAY - timedelta(days=1), known_at=last) is None

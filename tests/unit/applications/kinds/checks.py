"""What always holds of a register, whatever life its people lead."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise
from uuid import UUID

from services.applications.domain.days import add_years
from services.applications.domain.register import Registration, entry_at, periods
from services.applications.domain.seniority import Practice, Stretch, reached_on
from shared.trade.divisions import practice_place
from shared.trade.levels import Level
from shared.trade.statuses import QualificationStatus
from shared.trade.statuses import RegistrationStatus as Status
from tests.unit.applications.kinds.plain import PlainRegister
from tests.unit.applications.kinds.world import World


def restated(world: World, subject: Registration, status: Status, on: date, *, until: date | None = None) -> None:
    """What the main institution and its authority enter without an application (医师执业注册管理办法 art.11, 19)."""
    world.seconds += 1
    number = f"第{world.seconds}号"
    standing = replace(subject.standing, status=status, until=until, decision_number=number)
    world.book.restate(subject, standing, on, world.now)


def annulled(world: World, qualification_id: UUID) -> None:
    """The qualification was withdrawn with the registration (X11)."""
    own = world.qualifications[qualification_id]
    world.qualifications[qualification_id] = replace(own, status=QualificationStatus.ANNULLED.value)


def both_agree(world: World, plain: PlainRegister) -> None:
    """Register and plain model have the same registrations, days, filings and successors."""
    book = world.book
    assert set(book.registrations) == set(plain.registrations)
    for registration in book.registrations.values():
        model, standing = plain.registrations[registration.id], registration.standing
        assert standing.status.value == model.status
        assert registration.standing_since == model.since
        assert (standing.practice_place, standing.institution_id) == (model.place, model.institution)
        assert (set(standing.scopes), registration.province) == (model.scopes, model.place[:2])
        successor = registration.replaced_by
        assert model.successor is (None if successor is None else plain.registrations[successor])
        history = book.histories[registration.id]
        for day in {world.today, registration.started_on, *(on for on, _ in model.days)}:
            entry = entry_at(history, as_of=day, known_at=world.now)
            assert (entry and entry.standing.status.value) == model.status_on(day)
        filed = sorted(
            (one.institution_id, frozenset(one.scopes), one.valid_from, one.fact.valid_to)
            for one in book.filings.values()
            if one.registration_id == registration.id and one.is_open_on(world.today)
        )
        assert filed == model.open_filings(world.today)


def nobody_stands_twice(world: World) -> None:
    """医师法 art.13; 医师执业注册管理办法 art.7, 15, 17: one a place, one an assistant, none beside a licensed."""
    standing = [one for one in world.book.registrations.values() if one.standing.status.is_registered]
    places = Counter((one.person_id, one.qualification_id, one.standing.practice_place) for one in standing)
    assert not [place for place, times in places.items() if times > 1]
    for person in {one.person_id for one in standing}:
        levels = [Level(one.level).is_assistant for one in standing if one.person_id == person]
        assert not any(levels) or len(levels) == 1
    for one in standing:
        institution = world.place(one.institution_id)
        assert practice_place(Level(one.level), institution.division) == one.standing.practice_place
        assert Level(one.level) is not Level.RURAL_ASSISTANT or institution.is_township_or_village
        assert world.qualifications[one.qualification_id].category.value == one.standing.category


def filings_lie_inside(world: World) -> None:
    """§3.7: on what is registered only, inside of its place and scope, one at a time of an assistant."""
    for filing in world.book.filings.values():
        if not filing.is_open_on(world.today):
            continue
        registration = world.book.registrations[filing.registration_id]
        standing, institution = registration.standing, world.place(filing.institution_id)
        assert standing.status.is_registered
        assert practice_place(Level(registration.level), institution.division) == standing.practice_place
        assert set(filing.scopes) <= set(standing.scopes)
        assert filing.institution_id != standing.institution_id
        assert filing.valid_from < filing.holds_until
        at_once = [
            one
            for one in world.book.filings.values()
            if one.registration_id == registration.id and one.holds_on(filing.valid_from)
        ]
        assert not Level(registration.level).is_assistant or len(at_once) == 1
        assert sum(one.institution_id == filing.institution_id for one in at_once) == 1


def histories_are_whole(world: World) -> None:
    """No gap and no overlap from the first day on; what holds today is what the registration says of itself."""
    for registration in world.book.registrations.values():
        told = periods(world.book.histories[registration.id], known_at=world.now)
        assert told[0].valid_from == registration.started_on
        assert told[-1].valid_to is None
        for earlier, later in pairwise(told):
            assert earlier.valid_to == later.valid_from
            assert earlier.valid_from < later.valid_from
        assert (told[-1].standing, told[-1].valid_from) == (registration.standing, registration.standing_since)
        over = [entry.standing.status not in _NOT_OVER for entry in told]
        assert not any(over[:-1]), "what is over stays over"


def codes_and_links(world: World) -> None:
    """§4.3: no code is given twice; an upgrade, a move and a change of category are linked both ways."""
    book = world.book
    assert len(set(book.codes)) == len(book.codes) == len(book.registrations)
    for one in book.registrations.values():
        if one.replaces is not None:
            old = book.registrations[one.replaces]
            assert old.replaced_by == one.id
            assert old.standing.status in (Status.SUPERSEDED, Status.MOVED_OUT)
            assert one.started_on == old.standing_since
        assert (one.standing.status is Status.SUPERSEDED) <= (one.replaced_by is not None)
        assert one.replaced_by is None or not one.standing.status.is_registered


def seniority_counts_days_in_practice(world: World, plain: PlainRegister) -> None:
    """§7: a clock is full after that many days in practice, counted one by one, and never before the calendar says."""
    for registration in world.book.registrations.values():
        told = periods(world.book.histories[registration.id], known_at=world.now)
        stretches = tuple(
            Stretch(entry.valid_from, entry.valid_to, counts=entry.standing.status is Status.ACTIVE) for entry in told
        )
        practice = Practice(Level(registration.level), registration.started_on, stretches)
        for years in (1, 2, 5):
            full = add_years(registration.started_on, years)
            needed = (full - registration.started_on).days
            reached = reached_on(practice, years, "EXACT")
            model = plain.registrations[registration.id]
            if reached is None:
                assert told[-1].standing.status is not Status.ACTIVE
                continue
            assert reached >= full
            assert model.counted_days(reached) == needed


_NOT_OVER = (Status.ACTIVE, Status.SUSPENDED, Status.LEFT_FILED, Status.MOVED_OUT)

"""Random lives of doctors over years: whatever the rules let through, the register never says what can't be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.applications.domain.business.cancel import REPORTED
from services.applications.domain.business.change import kind_of_move
from services.applications.domain.facts import Qualification
from services.applications.domain.institution import Institution
from services.applications.domain.register import Entry, Registration, entry_at
from services.applications.repository.register import held_of
from shared.trade.divisions import practice_place
from shared.trade.levels import Level
from shared.trade.statuses import CancellationGround as Ground
from shared.trade.statuses import RegistrationStatus as Status
from tests.unit.applications.kinds import checks
from tests.unit.applications.kinds.choosing import (
    MOST,
    assistants,
    ended,
    in_force,
    left,
    licensed,
    lies_in,
    mostly,
    stands,
    suits,
    suspended,
    widths,
)
from tests.unit.applications.kinds.plain import PlainFiling, PlainRegister, PlainRegistration
from tests.unit.applications.kinds.world import PEOPLE, PLACES, World

PERSON, PLACE = st.sampled_from(PEOPLE), st.sampled_from(PLACES)
PICK = st.integers(0, MOST)
STATUS = {Ground.LICENCE_REVOKED: "REVOKED", Ground.QUALIFICATION_WITHDRAWN: "WITHDRAWN"}


class Lives(RuleBasedStateMachine):
    """Every step asks for something; what the rules let through is done to the register and to the plain model."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.plain = PlainRegister()
        self.told: list[tuple[UUID, date, datetime, Entry | None]] = []

    # --- time, and what happens outside of applications --------------------------------------------------------------

    @initialize(picks=st.tuples(PICK, PICK), places=st.tuples(PICK, PICK))
    def begin(self, picks: tuple[int, int], places: tuple[int, int]) -> None:
        """Both begin with one registration, mostly."""
        for person, pick, where in zip(PEOPLE, picks, places, strict=True):
            self.register(person, pick, where, 0)

    @rule(days=st.sampled_from([1, 30, 31, 180, 365, 366, 730, 731]))
    def wait(self, days: int) -> None:
        self.world.today += timedelta(days=days)

    @precondition(lambda self: self._any(in_force))
    @rule(pick=PICK, days=st.integers(1, 200))
    def suspend(self, pick: int, days: int) -> None:
        subject = self._subject(pick, in_force)
        if subject is not None and in_force(subject):
            checks.restated(self.world, subject, Status.SUSPENDED, self.today, until=self.today + timedelta(days=days))
            self._model(subject).turn("SUSPENDED", self.today)

    @precondition(lambda self: self._any(suspended))
    @rule(pick=PICK)
    def pass_the_assessment(self, pick: int) -> None:
        subject = self._subject(pick, suspended)
        if subject is not None and suspended(subject):
            checks.restated(self.world, subject, Status.ACTIVE, self.today)
            self._model(subject).turn("ACTIVE", self.today)

    @precondition(lambda self: self._any(in_force))
    @rule(pick=PICK, days=st.integers(0, 30))
    def leave(self, pick: int, days: int) -> None:
        """离岗备案, reported within thirty days (医师执业注册管理办法 art.19)."""
        subject = self._subject(pick, in_force)
        if subject is not None and in_force(subject):
            day = max(self.today - timedelta(days=days), subject.standing_since)
            checks.restated(self.world, subject, Status.LEFT_FILED, day)
            self.world.book.close_filings(subject.id, self.today)
            self._model(subject).turn("LEFT_FILED", day)
            self._model(subject).close(self.today)

    # --- registration ------------------------------------------------------------------------------------------------

    @rule(person=PERSON, pick=PICK, where=PICK, wide=PICK)
    def register(self, person: UUID, pick: int, where: int, wide: int) -> None:
        own = self._own(person, pick, lambda one: True)
        place = self._where(where, lambda one: suits(own, one))
        self._opens("REG", "FIRST", person, own, place, widths(own, wide))

    @precondition(lambda self: self._any(ended))
    @rule(pick=PICK, where=PICK, wide=PICK)
    def register_anew(self, pick: int, where: int, wide: int) -> None:
        person, own = self._once_registered(pick)
        place = self._where(where, lambda one: suits(own, one))
        if self._opens("REG", "RE", person, own, place, widths(own, wide)):
            self._what_was_left_is_over(person, own)

    @precondition(lambda self: self._any(licensed))
    @rule(pick=PICK, where=PICK, wide=PICK, ends=st.booleans())
    def add_a_place(self, pick: int, where: int, wide: int, ends: bool) -> None:
        subject = self._subject(pick, licensed)
        if subject is None:
            return
        person, own = subject.person_id, self.world.qualifications[subject.qualification_id]
        place = self._where(where, lambda one: one.province != subject.province)
        scopes = widths(own, wide) if ends else subject.standing.scopes
        before, model = self._model(subject).scopes, self._model(subject)
        if self._opens("REG", "ADD_PLACE", person, own, place, scopes, subject=subject, old_ends=ends):
            assert model.is_registered
            if frozenset(scopes) != before:
                assert ends
                model.end("CANCELLED", self.today)

    @precondition(lambda self: self._any(assistants))
    @rule(pick=PICK, second=PICK, place=PLACE, wide=PICK)
    def become_licensed(self, pick: int, second: int, place: Institution, wide: int) -> None:
        assistant = self._subject(pick, assistants)
        if assistant is None:
            return
        person = assistant.person_id
        own = self._own(person, second, lambda one: one.level is Level.LICENSED)
        if self._opens("REG", "LICENSED", person, own, place, widths(own, wide), old_ends=True):
            for model in self.plain.of(person):
                if model.is_assistants and model.is_registered:
                    model.end("CANCELLED", self.today)

    @precondition(lambda self: self._any(assistants))
    @rule(pick=PICK, second=PICK, wide=PICK)
    def upgrade(self, pick: int, second: int, wide: int) -> None:
        subject = self._subject(pick, assistants)
        if subject is not None:
            category = subject.standing.category
            fits = lambda one: one.level is Level.LICENSED and one.category.value == category  # noqa: E731
            self._replace("UPGRADE", "", subject, self._own(subject.person_id, second, fits), wide)

    @precondition(lambda self: self._any(in_force))
    @rule(pick=PICK, second=PICK, wide=PICK)
    def change_category(self, pick: int, second: int, wide: int) -> None:
        subject = self._subject(pick, in_force)
        if subject is not None:
            level, category = subject.level, subject.standing.category
            fits = lambda one: one.level.value == level and one.category.value != category  # noqa: E731
            self._replace("CHANGE", "CATEGORY", subject, self._own(subject.person_id, second, fits), wide)

    # --- changes -----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self._any(in_force) or self._any(left))
    @rule(pick=PICK, place=PLACE)
    def move(self, pick: int, place: Institution) -> None:
        subject = self._subject(pick, lambda one: in_force(one) or left(one))
        if subject is None:
            return
        model, own = self._model(subject), self.world.qualifications[subject.qualification_id]
        person, kind = subject.person_id, kind_of_move(held_of(subject), place)
        if kind == "ORG_CROSS_PROVINCE":
            if self._opens("CHANGE", kind, person, own, place, tuple(model.scopes), subject=subject, replaced=model):
                model.end("MOVED_OUT", self.today)
        elif self._asked("CHANGE", kind, subject, place):
            new_place = practice_place(own.level, place.division)
            model.turn("ACTIVE", self.today)
            model.close(self.today, at=None if new_place != model.place else place.id)
            model.place, model.institution = new_place, place.id

    @precondition(lambda self: self._any(in_force))
    @rule(pick=PICK, wide=PICK)
    def change_scope(self, pick: int, wide: int) -> None:
        subject = self._subject(pick, in_force)
        if subject is None:
            return
        scopes = widths(self.world.qualifications[subject.qualification_id], wide)
        if self._asked("CHANGE", "SCOPE", subject, scopes=scopes):
            model = self._model(subject)
            model.turn("ACTIVE", self.today)
            model.scopes = frozenset(scopes)
            model.close(self.today, unless=model.scopes)

    @precondition(lambda self: self._any(in_force))
    @rule(pick=PICK)
    def change_name(self, pick: int) -> None:
        subject = self._subject(pick, in_force)
        if subject and self._asked("CHANGE", "PERSON", subject):
            self._model(subject).turn("ACTIVE", self.today)

    # --- ends --------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self._any(stands))
    @rule(pick=PICK)
    def give_up(self, pick: int) -> None:
        subject = self._subject(pick, stands)
        if subject and self._asked("CANCEL", "VOLUNTARY", subject):
            self._model(subject).end("CANCELLED", self.today)

    @precondition(lambda self: self._any(stands))
    @rule(pick=PICK, ground=st.sampled_from(REPORTED), by=st.sampled_from(["BY_REPORT", "EX_OFFICIO"]))
    def cancel(self, pick: int, ground: Ground, by: str) -> None:
        subject = self._subject(pick, stands)
        if subject and self._by_ground(by, subject, ground):
            self._model(subject).end(STATUS.get(ground, "CANCELLED"), self.today)
            if ground is Ground.QUALIFICATION_WITHDRAWN:
                checks.annulled(self.world, subject.qualification_id)

    @precondition(lambda self: self._any(left))
    @rule(pick=PICK)
    def propose_a_cancellation(self, pick: int) -> None:
        subject = self._subject(pick, left)
        if subject and self._by_ground("PROPOSED", subject, Ground.LEFT_TWO_YEARS):
            model = self._model(subject)
            assert model.can_come_back
            assert (self.today - model.since).days >= 730
            model.end("CANCELLED", self.today)

    @precondition(lambda self: self._any(licensed))
    @rule(pick=PICK)
    def give_up_a_place(self, pick: int) -> None:
        subject = self._subject(pick, self._has_two_places)
        if subject and self._asked("PLACE_DEL", "", subject):
            model = self._model(subject)
            model.end("CANCELLED", self.today)
            rest = [one for one in self.plain.of(subject.person_id) if one.qualification == model.qualification]
            assert any(one.is_registered for one in rest)

    @precondition(lambda self: self._any(in_force))
    @rule(pick=PICK)
    def go_to_the_forces(self, pick: int) -> None:
        subject = self._subject(pick, in_force)
        if subject and self._asked("MIL_OUT", "", subject, ends_on=self.today):
            for model in self.plain.of(subject.person_id):
                if model.is_registered or model.can_come_back:
                    model.end("TRANSFERRED_MIL", self.today)

    @precondition(lambda self: self._any(ended))
    @rule(pick=PICK, where=PICK, wide=PICK, days=st.integers(0, 900))
    def come_back(self, pick: int, where: int, wide: int, days: int) -> None:
        person, own = self._once_registered(pick)
        place = self._where(where, lambda one: suits(own, one))
        since = self.today - timedelta(days=days)
        if self._opens("MIL_IN", "", person, own, place, widths(own, wide), left_service_on=since):
            self._what_was_left_is_over(person, own)

    # --- filings -----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self._any(in_force))
    @rule(pick=PICK, where=PICK, starts=st.integers(-5, 60), days=st.integers(0, 400))
    def file(self, pick: int, where: int, starts: int, days: int) -> None:
        subject = self._subject(pick, in_force)
        if subject is None:
            return
        own = self.world.qualifications[subject.qualification_id]
        place = self._where(where, lambda one: suits(own, one) and lies_in(one, subject.standing.practice_place))
        scopes = subject.standing.scopes[: 1 + pick % 2]
        first = self.today + timedelta(days=starts)
        last = first + timedelta(days=days)
        term = {"valid_from": first.isoformat(), "valid_to": last.isoformat(), "scopes": list(scopes)}
        answers = {"valid_from": first, "valid_to": last, "scopes": scopes}
        if self._asked("MULTI_ADD", "", subject, place, form={"term": term}, **answers):
            filing = PlainFiling(place.id, frozenset(scopes), max(first, self.today), last)
            self._model(subject).filings.append(filing)

    @precondition(lambda self: self.world.book.filings)
    @rule(pick=PICK, days=st.integers(-10, 200))
    def end_a_filing(self, pick: int, days: int) -> None:
        filing = mostly(list(self.world.book.filings.values()), pick, lambda one: one.is_open_on(self.today))
        assert filing is not None
        subject, wanted = self.world.book.registrations[filing.registration_id], self.today + timedelta(days=days)
        form = {"ending_day": {"ends_on": wanted.isoformat()}}
        place = self.world.place(filing.institution_id)
        if self._asked("MULTI_DEL", "", subject, place, form=form, filing_id=filing.id, ends_on=wanted):
            model = self._model(subject).filing_at(place.id, self.today, filing.valid_from)
            model.last = min(model.last, max(wanted, self.today - timedelta(days=1)))

    # --- what always holds -------------------------------------------------------------------------------------------

    @invariant()
    def the_register_says_what_the_plain_model_says(self) -> None:
        checks.both_agree(self.world, self.plain)

    @invariant()
    def nothing_stands_that_cannot_stand_together(self) -> None:
        checks.nobody_stands_twice(self.world)
        checks.filings_lie_inside(self.world)

    @invariant()
    def every_history_is_whole(self) -> None:
        checks.histories_are_whole(self.world)
        checks.codes_and_links(self.world)

    @invariant()
    def no_year_counts_more_than_a_year(self) -> None:
        checks.seniority_counts_days_in_practice(self.world, self.plain)

    @invariant()
    def what_was_told_stays_told(self) -> None:
        """Whatever is asked as known at an earlier moment is answered as it was then."""
        book, moment = self.world.book, self.world.now
        for registration_id, day, then, answer in self.told:
            now = entry_at(book.histories[registration_id], as_of=day, known_at=then)
            assert (now and now.standing) == (answer and answer.standing)
        for registration in book.registrations.values():
            for day in {registration.started_on, registration.standing_since, self.today, date(2024, 2, 29)}:
                answer = entry_at(book.histories[registration.id], as_of=day, known_at=moment)
                self.told.append((registration.id, day, moment, answer))

    # --- choosing and asking -----------------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        return self.world.today

    def _subject(self, pick: int, fits: Callable[[Registration], bool]) -> Registration | None:
        return mostly(list(self.world.book.registrations.values()), pick, fits)

    def _where(self, pick: int, fits: Callable[[Institution], bool]) -> Institution:
        found = mostly(PLACES, pick, fits)
        assert found is not None
        return found

    def _any(self, fits: Callable[[Registration], bool]) -> bool:
        return any(fits(one) for one in self.world.book.registrations.values())

    def _once_registered(self, pick: int) -> tuple[UUID, Qualification]:
        """Who has a registration that ended or was left, and the qualification it was with."""
        found = self._subject(pick, ended)
        assert found is not None
        return found.person_id, self.world.qualifications[found.qualification_id]

    def _has_two_places(self, one: Registration) -> bool:
        others = [other for other in self.world.book.of_person(one.person_id) if other.id != one.id and stands(other)]
        return stands(one) and any(other.qualification_id == one.qualification_id for other in others)

    def _own(self, person: UUID, pick: int, fits: Callable[[Qualification], bool]) -> Qualification:
        found = mostly(self.world.own(person), pick, fits)
        assert found is not None
        return found

    def _model(self, registration: Registration) -> PlainRegistration:
        return self.plain.registrations[registration.id]

    def _asked(
        self, name: str, sub_kind: str, subject: Registration, place: Institution | None = None, **answers: Any
    ) -> bool:
        institution = place or self.world.place(subject.institution_id)
        return self.world.asked(
            name, sub_kind, person=subject.person_id, institution=institution, subject=subject, **answers
        )

    def _by_ground(self, sub_kind: str, subject: Registration, ground: Ground) -> bool:
        answers = {"ground": ground, "happened_on": self.today, "known_on": self.today}
        return self._asked("CANCEL", sub_kind, subject, form={"ground": {"ground": ground.value}}, **answers)

    def _opens(
        self,
        name: str,
        sub_kind: str,
        person: UUID,
        own: Qualification,
        place: Institution,
        scopes: tuple[str, ...],
        *,
        replaced: PlainRegistration | None = None,
        **about: Any,
    ) -> bool:
        """Ask for it; if it is done, exactly one registration was opened, and stands so."""
        about |= {"scopes": scopes}
        if not self.world.asked(name, sub_kind, person=person, qualification=own, institution=place, **about):
            return False
        (newest,) = set(self.world.book.registrations) - set(self.plain.registrations)
        where = practice_place(own.level, place.division)
        days = [(self.today, "ACTIVE")]
        opened = PlainRegistration(person, own.id, own.level.value, days, where, place.id, frozenset(scopes))
        self.plain.registrations[newest] = opened
        if replaced is not None:
            replaced.successor = opened
        return True

    def _replace(self, name: str, sub_kind: str, subject: Registration | None, own: Qualification, wide: int) -> None:
        """The registration makes way for one with another qualification, at the same institution."""
        if subject is None:
            return
        model, place = self._model(subject), self.world.place(subject.institution_id)
        scopes = widths(own, wide)
        if self._opens(name, sub_kind, subject.person_id, own, place, scopes, subject=subject, replaced=model):
            model.end("SUPERSEDED", self.today)

    def _what_was_left_is_over(self, person: UUID, own: Qualification) -> None:
        for model in self.plain.of(person):
            if model.qualification == own.id and model.can_come_back:
                model.end("CANCELLED", self.today)


Lives.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestLives = Lives.TestCase

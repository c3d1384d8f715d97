"""What goes into the database comes out as it was, sealed in between, on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.applications.domain.application import Application, QualificationSnapshot, Reason
from services.applications.domain.assessment import Occasion
from services.applications.domain.certificate import Certificate, CertificateFacts, DocumentState
from services.applications.domain.days import add_days
from services.applications.domain.register import entry_at, revise
from services.applications.repository.applications import closed_in_vain
from services.applications.repository.register import current_of
from shared.platform.errors import Conflict, NotFound, PermissionDenied
from shared.platform.ids import new_id
from shared.trade.categories import Category
from shared.trade.levels import Level
from shared.trade.statuses import ApplicationState, RegistrationStatus
from tests.integration.applications.conftest import UnitOfWorkMaker
from tests.integration.applications.records import STARTED, a_holder, a_registration, in_register
from tests.unit.applications.factories import (
    NOW,
    PERSON,
    REG,
    TODAY,
    a_material,
    a_pin,
    a_qualification,
    a_standing,
    an_application,
    an_assessment,
)

ID_NUMBER = "430199199708150249"


def stored(uow, application: Application) -> Application:
    """A draft in the database, with its materials."""
    uow.applications.add(application)
    for material in application.materials:
        uow.applications.save_material(application, material)
    return uow.applications.get(application.id)


def test_an_application_comes_back_as_it_went_in(unit_of_work: UnitOfWorkMaker):
    """Identity, qualification, form, materials, outcomes, reasons, policy: everything."""
    application = an_application(
        outcomes=an_assessment().outcomes,
        policy=a_pin(),
        reasons=(Reason("seal_missing", "employment_proof", "请补盖公章"),),
        keeps_until=add_days(TODAY, 30),
    )
    with unit_of_work() as uow:
        assert stored(uow, application) == application
        uow.commit()


def test_nobody_reads_a_name_or_number_in_the_tables(unit_of_work: UnitOfWorkMaker):
    """§10.2: sealed with the service's own ring; health, convictions and officers' own words too."""
    with unit_of_work() as uow:
        assessment = an_assessment()
        application = an_application(
            form={"personal": {"health_fit": False}},
            outcomes=assessment.outcomes,
            reasons=(Reason("seal_missing", "employment_proof", "请补盖公章"),),
        )
        assert any(outcome.rule == "N6_health" for outcome in assessment.outcomes)
        stored(uow, application)
        uow.assessments.add(application, assessment, at=NOW)
        in_register(uow)
        for table in ("applications", "assessments", "materials", "registrations", "registration_history"):
            rows = uow.session.execute(text(f'SELECT * FROM "{table}"'))
            content = str([tuple(row) for row in rows])
            for secret in (ID_NUMBER, "沈若溪", "health_fit", "N6_health", "photo.pdf", "请补盖公章"):
                assert secret not in content, table


def test_whoever_saw_an_older_version_is_told(unit_of_work: UnitOfWorkMaker):
    """Optimistic versions: the second of two saves is a conflict, a read of another version too."""
    with unit_of_work() as uow:
        seen = stored(uow, an_application())
        uow.applications.save(replace(seen, acts_next="institution"))
        with pytest.raises(Conflict, match="application_changed"):
            uow.applications.save(replace(seen, acts_next="window"))
        with pytest.raises(Conflict, match="application_changed"):
            uow.applications.get(seen.id, version=1)
        with pytest.raises(NotFound):
            uow.applications.get(new_id())


def test_a_registration_has_one_open_application_until_it_is_closed(unit_of_work: UnitOfWorkMaker):
    """app.exclusive, guarded by the database; a refused one frees the way (E28, E44)."""
    first = an_application()
    second = an_application(id=new_id(), number="ZC20261123-0002")
    with unit_of_work() as uow:
        seen = stored(uow, first)
        with pytest.raises(Conflict, match="open_application"):
            uow.applications.add(second)
        key = REG.exclusive_key(first.person_id, first.qualification_id)
        assert uow.applications.open_numbers(first.person_id, key, except_id=None) == (first.number,)
        assert uow.applications.open_numbers(first.person_id, key, except_id=first.id) == ()
        uow.applications.save(replace(seen, state=ApplicationState.ORG_REJECTED))
        uow.applications.add(second)
        uow.commit()


def test_a_person_has_one_open_application_for_a_further_registration(unit_of_work: UnitOfWorkMaker):
    """Two categories filed side by side would be judged without each other (domain §3.5, §5.4)."""
    first = an_application()
    other = QualificationSnapshot(a_qualification(id=new_id(), category=Category.PUBLIC_HEALTH), "2" * 27)
    second = an_application(id=new_id(), number="ZC20261123-0002", qualification=other)
    with unit_of_work() as uow:
        stored(uow, first)
        with pytest.raises(Conflict, match="open_application"):
            uow.applications.add(second)


def test_the_drafts_of_a_person_are_counted(unit_of_work: UnitOfWorkMaker):
    """What was submitted, and what others drafted, doesn't count."""
    with unit_of_work() as uow:
        assert uow.applications.drafts_of(PERSON) == 0
        stored(uow, an_application())
        another = an_application(id=new_id(), number="BG20261123-0001", type="CHANGE", sub_kind="SCOPE")
        stored(uow, another)
        submitted = {"state": ApplicationState.ORG_REVIEW, "submission": 1, "type": "CANCEL", "sub_kind": ""}
        elsewhere = QualificationSnapshot(a_qualification(id=new_id()), "3" * 27)
        stored(uow, an_application(id=new_id(), number="ZX20261123-0001", qualification=elsewhere, **submitted))
        stored(uow, an_application(id=new_id(), number="ZC20261123-0003", person_id=new_id()))
        assert uow.applications.drafts_of(PERSON) == 2


def test_an_answered_notice_is_remembered(unit_of_work: UnitOfWorkMaker):
    """What refuses the second answer stands in the record, not in a process."""
    with unit_of_work() as uow:
        seen = stored(uow, an_application())
        uow.applications.save(replace(seen, state=ApplicationState.SUPPLEMENT, notice=2, answered_notice=2))
        found = uow.applications.get(seen.id)
        assert (found.notice, found.answered_notice, found.awaits_supplement) == (2, 2, False)


@pytest.mark.parametrize(("submission", "kept", "freed"), [(0, 2, ["a" * 64]), (1, 3, [])])
def test_the_last_upload_of_a_kind_wins_and_what_was_submitted_stays_on_record(
    unit_of_work: UnitOfWorkMaker, submission: int, kept: int, freed: list[str]
):
    """§2.4: photos: last upload wins; one that nobody but the applicant ever saw is not kept (PIPL art.6)."""
    with unit_of_work() as uow:
        application = stored(uow, an_application(submission=submission))
        newer = a_material("photo", address="b" * 64, at=NOW + timedelta(minutes=1))
        assert uow.applications.save_material(application, newer) == freed
        kinds = {item.kind: item.address[0] for item in uow.applications.get(application.id).materials}
        assert kinds == {"photo": "b", "employment_proof": "a"}
        assert uow.session.execute(text("SELECT count(*) FROM materials")).scalar_one() == kept


@pytest.mark.parametrize(
    ("state", "occasions", "goes"),
    [
        (ApplicationState.WITHDRAWN, [Occasion.SUBMISSION], True),
        (ApplicationState.ORG_REJECTED, [Occasion.SUBMISSION], True),
        (ApplicationState.TERMINATED, [Occasion.SUBMISSION], True),
        (ApplicationState.TERMINATED, [Occasion.SUBMISSION, Occasion.EFFECT], False),
        (ApplicationState.REFUSED, [Occasion.SUBMISSION], False),
        (ApplicationState.NOT_ACCEPTED, [Occasion.SUBMISSION], False),
        (ApplicationState.CERT_ISSUED, [Occasion.SUBMISSION, Occasion.EFFECT], False),
        (ApplicationState.ORG_REVIEW, [Occasion.SUBMISSION], False),
    ],
)
def test_the_papers_of_what_ended_without_a_decision_go_in_time(
    unit_of_work: UnitOfWorkMaker, state: ApplicationState, occasions: list[Occasion], goes: bool
):
    """retention.closed_days; what was decided on keeps its file (retention.application_years)."""
    application = an_application(state=state, submission=1, updated_at=NOW)
    with unit_of_work() as uow:
        stored(uow, application)
        for occasion in occasions:
            uow.assessments.add(application, an_assessment(occasion=occasion), at=NOW)
        assert uow.session.scalars(closed_in_vain(NOW)).all() == []
        due = uow.session.scalars(closed_in_vain(NOW + timedelta(seconds=1))).all()
        assert [row.id for row in due] == ([application.id] if goes else [])
        if goes:
            assert uow.applications.forget_materials(application.id) == ["a" * 64, "a" * 64]
            assert uow.session.scalars(closed_in_vain(NOW + timedelta(seconds=1))).all() == []
            assert uow.applications.get(application.id).materials == ()


def test_a_look_is_noted_once_a_day(unit_of_work: UnitOfWorkMaker):
    """E71: for each of the staff, each record and what of it was looked at."""
    record, tomorrow = new_id(), add_days(TODAY, 1)
    with unit_of_work() as uow:
        looks = [
            (record, "application", "staff:a"),
            (record, "certificate", "staff:a"),
            (record, "application", "staff:b"),
        ]
        assert [uow.views.note(*look, TODAY) for look in looks] == [True, True, True]
        assert [uow.views.note(*look, TODAY) for look in looks] == [False, False, False]
        assert uow.views.note(*looks[0], tomorrow)
        assert not uow.views.was_seen(record, "certificate", "staff:b", TODAY)
        assert uow.views.forget(tomorrow) == 3
        assert uow.views.was_seen(*looks[0], tomorrow)


def test_kept_assessments_come_back_whole(unit_of_work: UnitOfWorkMaker):
    """Facts and sensitive outcomes sealed, the others plain; oldest first."""
    application = an_application(submission=1)
    runs = [an_assessment(), an_assessment(occasion=Occasion.EFFECT)]
    with unit_of_work() as uow:
        for position, run in enumerate(runs):
            uow.assessments.add(application, run, at=NOW + timedelta(minutes=position))
        uow.commit()
    with unit_of_work() as uow:
        assert uow.assessments.of(application.id) == runs
        assert uow.assessments.latest(application.id) == runs[-1]


def test_an_expired_draft_goes_with_its_materials_and_nothing_else_does(unit_of_work: UnitOfWorkMaker):
    """retention.draft_days: to the day it is kept, the day after it goes; what was submitted stays."""
    draft = an_application(keeps_until=TODAY)
    submitted = an_application(
        id=new_id(), number="ZC20261123-0003", person_id=new_id(), state=ApplicationState.REFUSED, submission=1
    )
    with unit_of_work() as uow:
        stored(uow, draft)
        stored(uow, submitted)
        assert uow.applications.expired_drafts(TODAY, 10) == []
        assert uow.applications.expired_drafts(add_days(TODAY, 1), 10) == [draft.id]
        assert uow.applications.remove_draft(draft.id, TODAY) is None
        assert uow.applications.remove_draft(draft.id, add_days(TODAY, 1)) == ["a" * 64, "a" * 64]
        assert uow.applications.remove_draft(submitted.id, add_days(TODAY, 1)) is None
        with pytest.raises(NotFound):
            uow.applications.get(draft.id)
        assert uow.applications.get(submitted.id).number == submitted.number


def test_numbers_are_given_out_once_even_to_many_at_the_same_moment(unit_of_work: UnitOfWorkMaker):
    """§4.3: no serial twice; business numbers count by day."""
    codes: list[str] = []
    numbers: list[str] = []

    def take() -> None:
        for _ in range(5):
            with unit_of_work() as uow:
                code = str(uow.numbers.practice_code(Level.LICENSED, Category.CLINICAL, "430102"))
                number = uow.numbers.application_number("ZC", TODAY)
                uow.commit()
            codes.append(code)
            numbers.append(number)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [f"110430102{serial:06d}" for serial in range(1, 21)]
    assert sorted(numbers) == [f"ZC20261123-{serial:04d}" for serial in range(1, 21)]
    with unit_of_work() as uow:
        assert str(uow.numbers.practice_code(Level.ASSISTANT, Category.CLINICAL, "430102")) == "210430102000001"


def test_a_number_of_a_transaction_that_was_undone_was_never_given_out(unit_of_work: UnitOfWorkMaker):
    """No gaps are needed, and none arise by failure."""
    for _ in range(2):
        with unit_of_work() as uow:
            assert uow.numbers.application_number("ZC", TODAY) == "ZC20261123-0001"


def test_a_captcha_serves_once(unit_of_work: UnitOfWorkMaker):
    """E07: the second use is refused; uses are forgotten when no context can hold them any more."""
    with unit_of_work() as uow:
        uow.captchas.use("one", NOW)
        with pytest.raises(PermissionDenied, match="captcha_used"):
            uow.captchas.use("one", NOW)
        uow.captchas.use("two", NOW)
        uow.captchas.forget(NOW + timedelta(days=2))
        uow.captchas.use("one", NOW)


def test_doctors_of_one_name_are_found_by_exactly_that_name_in_their_province(unit_of_work: UnitOfWorkMaker):
    """E01: both of them; dots and spaces apart, nothing near."""
    with unit_of_work() as uow:
        for province, name in (
            ("43", "买买提·阿依古丽"),
            ("43", "买买提•阿依古丽"),
            ("44", "买买提·阿依古丽"),
            ("43", "买买提"),
        ):
            in_register(uow, a_registration(province=province), a_holder(name=name))
        found = uow.register.named("43", "买买提 ·阿依古丽", limit=10)
        assert len(found) == 2
        assert len(uow.register.named("43", "买买提", limit=10)) == 1
        assert uow.register.named("43", "买买", limit=10) == []
        assert len(uow.register.named("43", "买买提·阿依古丽", limit=1)) == 1


def test_namesakes_beyond_the_most_that_are_shown_are_found_by_their_institution(unit_of_work: UnitOfWorkMaker):
    """E01: the institution narrows the search itself, not the first fifty that it found."""
    with unit_of_work() as uow:
        for number in range(56):
            place = "示例_一%医院" if number == 55 else f"第{number}人民医院"
            in_register(uow, a_registration(standing=a_standing(institution_name=place)), a_holder())
        assert len(uow.register.named("43", "沈若溪", limit=51)) == 51
        for part in ("示例_一%医院", "一%"):
            (found,) = uow.register.named("43", "沈若溪", institution=part, limit=51)
            assert found[0].standing.institution_name == "示例_一%医院"
        assert len(uow.register.named("43", "沈若溪", institution="人民医院", limit=51)) == 51
        assert uow.register.named("43", "沈若溪", institution="_", limit=51) != []
        assert len(uow.register.named("43", "沈若溪", institution="%", limit=51)) == 1


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(RegistrationStatus), st.integers(0, 200)), min_size=1, max_size=5))
def test_what_stands_can_be_rebuilt_from_what_is_told(unit_of_work: UnitOfWorkMaker, changes):
    """The live row equals the newest entry of the history, and every digest is good, whatever happened."""
    with unit_of_work() as uow:
        registration = in_register(uow)
        for position, (status, day) in enumerate(changes):
            history = uow.register.history(registration.id)
            standing = a_standing(status=status, decision_number=f"第{position}号")
            revision = revise(
                history,
                standing,
                on=STARTED + timedelta(days=day),
                known_at=NOW + timedelta(minutes=position + 1),
                new_ids=(new_id(), new_id()),
            )
            registration = uow.register.revise(registration, revision)
        uow.commit()
    with unit_of_work() as uow:
        live, history = uow.register.get(registration.id), uow.register.history(registration.id)
        rebuilt = current_of(history, max(entry.valid_from for entry in history))
        assert rebuilt is not None
        assert (live.standing, live.standing_since) == (rebuilt.standing, rebuilt.valid_from)
        assert live == registration
        assert uow.register.broken_digests(registration.id) == []
        then = entry_at(history, as_of=STARTED + timedelta(days=201), known_at=NOW + timedelta(seconds=1))
        assert then is not None
        assert then.standing == a_standing()


def test_a_correction_of_days_that_are_over_leaves_the_present_as_it_stands(unit_of_work: UnitOfWorkMaker):
    """The history tells the corrected days; the row goes on as the later decision has it."""
    with unit_of_work() as uow:
        registration = in_register(uow)
        for position, (status, day) in enumerate(
            [(RegistrationStatus.SUSPENDED, 100), (RegistrationStatus.ACTIVE, 50)]
        ):
            revision = revise(
                uow.register.history(registration.id),
                a_standing(status=status, decision_number=f"第{position}号"),
                on=STARTED + timedelta(days=day),
                known_at=NOW + timedelta(minutes=position + 1),
                new_ids=(new_id(), new_id()),
            )
            registration = uow.register.revise(registration, revision)
        uow.commit()
    with unit_of_work() as uow:
        live, history = uow.register.get(registration.id), uow.register.history(registration.id)
        assert (live.standing.status, live.standing_since) == (
            RegistrationStatus.SUSPENDED,
            STARTED + timedelta(days=100),
        )
        then = entry_at(history, as_of=STARTED + timedelta(days=60), known_at=NOW + timedelta(days=1))
        assert then is not None
        assert then.standing.decision_number == "第1号"
        assert uow.register.broken_digests(registration.id) == []


def a_certificate(registration_id: UUID, person_id: UUID, code: str) -> Certificate:
    """A certificate without a document."""
    facts = CertificateFacts(
        "沈若溪", "female", "1997-08-15", ID_NUMBER, "2026431104", "1", "10", ("C01",), "43", "示例医院", "示例局"
    )
    return Certificate(new_id(), 1, registration_id, person_id, "43", code, f"{code[-12:-8]}-AAAA-BBBB", STARTED, facts)


def test_a_certificate_is_taken_up_for_its_document_by_one_and_later_again(unit_of_work: UnitOfWorkMaker):
    """Whoever takes it holds it for a while; once the document is there, nobody takes it any more."""
    with unit_of_work() as uow:
        registration = in_register(uow)
        uow.certificates.add(a_certificate(registration.id, registration.person_id, registration.practice_code))
        uow.commit()
    with unit_of_work() as uow:
        assert uow.certificates.is_one_pending(NOW)
        row = uow.certificates.take_pending(NOW)
        taken = uow.certificates.postpone(row, attempts=1, until=NOW + timedelta(minutes=2))
        uow.commit()
    with unit_of_work() as uow:
        assert uow.certificates.take_pending(NOW + timedelta(minutes=1)) is None
        assert uow.certificates.take_pending(NOW + timedelta(minutes=2)) is not None
        uow.certificates.save(taken.with_document({"address": "d" * 64, "size": 5}))
        assert not uow.certificates.is_one_pending(NOW + timedelta(days=1))
        found = uow.certificates.by_check_code(taken.check_code)
        assert found is not None
        assert (found.document, found.document_size, found.facts) == (DocumentState.READY, 5, taken.facts)


def test_a_registration_has_one_valid_certificate(unit_of_work: UnitOfWorkMaker):
    """Guarded by the database: a newer one makes the older void first."""
    with unit_of_work() as uow:
        registration = in_register(uow)
        first = a_certificate(registration.id, registration.person_id, registration.practice_code)
        uow.certificates.add(first)
        uow.commit()
    with unit_of_work() as uow, pytest.raises(IntegrityError):
        uow.certificates.add(replace(first, id=new_id(), check_code="ZZZZ-AAAA-BBBB"))

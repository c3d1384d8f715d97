"""The handbook's edge cases by number (`domain.md` §11), as far as the rules and effects of the kinds answer them.

E49 has a part here only: that nothing but the register's own status lifts a suspension. Who enters the assessment, and
what turns the status back, is no kind of business.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.applications.domain.application import Application, exclusive_key, save_step
from services.applications.domain.assessment import Occasion, assess
from services.applications.domain.business import KINDS, FieldKind, kind_of
from services.applications.domain.form import check_step
from services.applications.domain.states import EDITABLE
from shared.platform.errors import InvalidInput
from shared.trade.levels import Level
from shared.trade.statuses import ApplicationState, BusinessType, CancellationGround
from shared.trade.statuses import RegistrationStatus as Status
from tests.unit.applications.factories import (
    INSTITUTION,
    NOW,
    QUALIFICATION,
    TODAY,
    a_pin,
    a_qualification,
    an_application,
    an_institution,
    numbered,
    policy,
)
from tests.unit.applications.kinds.factories import (
    ASSISTANTS,
    FAILED,
    FINE_KINDS,
    HUMAN,
    OTHER,
    OWN,
    PROOF,
    a_filing,
    a_held,
    a_registration,
    about,
    across,
    an_assistants,
    answered,
    applicant,
    assistants_qualification,
    effect,
    fine,
    neighbour,
    of_another_county,
    of_the_city,
    over,
    remedy,
    spoken,
    summary,
)

MOVES = [("CHANGE", "ORG_SAME_AUTH"), ("CHANGE", "ORG_IN_PROVINCE"), ("CHANGE", "ORG_CROSS_PROVINCE")]
SUSPENDED = a_held(status=Status.SUSPENDED, since=date(2026, 9, 1), until=date(2026, 11, 30))


def fields_wrong(name: str, sub_kind: str, step: str, values: dict[str, Any]) -> dict[str, list[str]]:
    """What a page says of values that are not of its form."""
    page = kind_of(name, sub_kind).step(step)
    assert page is not None
    with pytest.raises(InvalidInput) as refused:
        check_step(page, values, today=TODAY)
    found: dict[str, list[str]] = refused.value.facts["fields"]
    return found


@pytest.mark.parametrize("sub_kind", ["FIRST", "RE", "ADD_PLACE", "LICENSED"])
def test_the_gate_is_that_of_the_registering_province(sub_kind):
    """E25: a pass from 43 that is registered in 44 waits for the paper certificate, by whichever way."""
    changed = {"institution": across(), "applicant": applicant()}
    held = fine("REG", sub_kind).held
    if sub_kind == "ADD_PLACE":
        changed |= about(a_held())
    found = fine("REG", sub_kind, **changed)
    assert found.held == held
    assert spoken(found) == {"registration_gate": (FAILED, "paper_certificate_needed")}
    entered = replace(found, applicant=applicant(paper_certificates=frozenset({QUALIFICATION})))
    assert spoken(entered) == {}


def test_an_upgrade_supersedes_in_one_transaction():
    """E32: assistant 210, licensed 110, same institution: the new one ACTIVE, the old one SUPERSEDED, both at once."""
    assert spoken(fine("UPGRADE")) == {}
    old = a_registration(level="2", practice_place="430102", qualification_id=ASSISTANTS)
    changes = effect("UPGRADE", subject=old)
    assert [turn.standing.status for turn in changes.turns] == [Status.SUPERSEDED]
    assert [(one.standing.status, one.replaces) for one in changes.openings] == [(Status.ACTIVE, OWN)]


def test_an_upgrade_with_another_institution_is_not_offered():
    """E34: no page names one; REG/LICENSED is open there, and shut where the upgrade fits."""
    pages = kind_of("UPGRADE", "").steps
    assert not [field for page in pages for field in page.fields if field.kind is FieldKind.INSTITUTION]
    elsewhere = fine("REG", "LICENSED", held=(an_assistants(),), institution=of_the_city())
    assert spoken(elsewhere) == {}
    same = fine("REG", "LICENSED", held=(an_assistants(),))
    assert remedy(same, "assistant_stands") == {"business": "UPGRADE"}
    assert (
        spoken(fine("CHANGE", "ORG_SAME_AUTH", **about(an_assistants()), qualification=assistants_qualification()))
        == {}
    )


@pytest.mark.parametrize(("name", "sub_kind"), [("MULTI_ADD", ""), ("REG", "FIRST"), ("CHANGE", "ORG_IN_PROVINCE")])
def test_a_rural_assistant_stays_in_township_and_village(name, sub_kind):
    """E37: neither registered at, moved to, nor filed at a city hospital."""
    rural = an_assistants(level=Level.RURAL_ASSISTANT, scopes=("C11",))
    facts = {
        "qualification": assistants_qualification(level=Level.RURAL_ASSISTANT),
        "institution": of_the_city(departments=("02 全科医疗科",)),
        **answered(name, sub_kind, scopes=("C11",)),
        **({} if name == "REG" else about(rural)),
    }
    found = spoken(fine(name, sub_kind, **facts))
    assert found == {"qualification_area": (FAILED, "township_or_village_only")}


@pytest.mark.parametrize("sub_kind", ["FIRST", "ADD_PLACE"])
def test_an_assistant_has_one_practice_place(sub_kind):
    """E38: a second county is refused, and so is a second province."""
    held = an_assistants(qualification_id=QUALIFICATION)
    found = fine(
        "REG",
        sub_kind,
        qualification=a_qualification(level=Level.ASSISTANT),
        institution=of_another_county() if sub_kind == "FIRST" else across(),
        **(about(held) if sub_kind == "ADD_PLACE" else {"held": (held,)}),
    )
    codes = {code for result, code in spoken(found).values() if result is FAILED}
    assert "assistant_one_place" in codes


def test_an_assistant_files_in_their_county_only():
    """E39: refused; CHANGE is needed."""
    found = fine(
        "MULTI_ADD",
        qualification=assistants_qualification(),
        institution=of_another_county(),
        **about(an_assistants()),
    )
    assert spoken(found) == {"inside_practice_place": (FAILED, "outside_county")}
    assert remedy(found, "inside_practice_place")["business"] == "CHANGE"


def test_a_physician_files_in_their_province_only():
    """E40: refused; shows ADD_PLACE."""
    found = fine("MULTI_ADD", institution=across())
    assert spoken(found) == {"inside_practice_place": (FAILED, "outside_province")}
    assert remedy(found, "inside_practice_place") == {"business": "REG", "sub_kind": "ADD_PLACE"}


def test_another_scope_in_the_second_place_ends_the_first_only_if_that_was_said():
    """E41: a hard warning, an explicit confirmation, an officer; and then the end of the first."""
    asked = fine("REG", "ADD_PLACE", **answered("REG", "ADD_PLACE", scopes=("C02",)))
    assert spoken(asked) == {"same_scope": (PROOF, "old_registration_ends_unconfirmed")}
    refused = replace(asked, answers=replace(asked.answers, old_ends=False))
    assert spoken(refused) == spoken(asked)
    confirmed = replace(asked, answers=replace(asked.answers, old_ends=True))
    assert spoken(confirmed) == {"same_scope": (HUMAN, "old_registration_will_end")}
    form = {"scope": {"scopes": ["C02"]}}
    changes = effect("REG", "ADD_PLACE", subject=a_registration(), institution=across(), form=form)
    assert summary(changes)["turns"] == [(OWN, "CANCELLED", "cancelled", CancellationGround.OWN_WISH)]


def test_filings_are_kept_when_the_main_institution_changes_inside_the_province():
    """E43: none ends, so each goes on and is told."""
    filings = (a_filing(), a_filing(id=numbered(0x62), institution_id=numbered(0xC9)))
    moved = effect(
        "CHANGE",
        "ORG_IN_PROVINCE",
        subject=a_registration(),
        filings=filings,
        institution=of_another_county(),
    )
    assert moved.endings == ()


@pytest.mark.parametrize(("name", "sub_kind"), FINE_KINDS)
def test_a_second_application_beside_an_open_one_is_refused(name, sub_kind):
    """E44, `app.exclusive`: of every kind; what a report finds open is another report."""
    found = spoken(fine(name, sub_kind, open_applications=("BG20261120-0001",)))
    assert (FAILED, "open_application") in found.values()


def test_two_changes_of_one_registration_exclude_each_other():
    """E44: by the same key, whatever is changed; two filings at two institutions don't."""
    keys = {
        exclusive_key(an_application(type="CHANGE", sub_kind=kind.sub_kind, subject_id=OWN), kind)
        for kind in KINDS.values()
        if kind.type is BusinessType.CHANGE
    }
    assert keys == {f"registration:{OWN}"}
    further = kind_of("MULTI_ADD", "")
    filings = [
        an_application(type="MULTI_ADD", sub_kind="", subject_id=OWN, institution=place)
        for place in (neighbour(), of_the_city())
    ]
    assert len({exclusive_key(one, further) for one in filings}) == 2


@pytest.mark.parametrize(("name", "sub_kind"), MOVES)
@pytest.mark.parametrize("releasing", [None, an_institution(), an_institution(licence_status="cancelled")])
def test_the_side_that_is_left_is_no_condition_of_a_change(name, sub_kind, releasing):
    """E47: an objection is recorded and shown; nothing of the other side makes a condition fail."""
    assert spoken(fine(name, sub_kind, releasing=releasing)) == {}


@pytest.mark.parametrize("on", [date(2026, 11, 29), date(2026, 11, 30), date(2026, 12, 1)])
@pytest.mark.parametrize(("name", "sub_kind"), MOVES)
def test_who_is_suspended_waits_for_the_end_and_needs_no_new_registration(name, sub_kind, on):
    """E48: blocked until the end date, with that date and nothing else as the way out."""
    found = fine(name, sub_kind, **about(SUSPENDED), on=on, filed_on=on)
    assert spoken(found) == {"registration_may_move": (FAILED, "registration_suspended")}
    assert remedy(found, "registration_may_move") == {"after": "2026-11-30"}
    back = fine(name, sub_kind, **about(replace(SUSPENDED, status=Status.ACTIVE, since=date(2026, 12, 1), until=None)))
    assert spoken(back) == {}


def test_a_suspension_ends_by_the_register_and_not_by_the_calendar():
    """E49: the day after its last it still holds until the assessment is entered, whatever is asked for."""
    late = date(2027, 6, 1)
    for name, sub_kind in (*MOVES, ("MULTI_ADD", ""), ("MIL_OUT", ""), ("REG", "ADD_PLACE"), ("CHANGE", "PERSON")):
        found = fine(name, sub_kind, **about(SUSPENDED), on=late, filed_on=TODAY)
        assert (FAILED, "registration_suspended") in spoken(found).values()


@pytest.mark.parametrize(
    ("served", "expected"),
    [
        (date(2024, 11, 24), {"N2_criminal_penalty": (HUMAN, "criminal_penalty_declared")}),
        (
            date(2024, 11, 23),
            {
                "N2_criminal_penalty": (HUMAN, "criminal_penalty_declared"),
                "ended_ground": (PROOF, "re_entry_proof_needed"),
            },
        ),
    ],
)
def test_two_years_after_a_sentence_an_assessment_opens_the_way(served, expected):
    """E53: one day earlier an officer refuses (N2, still running); then an assessment or training is asked for."""
    found = fine("REG", "FIRST", **answered("REG", "FIRST", criminal_penalty=True, sentence_served_on=served))
    assert spoken(found) == expected
    outcome = next(
        one
        for one in assess(kind_of("REG", "FIRST"), found, a_pin(), Occasion.SUBMISSION).outcomes
        if one.rule == "N2_criminal_penalty"
    )
    assert outcome.seen["still_running"] is (served == date(2024, 11, 24))
    proved = spoken(replace(found, materials=found.materials | {"assessment_proof"}))
    assert not [code for result, code in proved.values() if result in (FAILED, PROOF)]


def test_the_proof_after_a_sentence_is_asked_for_once():
    """E53: who was registered since then has shown it already."""
    since = a_held(registration_id=OTHER, qualification_id=numbered(0xBA), started_on=date(2024, 11, 23))
    answers = answered("REG", "FIRST", criminal_penalty=True, sentence_served_on=date(2022, 11, 23))
    for started_on, asked in ((date(2024, 11, 23), False), (date(2024, 11, 22), True)):
        held = (replace(since, started_on=started_on),)
        assert ("ended_ground" in spoken(fine("REG", "FIRST", held=held, **answers))) is asked


def test_a_corrected_name_is_carried_over_and_nothing_else():
    """E56: only what the account says otherwise than the register already; the old name stays with its entry."""
    assert spoken(fine("CHANGE", "PERSON", person_changes=("name", "id_number"))) == {}
    asked = fine("CHANGE", "PERSON", person_changes=())
    assert remedy(asked, "data_corrected") == {"business": "correction"}
    (turn,) = effect("CHANGE", "PERSON", subject=a_registration()).turns
    assert (turn.new_holder, turn.reissued) == (True, True)
    writable = {
        field.name
        for page in kind_of("CHANGE", "PERSON").steps
        for field in page.fields
        if field.kind is not FieldKind.LOCKED
    }
    assert writable == {"photo_taken_on"}


def test_no_form_writes_into_a_qualification():
    """E58: education, school and major are shown and locked; what is edited elsewhere changes no qualification."""
    locked = ("education", "school", "major", "level", "category", "year", "region", "code")
    for kind in KINDS.values():
        fields = {field.name: field.kind for page in kind.steps for field in page.fields}
        assert {fields[name] for name in locked if name in fields} <= {FieldKind.LOCKED}
    wrong = fields_wrong("REG", "FIRST", "qualification", {"education": "博士"})
    assert wrong == {"education": ["locked"]}
    draft: Application = an_application(state=ApplicationState.DRAFT)
    assert draft.state in EDITABLE
    with pytest.raises(InvalidInput):
        save_step(
            draft,
            kind_of("REG", "FIRST"),
            "qualification",
            {"education": "博士"},
            institution=None,
            now=NOW,
            today=TODAY,
            keep_days=30,
        )
    assert draft.qualification.facts.education == "本科"


def test_from_the_forces_the_exchanged_certificate_comes_first():
    """E66: the window asks for it (补正); where no window is, nothing is submitted without it."""
    kind, uploaded = kind_of("MIL_IN", ""), frozenset({"photo", "employment_proof"})
    assert "exchanged_certificate" in kind.paper_materials(policy(kind), uploaded)
    needed = {item.kind: item.required for item in kind.needed_materials(policy(kind))}
    assert needed["exchanged_certificate"] is False
    online = {item.kind: item.required for item in kind.needed_materials(policy(kind, paper__required=False))}
    assert online["exchanged_certificate"] is True


def test_the_last_place_is_given_up_by_a_cancellation_only():
    """E68: refused; use CANCEL."""
    found = fine("PLACE_DEL", **about(a_held()))
    assert spoken(found) == {"another_place_stays": (FAILED, "only_practice_place")}
    assert remedy(found, "another_place_stays") == {"business": "CANCEL"}
    assert spoken(fine("CANCEL", "VOLUNTARY", **about(a_held()))) == {}


def test_a_filing_of_the_wrong_days_or_scope_is_told_at_its_field():
    """E69: field errors on the page, and a rule for what only the register knows."""
    term = {"valid_from": "2026-12-01", "valid_to": "2026-11-30", "scopes": ["C01"]}
    assert fields_wrong("MULTI_ADD", "", "term", term) == {"valid_to": ["before_start"]}
    unknown = {**term, "valid_to": "2026-12-01", "scopes": ["X99"]}
    assert fields_wrong("MULTI_ADD", "", "term", unknown) == {"scopes": ["not_a_choice"]}
    wider = fine("MULTI_ADD", **answered("MULTI_ADD", scopes=("C01", "C04")))
    assert remedy(wider, "filing_scope") == {"step": "term", "field": "scopes"}
    before = answered("MULTI_ADD", valid_from=date(2026, 12, 1), valid_to=date(2026, 11, 30))
    assert remedy(fine("MULTI_ADD", **before), "filing_term") == {"step": "term", "field": "valid_to"}


def test_a_departure_is_neither_taken_up_twice_nor_cancelled_too_early():
    """§3.5, §3.13 X12: up to the anniversary a change takes it up, afterwards it is registered anew."""
    left = over(Status.LEFT_FILED, date(2024, 11, 23), institution_id=INSTITUTION)
    for days, change, anew in ((0, True, False), (1, False, True)):
        day = TODAY + timedelta(days=days)
        when = {"on": day, "filed_on": day}
        may_change = not [
            1 for result, _ in spoken(fine(*MOVES[0], **about(left), **when)).values() if result is FAILED
        ]
        found = spoken(fine("REG", "RE", held=(left,), **when))
        may_register = not [1 for result, _ in found.values() if result is FAILED]
        assert (may_change, may_register) == (change, anew)

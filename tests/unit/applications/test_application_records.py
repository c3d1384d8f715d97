"""What an application holds after each of its steps, whole, and what each refusal of a step says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.applications.domain.application import (
    Application,
    Reason,
    attach,
    noticed,
    refuse_too_many,
    save_step,
    submit,
    supplement,
)
from services.applications.domain.assessment import Occasion
from services.applications.domain.business import available_kind
from services.applications.domain.business.kind import NeededMaterial
from services.applications.domain.days import add_days, add_years
from services.applications.domain.states import project
from shared.platform.errors import Conflict, DomainError, InvalidInput, RuleViolated
from shared.trade.statuses import ApplicationState as State
from shared.trade.statuses import BusinessType
from tests.unit.applications.factories import (
    NOW,
    REG,
    TODAY,
    a_material,
    a_pin,
    an_application,
    an_assessment,
    an_institution,
    facts,
    fine_answers,
    numbered,
    policy,
)

LATER = NOW + timedelta(hours=3)
OTHER = an_institution(id=numbered(0xC2), name="另一示例医院", division="440103")


def save(application: Application, step: str, values: dict, institution=None) -> Application:
    """One page saved three hours later."""
    return save_step(application, REG, step, values, institution=institution, now=LATER, today=TODAY, keep_days=30)


def refusal(act) -> tuple[type[DomainError], str, dict]:
    """Kind, code and facts of what an act is refused with."""
    with pytest.raises(DomainError) as refused:
        act()
    return type(refused.value), refused.value.code, dict(refused.value.facts)


def test_a_saved_page_changes_itself_and_nothing_else():
    """`domain.md` §3.0: the moment of the edit and the day up to which the draft is kept go with it."""
    draft = an_application()
    saved = save(draft, "scope", {"scopes": ["C02"]})
    form = {**draft.form, "scope": {"scopes": ["C02"]}}
    assert saved == replace(draft, form=form, updated_at=LATER, keeps_until=add_days(TODAY, 30))


def test_the_page_of_the_institution_brings_the_institution_itself():
    """医师执业注册管理办法 art.9: who approved it is competent, so its record is taken over with the page."""
    draft = an_application()
    saved = save(draft, "institution", {"institution_id": str(OTHER.id), "start_on": "2026-12-01"}, OTHER)
    assert saved.institution == OTHER
    assert save(saved, "scope", {"scopes": ["C02"]}).institution == OTHER


def test_a_date_on_a_page_is_measured_from_the_legal_day():
    """A contract may begin two years ahead, not more: counted from the day of the edit."""
    values = {"institution_id": str(OTHER.id), "start_on": add_years(TODAY, 2).isoformat()}
    assert save(an_application(), "institution", values, OTHER).form["institution"] == values
    far = {**values, "start_on": (add_years(TODAY, 2) + timedelta(days=1)).isoformat()}
    assert refusal(lambda: save(an_application(), "institution", far, OTHER))[2] == {
        "fields": {"start_on": ["date_out_of_range"]}
    }


def test_an_upload_notes_when_it_came():
    draft, photo = an_application(), a_material("photo", address="b" * 64)
    changed = attach(draft, photo, now=LATER, today=TODAY, keep_days=30)
    assert changed == replace(
        draft, materials=(draft.materials[1], photo), updated_at=LATER, keeps_until=add_days(TODAY, 30)
    )


def test_a_submission_is_of_what_the_rules_saw():
    """医师法 art.13: the institution of the assessment, its province, the policy of the day; what was asked is over."""
    draft = an_application(
        state=State.ORG_RETURNED,
        submission=1,
        reasons=(Reason("wrong_scope", "scope"),),
        act_until=date(2026, 12, 1),
        keeps_until=date(2026, 12, 31),
        acts_next="applicant",
        submitted_at=NOW - timedelta(days=9),
        province="",
    )
    assessment = an_assessment(facts(institution=OTHER, policy=policy()))
    submitted = submit(draft, REG, assessment, now=LATER)
    assert submitted == replace(
        draft,
        state=State.SUBMITTED,
        submission=2,
        institution=assessment.facts.institution,
        province="44",
        policy=a_pin(),
        outcomes=assessment.outcomes,
        reasons=(),
        acts_next="institution",
        act_until=None,
        submitted_at=LATER,
        keeps_until=None,
        updated_at=LATER,
    )
    assert assessment.occasion is Occasion.SUBMISSION


def test_a_supplement_notes_which_notice_it_answers():
    """行政许可法 art.32(4): the window acts next, without a day of its own; the rules were run anew."""
    asked = an_application(state=State.SUPPLEMENT, notice=2, answered_notice=1, act_until=date(2026, 12, 1))
    assessment = an_assessment(occasion=Occasion.SUPPLEMENT)
    answered = supplement(asked, REG, assessment, now=LATER)
    assert answered == replace(
        asked,
        outcomes=assessment.outcomes,
        answered_notice=2,
        acts_next="window",
        act_until=None,
        updated_at=LATER,
    )


def test_a_newer_notice_is_kept_with_its_number():
    """Its answer counts for this notice, and for no earlier one."""
    answered = an_application(state=State.SUPPLEMENT, notice=1, answered_notice=1)
    assert noticed(answered, 2) == replace(answered, notice=2, answered_notice=None)
    assert noticed(answered, 1) == answered


@pytest.mark.parametrize(
    ("act", "refused"),
    [
        (lambda: refuse_too_many(5), (Conflict, "too_many_drafts", {"most": 5})),
        *(
            (
                lambda step=step: save(an_application(), step, {}),
                (InvalidInput, "invalid_input", {"fields": {"step": ["unknown_step"]}}),
            )
            for step in ("materials", "check", "unheard_of")
        ),
        (
            lambda: save(an_application(state=State.ORG_REVIEW), "scope", {"scopes": ["C02"]}),
            (Conflict, "application_not_editable", {"state": "ORG_REVIEW"}),
        ),
        (
            lambda: attach(
                an_application(state=State.ORG_REVIEW), a_material("photo"), now=NOW, today=TODAY, keep_days=30
            ),
            (Conflict, "application_not_editable", {"state": "ORG_REVIEW"}),
        ),
        (
            lambda: submit(an_application(state=State.ORG_REVIEW), REG, an_assessment(), now=NOW),
            (Conflict, "application_not_editable", {"state": "ORG_REVIEW"}),
        ),
        (
            lambda: submit(an_application(), REG, an_assessment(facts(institution=None)), now=NOW),
            (RuleViolated, "form_incomplete", {"steps": ["institution"]}),
        ),
        (
            lambda: supplement(an_application(), REG, an_assessment(), now=NOW),
            (Conflict, "no_supplement_asked", {"state": "DRAFT"}),
        ),
        (
            lambda: supplement(
                an_application(state=State.SUPPLEMENT, notice=3, answered_notice=3), REG, an_assessment(), now=NOW
            ),
            (Conflict, "supplement_already_sent", {"notice": 3}),
        ),
        (
            lambda: supplement(an_application(state=State.SUPPLEMENT, materials=()), REG, an_assessment(), now=NOW),
            (RuleViolated, "materials_missing", {"materials": ["photo", "employment_proof"]}),
        ),
        (
            lambda: available_kind("CHANGE", "SCOPE"),
            (RuleViolated, "business_not_available", {"type": "CHANGE", "sub_kind": "SCOPE"}),
        ),
        (
            lambda: available_kind("UPGRADE"),
            (RuleViolated, "business_not_available", {"type": "UPGRADE", "sub_kind": ""}),
        ),
        (
            lambda: project(State.DRAFT, State.APPROVED),
            (Conflict, "case_step_out_of_order", {"state": "DRAFT", "to_state": "APPROVED"}),
        ),
    ],
)
def test_a_refused_step_says_why(act, refused):
    """One code a reason, with the facts that its sentence needs."""
    assert refusal(act) == refused


def test_what_can_be_started_is_given():
    """Of the nine kinds: the first registration, named with its sub-kind or without."""
    assert available_kind("REG") is available_kind("REG", "FIRST") is REG
    assert REG.type is BusinessType.REG


@pytest.mark.parametrize(
    ("changed", "rules"),
    [
        # a material that a rule wants and that is asked for by no policy before
        (
            {"policy": policy(release__need_paper_cert=True, release__accept_score_sheet=True)},
            (RuleViolated, "materials_missing", {"materials": ["score_sheet"]}),
        ),
        # a code that can be entered now
        (
            {"policy": policy(release__need_paper_cert=True)},
            (
                RuleViolated,
                "materials_missing",
                {"materials": ["qualification_certificate"]},
            ),
        ),
    ],
)
def test_a_supplement_brings_the_papers_that_a_rule_asks_for(changed, rules):
    """E25: who can still show it shows it first."""
    asked = an_application(state=State.SUPPLEMENT, reasons=(Reason("document_missing", "score_sheet"),))
    assert refusal(lambda: supplement(asked, REG, an_assessment(facts(**changed)), now=NOW)) == rules


def test_what_is_entered_or_shown_can_be_put_right_without_a_page():
    """A remedy that is a code to enter or a paper to show needs no page that is open (`not_ready`)."""
    asked = an_application(state=State.SUPPLEMENT, reasons=(Reason("photo_unfit", "photo"),))
    inactive = replace(facts().applicant, activated=False)
    assert refusal(lambda: supplement(asked, REG, an_assessment(facts(applicant=inactive)), now=NOW)) == (
        RuleViolated,
        "not_ready",
        {"rules": ["account_activated"], "codes": ["not_activated"]},
    )
    gate = policy(release__need_paper_cert=True)
    pictured = replace(asked, materials=(*asked.materials, a_material("qualification_certificate")))
    assert refusal(lambda: supplement(pictured, REG, an_assessment(facts(policy=gate)), now=NOW)) == (
        RuleViolated,
        "not_ready",
        {"rules": ["registration_gate"], "codes": ["paper_certificate_needed"]},
    )


def test_a_finding_without_any_remedy_goes_to_the_window():
    """A ban, a frozen qualification: no page changes it, and nobody is locked in."""
    asked = an_application(state=State.SUPPLEMENT, reasons=(Reason("photo_unfit", "photo"),))
    frozen = an_assessment(facts(qualification=replace(facts().qualification, status="frozen")))
    assert supplement(asked, REG, frozen, now=NOW).acts_next == "window"
    unsaid = an_assessment(facts(answers=fine_answers(full_capacity=None)))
    assert supplement(asked, REG, unsaid, now=NOW).acts_next == "window"


def test_a_needed_material_comes_with_its_forms_and_its_size():
    """What may be uploaded, and how large: pictures of five megabytes, papers of ten."""
    pictures, papers = ("image/jpeg", "image/png"), ("application/pdf", "image/jpeg", "image/png")
    megabyte = 1024 * 1024
    assert REG.needed_materials(policy(material__health_check=False)) == [
        NeededMaterial("photo", True, False, pictures, 5 * megabyte),
        NeededMaterial("employment_proof", True, True, papers, 10 * megabyte),
    ]

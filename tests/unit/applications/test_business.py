"""The nine kinds of business, what they ask for, and which departments cover which scope."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.applications.domain.assessment import Occasion
from services.applications.domain.business import KINDS, available_kind
from services.applications.domain.departments import covers
from shared.contracts.common import BUSINESS_TYPES
from shared.platform.errors import RuleViolated
from shared.trade.scopes import SCOPES
from shared.trade.statuses import BusinessType
from tests.unit.applications.factories import PERSON, REG, an_assessment, facts, numbered, policy


def test_all_nine_stand_in_the_order_of_the_source_page_and_one_can_be_started():
    """Only what works is offered; the others are named."""
    assert tuple(kind.value for kind in KINDS) == BUSINESS_TYPES
    assert [kind.type.value for kind in KINDS.values() if kind.available] == ["REG"]
    assert len({kind.number_prefix for kind in KINDS.values()}) == 9


@pytest.mark.parametrize(("name", "sub_kind"), [("CHANGE", "SCOPE"), ("REG", "ADD_PLACE"), ("REG", "RE")])
def test_what_this_release_cannot_do_is_said(name, sub_kind):
    """business_not_available, before anything is stored."""
    with pytest.raises(RuleViolated, match="business_not_available"):
        available_kind(name, sub_kind)


def test_the_form_has_the_six_steps_of_the_task_list():
    """`ui.md` §5: 核对个人信息 … 核对并提交."""
    assert [step.name for step in REG.steps] == [
        "personal",
        "qualification",
        "institution",
        "scope",
        "materials",
        "check",
    ]


@pytest.mark.parametrize(
    ("changed", "uploads", "papers"),
    [
        ({}, {"photo", "employment_proof"}, ["application_form", "employment_proof", "health_check"]),
        ({"material__health_check": False}, {"photo", "employment_proof"}, ["application_form", "employment_proof"]),
        ({"paper__required": False}, {"photo", "employment_proof", "health_check"}, []),
        (
            {"material__licence_copy": True, "material__id_copy": True},
            {"photo", "employment_proof"},
            ["application_form", "employment_proof", "health_check", "id_copy", "licence_copy"],
        ),
    ],
)
def test_what_is_uploaded_and_what_comes_on_paper_follows_the_policy(changed, uploads, papers):
    """医师执业注册管理办法 art.12; knobs `material.*`, `paper.required`: nothing is asked for twice."""
    values = policy(**changed)
    needed = REG.needed_materials(values)
    assert {item.kind for item in needed if item.required} == uploads
    assert REG.paper_materials(values, frozenset({"photo", "employment_proof"})) == papers


@pytest.mark.parametrize(
    ("changed", "uploaded", "asked"),
    [
        ({}, (), True),
        ({}, ("score_sheet",), True),
        ({"release__accept_score_sheet": True}, (), True),
        # the score sheet stands for the certificate that isn't printed yet (P18)
        ({"release__accept_score_sheet": True}, ("score_sheet",), False),
        ({"release__need_paper_cert": False}, (), False),
    ],
)
def test_where_the_paper_certificate_is_waited_for_the_window_receives_it(changed, uploaded, asked):
    """E25: its code can be computed from an ID number, the original can't."""
    values = policy(**({"release__need_paper_cert": True} | changed))
    papers = REG.paper_materials(values, frozenset({"photo", "employment_proof", *uploaded}))
    assert ("qualification_certificate" in papers) is asked
    assert "qualification_certificate" not in {item.kind for item in REG.needed_materials(values) if item.required}


def test_a_further_registration_excludes_every_other_of_the_same_person():
    """app.exclusive (E44): two categories at once can't be filed side by side, unseen by each other's rules."""
    assert REG.exclusive_key(PERSON, numbered(1)) == REG.exclusive_key(PERSON, numbered(2))
    assert REG.exclusive_key(PERSON, numbered(1)) != REG.exclusive_key(numbered(9), numbered(1))
    change = KINDS[BusinessType.CHANGE]
    assert change.exclusive_key(PERSON, numbered(1)) != change.exclusive_key(PERSON, numbered(2))


def test_a_proof_is_asked_for_when_a_rule_needs_it_and_not_before():
    """training_proof after two years (E27), and the paper of it at the window once it was uploaded."""
    assert "training_proof" not in {item.kind for item in REG.needed_materials(policy())}
    late = an_assessment(replace(facts(), filed_on=facts().filed_on.replace(year=2030)), Occasion.SUBMISSION)
    needed = {item.kind: item.required for item in REG.needed_materials(policy(), late.outcomes)}
    assert needed["training_proof"] is True
    assert "training_proof" in REG.paper_materials(policy(), frozenset({"training_proof"}))


def test_a_form_on_paper_can_not_be_uploaded():
    """The application form is signed at the window."""
    assert REG.material("application_form") is None
    assert REG.material("photo") is not None


@pytest.mark.parametrize(
    ("departments", "scope", "covered"),
    [
        (("03",), "C01", True),
        (("03.04",), "C01", True),
        (("03 内科",), "C01", True),
        (("内科",), "C01", True),
        (("内科；心血管内科专业",), "C01", True),
        (("外科",), "C01", False),
        (("全科医疗科",), "C11", True),
        (("中医科",), "T01", True),
        (("小儿外科",), "C04", True),
        ((), "C01", False),
        (("内科",), "C17", False),
    ],
)
def test_a_department_covers_a_scope_by_code_or_name(departments, scope, covered):
    """医疗机构诊疗科目名录; what isn't in it counts as not covered, so that an officer looks."""
    assert covers(departments, scope) is covered


def test_every_scope_of_the_national_list_has_a_department_but_those_of_the_provinces():
    """C17 is for provinces to fill in."""
    everything = [f"{number:02d}" for number in range(1, 53)]
    assert {code for code in SCOPES if not covers(everything, code)} == {"C17"}


def test_the_form_offers_the_level_of_scopes_that_the_province_registers():
    """Policy key `scope.tcm_second_level`: what a rule would refuse isn't offered."""

    def offered(*, second_level: bool) -> set[str]:
        steps = {step.name: step for step in REG.form(policy(scope__tcm_second_level=second_level))}
        return {code for code in steps["scope"].fields[1].choices if code.startswith("T01")}

    assert offered(second_level=False) == {"T01"}
    assert offered(second_level=True) == {code for code in SCOPES if code.startswith("T01") and code != "T01"}


def test_the_form_asks_the_day_of_a_health_check_where_one_is_asked_for():
    """Policy key `material.health_check`; no more is asked of a person than is needed (个人信息保护法 art.6)."""

    def asked(*, needed: bool) -> bool:
        steps = {step.name: step for step in REG.form(policy(material__health_check=needed))}
        return "health_check_on" in {field.name for field in steps["personal"].fields}

    assert asked(needed=True)
    assert not asked(needed=False)

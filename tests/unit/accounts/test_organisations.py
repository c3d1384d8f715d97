"""What must agree within an authority and within an institution."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.organisations import (
    ExamScope,
    check_authority,
    check_institution,
    differs,
    order_by_tree,
    searchable,
    standing_on,
    status_on,
    superiors,
)
from services.accounts.domain.staff import ROLES_OF, check_role
from shared.contracts.accounts import ROLES
from shared.platform.errors import InvalidInput
from shared.trade.divisions import Tier
from shared.trade.institutions import InstitutionGroup, LicenceStatus

from .makers import CITY, PROVINCE, an_authority, an_institution


def faults_of(check) -> dict[str, list[str]]:
    try:
        check()
    except InvalidInput as refused:
        return refused.facts["fields"]
    return {}


def test_a_county_stands_below_its_city_and_the_city_below_its_province():
    check_authority(an_authority(), CITY)
    check_authority(CITY, PROVINCE)
    check_authority(PROVINCE, None)
    check_authority(an_authority(), PROVINCE)  # a county that answers straight to its province


@pytest.mark.parametrize(
    ("authority", "superior", "fault"),
    [
        (an_authority(), None, {"superior": ["superior_required"]}),
        (an_authority(), an_authority(id=UUID(int=5)), {"superior": ["superior_not_above"]}),
        (an_authority(division="43/4302/430202"), CITY, {"superior": ["superior_not_above"]}),
        (an_authority(tier=Tier.CITY), CITY, {"tier": ["tier_not_of_division"]}),
        (an_authority(tier=None), CITY, {"tier": ["required"]}),
        (
            an_authority(kind="exam_centre", division="11", scope=ExamScope.NATIONAL),
            None,
            {"tier": ["exam_centre_stands_alone"]},
        ),
        (an_authority(kind="exam_centre", tier=None, division="11"), None, {"scope": ["required"]}),
        (an_authority(scope=ExamScope.REGION), CITY, {"scope": ["scope_of_exam_centre"]}),
    ],
)
def test_an_authority_that_does_not_fit_its_place_is_refused(authority, superior, fault):
    """The tier is an attribute of the place; the tree is what reviews go up by (domain §1)."""
    assert faults_of(lambda: check_authority(authority, superior)) == fault


@pytest.mark.parametrize("scope", ExamScope)
def test_a_desk_of_the_exam_centre_says_for_which_regions_it_acts(scope):
    """Domain §6.4: the national centre and Beijing's own desk share the division 11."""
    check_authority(an_authority(kind="exam_centre", tier=None, division="11", scope=scope), None)


def test_a_city_without_counties_answers_for_the_county_tier():
    """Policy key `division.county_fallback`: Dongguan 441900."""
    superior = an_authority(id=UUID(int=6), tier=Tier.PROVINCE, division="44")
    check_authority(an_authority(tier=Tier.COUNTY, division="44/4419"), superior)


def test_the_approving_authority_answers_for_the_place():
    """医师执业注册管理办法 art.9: the authority that approved the institution is competent."""
    assert check_institution(an_institution(), an_authority()) == ()
    assert check_institution(an_institution(), PROVINCE) == ()
    elsewhere = an_authority(division="43/4301/430121")
    assert faults_of(lambda: check_institution(an_institution(), elsewhere)) == {"authority": ["authority_elsewhere"]}
    desk = an_authority(kind="exam_centre", tier=None, division="43", scope=ExamScope.REGION)
    assert faults_of(lambda: check_institution(an_institution(), desk)) == {"authority": ["authority_grants_nothing"]}


def test_a_valid_licence_names_its_departments():
    assert faults_of(lambda: check_institution(an_institution(departments=()), PROVINCE)) == {
        "departments": ["required"]
    }
    check_institution(an_institution(departments=(), licence_status=LicenceStatus.CANCELLED), PROVINCE)


def test_a_number_from_another_place_is_a_warning_only():
    moved = an_institution(division="44/4401/440106")
    guangdong = an_authority(tier=Tier.PROVINCE, division="44")
    assert check_institution(moved, guangdong) == ("licence_of_other_province",)


@pytest.mark.parametrize(
    ("status", "valid_to", "expected"),
    [
        (LicenceStatus.VALID, None, LicenceStatus.VALID),
        (LicenceStatus.VALID, date(2022, 11, 20), LicenceStatus.VALID),
        (LicenceStatus.VALID, date(2022, 11, 19), LicenceStatus.SUSPENDED),
        (LicenceStatus.CANCELLED, date(2022, 11, 19), LicenceStatus.CANCELLED),
        (LicenceStatus.SUSPENDED, date(2031, 1, 1), LicenceStatus.SUSPENDED),
    ],
)
def test_a_licence_past_its_end_permits_nothing(status, valid_to, expected):
    institution = an_institution(licence_status=status, licence_valid_to=valid_to)
    assert status_on(institution, date(2022, 11, 20)) is expected
    standing = standing_on(institution, date(2022, 11, 20))
    assert standing.licence_status is expected
    since = date(2022, 11, 20) if expected is not status else institution.status_since
    assert standing == replace(institution, licence_status=expected, status_since=since)


@given(
    status=st.sampled_from(LicenceStatus),
    valid_to=st.none() | st.dates(date(2020, 1, 1), date(2024, 12, 31)),
    days=st.lists(st.dates(date(2020, 1, 1), date(2024, 12, 31)), min_size=1, max_size=4),
)
def test_an_ended_licence_is_suspended_once_however_often_and_late_one_looks(status, valid_to, days):
    """E45: the timer on any replica and the loader come to the same, since the day after the end."""
    institution = an_institution(licence_status=status, licence_valid_to=valid_to)
    days.sort()
    seen = institution
    for day in days:
        seen = standing_on(seen, day)
    assert seen == standing_on(institution, days[-1])
    if seen != institution:
        assert (seen.licence_status, seen.status_since) == (LicenceStatus.SUSPENDED, valid_to + timedelta(days=1))


def test_the_flags_follow_from_the_category():
    """Domain §5.5: what the rules on rural assistants and on prevention ask."""
    assert an_institution(category=InstitutionGroup.TOWNSHIP).is_township_or_village
    assert an_institution(category=InstitutionGroup.VILLAGE).is_township_or_village
    assert an_institution(category=InstitutionGroup.PREVENTION).is_prevention
    assert not an_institution().is_township_or_village


def test_only_what_differs_is_a_change():
    old = an_institution()
    assert differs(old, an_institution(id=UUID(int=99), version=7)) == ()
    assert differs(old, an_institution(beds=5, name="改名医院")) == ("name", "beds")


def test_superiors_come_nearest_first():
    city, county = an_authority(id=UUID(int=2), superior_id=UUID(int=1)), an_authority(superior_id=UUID(int=2))
    province = an_authority(id=UUID(int=1))
    assert superiors(county, {one.id: one for one in (province, city, county)}) == [city, province]


def test_a_ring_in_the_data_ends_the_walk():
    one, other = (
        an_authority(id=UUID(int=1), superior_id=UUID(int=2)),
        an_authority(id=UUID(int=2), superior_id=UUID(int=1)),
    )
    assert [found.id for found in superiors(one, {one.id: one, other.id: other})] == [UUID(int=2), UUID(int=1)]


@pytest.mark.parametrize("name", ["湘岳 医院（东院）", "湘岳医院(东院)", " 湘岳医院（东院) "])
def test_names_are_searched_without_width_and_spaces(name):
    assert searchable(name) == "湘岳医院(东院)"


@given(st.permutations(["A", "B", "C", "D", "E"]))
def test_superiors_are_loaded_first_whatever_the_order_of_the_file(order):
    above = {"A": "", "B": "A", "C": "B", "D": "A", "E": "elsewhere"}
    placed = list(order_by_tree([(code, above[code]) for code in order]))
    assert sorted(placed) == sorted(order)
    assert all(placed.index(above[code]) < placed.index(code) for code in order if above[code] in above)


def test_a_ring_in_a_file_is_loaded_nevertheless():
    assert sorted(order_by_tree([("A", "B"), ("B", "A"), ("C", "")])) == ["A", "B", "C"]


@pytest.mark.parametrize("kind", ["institution", "authority", "exam_centre"])
@pytest.mark.parametrize("role", ROLES)
def test_a_role_belongs_to_its_kind_of_organisation(kind, role):
    """Domain §1: the clerk confirms for the institution, the authority decides, the exam centre delivers."""
    expected = {} if role in ROLES_OF[kind] else {"role": ["role_not_of_organisation"]}
    assert faults_of(lambda: check_role(role, kind)) == expected

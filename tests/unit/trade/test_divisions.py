"""Divisions: paths with and without a city tier, names that change, practice places of both levels."""

from __future__ import annotations

from datetime import date

import pytest

from shared.platform.errors import InvalidInput
from shared.trade import divisions, provinces
from shared.trade.levels import Level


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("430000", "43"),
        ("43", "43"),
        ("430100", "43/4301"),
        ("430102", "43/4301/430102"),
        ("110101", "11/110101"),
        ("500229", "50/500229"),
        ("429004", "42/429004"),
        ("469001", "46/469001"),
        ("441900", "44/4419"),
        ("460400", "46/4604"),
    ],
)
def test_the_path_follows_from_the_code(code, path):
    assert divisions.path_of(code) == path


@pytest.mark.parametrize("code", ["", "9", "990102", "4301022", "abc123"])
def test_what_is_no_division_is_refused(code):
    with pytest.raises(InvalidInput, match="division_unknown"):
        divisions.path_of(code)


def test_an_ancestor_contains_and_a_neighbour_does_not():
    assert divisions.contains("43/4301", "43/4301/430102")
    assert divisions.contains("43", "43")
    assert not divisions.contains("43/430", "43/4301/430102")
    assert not divisions.contains("43/4301/430102", "43/4301")


@pytest.mark.parametrize(
    ("level", "division", "place"),
    [
        (Level.LICENSED, "430102", "43"),
        (Level.ASSISTANT, "430102", "430102"),
        (Level.ASSISTANT, "43/4301/430102", "430102"),
        (Level.APPRENTICE_ASSISTANT, "441900", "441900"),
        (Level.ASSISTANT, "44/4419", "441900"),
        (Level.APPRENTICE_LICENSED, "110101", "11"),
    ],
)
def test_the_practice_place_is_a_province_or_a_county(level, division, place):
    """医师执业注册管理办法 art.7; an assistant in a city without counties has the city (`division.county_fallback`)."""
    assert divisions.practice_place(level, division) == place


def test_an_assistant_has_no_place_in_a_bare_province():
    with pytest.raises(InvalidInput, match="division_above_county"):
        divisions.practice_place(Level.ASSISTANT, "43")


def test_a_county_keeps_the_name_of_its_time():
    """E61."""
    assert divisions.name_of("430124") == "宁乡县"
    assert divisions.exists("430124", date(2015, 1, 1))
    assert not divisions.exists("430124", date(2026, 1, 1))
    assert divisions.name_of("430182", date(2026, 1, 1)) == "宁乡市"
    assert divisions.name_of("430102", date(1990, 1, 1)) == "东区"
    assert divisions.full_name("430102") == "湖南省长沙市芙蓉区"


def test_the_safe_county_exists_nowhere():
    assert not any(divisions.exists(f"{province}0199") for province in provinces.MAINLAND)


def test_every_province_has_a_name():
    assert all(divisions.name_of(code) for code in provinces.ALL)


def test_an_alias_stands_for_its_province():
    assert provinces.resolve("66", {"66": "65"}) == "65"
    assert provinces.resolve("43", {"66": "65"}) == "43"


@pytest.mark.parametrize(
    ("code", "tier"), [("43", "province"), ("430100", "city"), ("44/4419", "city"), ("42/429004", "county")]
)
def test_the_tier_follows_from_the_code(code, tier):
    assert divisions.tier_of(code) == tier

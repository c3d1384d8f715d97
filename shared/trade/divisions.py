"""Administrative divisions 行政区划 (GB/T 2260): paths, tiers, names, and the practice place that follows from them."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from functools import cache

from stdnum import numdb

from shared.platform.errors import InvalidInput

from . import provinces
from .levels import Level


class Tier(StrEnum):
    """The level of a division and of the authority that answers for it."""

    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"


_CODE = re.compile(r"\d{2}|\d{4}|\d{6}")
_ERA = re.compile(r"\[(\d*)-(\d*)\](.*)")
_STRAIGHT_TO_PROVINCE = "90"
"""Third and fourth digit of a county that no city stands above (省直辖县级行政区划)."""


def shorten(code: str) -> str:
    """A division code without its trailing pairs of zeros: 430000 → 43, 430100 → 4301."""
    if _CODE.fullmatch(code) is None or code[:2] not in provinces.ALL:
        raise InvalidInput("division_unknown")
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def path_of(code: str) -> str:
    """The path from the province down, as rights and lists use it: 430102 → `43/4301/430102`.

    A municipality and a county that answers straight to its province have no city tier: `11/110101`, `42/429004`.
    A city without counties ends the path: 441900 → `44/4419`.
    """
    short = shorten(code)
    if len(short) == 2:
        return short
    province = short[:2]
    if province in provinces.MUNICIPALITIES or short[2:4] == _STRAIGHT_TO_PROVINCE:
        return province if len(short) == 4 else f"{province}/{short}"
    return f"{province}/{short}" if len(short) == 4 else f"{province}/{short[:4]}/{short}"


def code_of(path: str) -> str:
    """The last part of a path: `43/4301/430102` → 430102; a bare code is its own answer."""
    return path.rsplit("/", 1)[-1]


def six_digits(code: str) -> str:
    """The code as documents print it: 43 → 430000."""
    return code_of(code).ljust(6, "0")


def province_of(code: str) -> str:
    """The two digits of the province, of a code or of a path."""
    return code[:2]


def county_of(code: str) -> str:
    """The county that a division lies in, six digits; a city without counties stands in for it.

    Policy key `division.county_fallback`. A province has no county: `InvalidInput("division_above_county")`.
    """
    short = shorten(code_of(code))
    if len(short) == 2:
        raise InvalidInput("division_above_county")
    return six_digits(short)


def tier_of(code: str) -> Tier:
    """Whether a code or path names a county, a city or a province."""
    short = shorten(code_of(code))
    return {2: Tier.PROVINCE, 4: Tier.CITY, 6: Tier.COUNTY}[len(short)]


def ancestors(code: str) -> list[str]:
    """The division and those above it, the nearest first: 430102 → [430102, 4301, 43]; the order of policy look-up."""
    return path_of(code_of(code)).split("/")[::-1]


def contains(upper: str, lower: str) -> bool:
    """Whether the division at path `upper` is, or stands above, the one at path `lower`; prefix of whole parts."""
    return upper == lower or lower.startswith(f"{upper}/")


def practice_place(level: Level, division: str) -> str:
    """The practice place 执业地点 that a main institution in `division` gives.

    A licensed physician's is the whole province (two digits), an assistant's the county (six digits)
    (医师执业注册管理办法 art.7).
    """
    return county_of(division) if level.is_assistant else province_of(division)


def name_of(code: str, on: date | None = None) -> str:
    """The division's own name on a day (the newest without one), "" for a code that the public table doesn't know.

    Codes in issued certificates outlive the division, so an abolished one still has its last name.
    """
    short = shorten(code_of(code))
    if len(short) == 2:
        return provinces.name_of(short)
    names = _names(six_digits(short))
    if on is not None:
        for first, last, name in names:
            if first <= on.year <= last:
                return name
    return names[-1][2] if names else ""


def full_name(code: str, on: date | None = None) -> str:
    """The name with everything above it, province first."""
    return "".join(name_of(part, on) for part in reversed(ancestors(code)))


def exists(code: str, on: date | None = None) -> bool:
    """Whether the public table lists the division, on that day where one is given (by its year)."""
    short = shorten(code_of(code))
    if len(short) == 2:
        return True
    names = _names(six_digits(short))
    return any(on is None or first <= on.year <= last for first, last, _ in names)


@cache
def _names(six: str) -> list[tuple[int, int, str]]:
    """First year, last year and name, as the table of python-stdnum writes them: `[1983-1995]东区,[1996-]芙蓉区`."""
    names = []
    for _, properties in numdb.get("cn/loc").info(six):
        for entry in filter(None, properties.get("county", "").split(",")):
            era = _ERA.fullmatch(entry)
            first, last, name = era.groups() if era else ("", "", entry)
            names.append((int(first or 0), int(last or 9999), name))
    return sorted(names)

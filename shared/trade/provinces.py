"""The province codes of GB/T 2260 (`domain.md` §5.6): which may stand where, and their names from the public table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from stdnum import numdb

# fmt: off
MAINLAND: frozenset[str] = frozenset({
    "11", "12", "13", "14", "15",
    "21", "22", "23",
    "31", "32", "33", "34", "35", "36", "37",
    "41", "42", "43", "44", "45", "46",
    "50", "51", "52", "53", "54",
    "61", "62", "63", "64", "65",
})
# fmt: on
"""The 31 where exams are held, qualifications are granted and physicians practise."""

ALL: frozenset[str] = MAINLAND | {"71", "81", "82"}
"""The 34 of the code table."""

ID_PREFIXES: frozenset[str] = ALL | {"83"}
"""What a resident ID or a residence permit may begin with; 83 is the residence permit of Taiwan residents."""

MUNICIPALITIES: frozenset[str] = frozenset({"11", "12", "31", "50"})
"""直辖市: the districts answer straight to the province level, there is no city tier."""


@cache
def name_of(code: str) -> str:
    """The full name of a province, "" where the public table has none."""
    for _, properties in numdb.get("cn/loc").info(f"{code}0000"):
        if "province" in properties:
            return str(properties["province"])
    return ""


def resolve(code: str, aliases: Mapping[str, str]) -> str:
    """The province that a code in foreign data stands for, e.g. 66 (兵团) for 65; policy key `province.alias`."""
    return aliases.get(code, code)

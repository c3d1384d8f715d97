"""Invented results: who sat which exam where, with which scores, as rows of the result file."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from random import Random

from services.sync.domain.result_file import COLUMNS
from shared.trade.codes import ExamCode, TicketNumber
from shared.trade.divisions import name_of
from shared.trade.provinces import MAINLAND
from shared.trade.resident_id import Sex

from .people import People, Person

_DEMO_REGIONS = {"43": 0.40, "44": 0.15}
"""The example deployment's provinces have the most; the rest of the country shares what is left."""
_CODES = {
    "110": 0.42, "120": 0.05, "130": 0.03, "141": 0.08, "142": 0.015, "143": 0.002, "144": 0.003, "145": 0.002,
    "341": 0.003,
    "210": 0.30, "220": 0.035, "230": 0.01, "241": 0.04, "242": 0.005, "441": 0.005,
}  # fmt: skip
_ETHNIC = frozenset({"143", "144", "145"})
_PROVINCIAL_LINES = {"53": 0.92, "54": 0.80, "62": 0.92, "63": 0.88, "65": 0.90}
"""Regions with a line of their own (省内合格线), as a share of the national one; invented shares."""
_SCHOOLS = ("医科大学", "中医药大学", "医学院", "医学高等专科学校", "卫生职业学院")
_MAJORS = {"1": "临床医学", "2": "口腔医学", "3": "预防医学", "4": "中医学"}


@dataclass(frozen=True)
class Row:
    """One row of the file, and what the manifest tells about it."""

    values: tuple[str, ...]
    person: Person
    reasons: tuple[str, ...] = ()

    def get(self, column: str) -> str:
        """One column's text."""
        return self.values[COLUMNS.index(column)]

    def with_values(self, *reasons: str, **changed: str) -> Row:
        """The row with some columns changed and the reasons that this gives it."""
        values = tuple(changed.get(column, value) for column, value in zip(COLUMNS, self.values, strict=True))
        return replace(self, values=values, reasons=(*self.reasons, *reasons))

    @property
    def passed(self) -> bool:
        """Whether the row states a pass."""
        return self.get("result") == "pass"


class Results:
    """Invents results; ticket numbers count up in each exam site."""

    def __init__(self, random: Random, year: int, round_: int) -> None:
        self._random = random
        self._year, self._round = year, round_
        self._serials: Counter[tuple[str, int, str]] = Counter()
        others = sorted(MAINLAND - set(_DEMO_REGIONS))
        rest = (1 - sum(_DEMO_REGIONS.values())) / len(others)
        self._regions = {**_DEMO_REGIONS, **dict.fromkeys(others, rest)}
        self._people = People(random)

    def next(self) -> list[Row]:
        """The next person's rows: one, or two where somebody passes clinical and Chinese medicine in one year (E22)."""
        region = self._pick(self._regions)
        person = self._people.next(region)
        if self._random.random() < 0.01:
            level = self._random.choice("112")
            return [
                self._row(person, region, ExamCode.parse(f"{level}{code}"), force_pass=True) for code in ("10", "41")
            ]
        return [self._row(person, region, ExamCode.parse(self._pick(_CODES)))]

    def sit_again(self, row: Row) -> Row:
        """The same candidate in another round: same ticket, new scores (E23)."""
        code = ExamCode.parse(row.get("exam_code"))
        scores = self._scores(row.get("region"), code, force_pass=False)
        return replace(row.with_values(round=str(self._round), **scores), reasons=())

    def _row(self, person: Person, region: str, code: ExamCode, *, force_pass: bool = False) -> Row:
        site = self._random.randrange(1, 13)
        self._serials[region, site, str(code)] += 1
        serial = self._serials[region, site, str(code)]
        ticket = TicketNumber.compose(region=region, site=site, year=self._year, code=code, serial=serial)
        education = self._education(code)
        values = {
            "year": str(self._year),
            "round": str(self._round),
            "name": person.name,
            "sex": "1" if person.resident_id.sex is Sex.MALE else "2",
            "birth_date": person.resident_id.birth_date.isoformat(),
            "id_type": "resident_id",
            "id_number": person.resident_id.value,
            "ticket": ticket.value,
            "practical_ticket": f"{ticket.value[:9]}{self._random.randrange(10)}{ticket.value[9:]}",
            "region": region,
            "site": f"{site:02d}",
            "exam_code": str(code),
            "education": education,
            "school": name_of(region) + self._random.choice(_SCHOOLS),
            "major": _MAJORS[code.category.value[0]],
            "photo_hash": hashlib.sha256(ticket.value.encode()).hexdigest(),
            "score_sheet": "open",
            "discipline": "none",
            "record_version": "1",
            **self._scores(region, code, force_pass=force_pass),
        }
        return Row(tuple(values[column] for column in COLUMNS), person)

    def _education(self, code: ExamCode) -> str:
        if code.level.value in "34":
            return "apprenticeship"
        shares = (
            {"bachelor": 0.70, "master": 0.20, "doctor": 0.04, "college": 0.06}
            if code.level.is_licensed
            else {"college": 0.70, "secondary": 0.25, "bachelor": 0.05}
        )
        return self._pick(shares)

    def _scores(self, region: str, code: ExamCode, *, force_pass: bool) -> dict[str, str]:
        most, national = (600, 360) if code.level.is_licensed else (300, 180)
        practical = min(100.0, max(20.0, self._random.gauss(73, 9)))
        if force_pass:
            practical = max(practical, 65.0)
        comprehensive = min(most - 10, max(most // 5, round(self._random.gauss(national * 1.08, national * 0.13))))
        if force_pass:
            comprehensive = max(comprehensive, national + 5)
        practical_passed = practical >= 60
        line, line_score = "NATIONAL", national
        if str(code) in _ETHNIC:
            line, line_score = "ETHNIC", round(national * 0.9)
        provincial = round(national * _PROVINCIAL_LINES.get(region, 1))
        if line == "NATIONAL" and provincial <= comprehensive < national:
            line, line_score = f"PROVINCE:{region}", provincial
        passed = practical_passed and comprehensive >= line_score
        return {
            "practical_score": f"{practical:.1f}",
            "practical_result": "pass" if practical_passed else "fail",
            "comprehensive_score": str(comprehensive) if practical_passed else "",
            "line": line,
            "line_score": str(line_score),
            "result": "pass" if passed else "fail",
        }

    def _pick(self, shares: dict[str, float]) -> str:
        return self._random.choices(list(shares), weights=list(shares.values()))[0]

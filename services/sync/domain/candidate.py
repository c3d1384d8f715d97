"""One candidate record of the result file, read with every reason why it can't be used as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from shared.platform.errors import InvalidInput
from shared.trade import provinces
from shared.trade.areas import NATIONAL, Area
from shared.trade.codes import ExamCode, TicketNumber
from shared.trade.names import PersonName
from shared.trade.resident_id import AGE_RANGE, ResidentId, Sex

from .result_file import COLUMNS, HELD_REASONS

EDUCATIONS = frozenset({"doctor", "master", "bachelor", "college", "secondary", "apprenticeship"})
ID_TYPES = frozenset({"resident_id", "residence_permit"})
SEXES = {"1": Sex.MALE, "2": Sex.FEMALE}
"""GB/T 2261.1."""
MOST_POINTS = {True: 600, False: 300}
"""Of the comprehensive exam: for a licensed level, for an assistant's."""
LONGEST_TEXT = 100

_SCORE = re.compile(r"\d{1,3}(\.\d)?")
Value = TypeVar("Value")


@dataclass(frozen=True)
class FileRules:
    """What a file's rows are read against: its year and round, the day, and the national policy keys."""

    year: int
    round: int
    today: date
    age_range: tuple[int, int] = AGE_RANGE
    ticket_pattern: str = r"\d{13}"
    aliases: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Candidate:
    """A well-formed record; whether it may be used is said by the reasons that came with it."""

    name: PersonName
    resident_id: ResidentId
    ticket: TicketNumber
    practical_ticket: str
    region: str
    site: str
    exam_code: ExamCode
    education: str
    school: str
    major: str
    photo_hash: str
    practical_score: str
    practical_passed: bool
    comprehensive_score: str
    area: Area
    line: str
    line_score: str
    passed: bool
    score_sheet_open: bool
    discipline_flagged: bool
    id_type: str
    record_version: int

    def content(self) -> str:
        """Everything the record says, in one form: two records with the same content are the same (E19)."""
        parts = [
            str(value) if not isinstance(value, bool) else "01"[value]
            for value in (getattr(self, name) for name in self.__dataclass_fields__)
        ]
        return "\x1f".join(parts)


@dataclass(frozen=True)
class ReadRow:
    """What became of a row: the record if it is well-formed, and every reason found."""

    candidate: Candidate | None
    reasons: tuple[str, ...]

    @property
    def is_refused(self) -> bool:
        """Whether the row can't be used at all."""
        return any(reason not in HELD_REASONS for reason in self.reasons)


def read_row(fields: Sequence[str], rules: FileRules) -> ReadRow:
    """Read one row; all reasons come back, in the order of the columns."""
    if len(fields) != len(COLUMNS):
        return ReadRow(None, ("column_count",))
    return _Row(dict(zip(COLUMNS, (field.strip() for field in fields), strict=True)), rules).read()


class _Row:
    def __init__(self, values: dict[str, str], rules: FileRules) -> None:
        self.values = values
        self.rules = rules
        self.reasons: list[str] = []

    def read(self) -> ReadRow:
        if (self.values["year"], self.values["round"]) != (str(self.rules.year), str(self.rules.round)):
            self.reasons.append("batch_mismatch")
        name = self._parsed("name", PersonName.parse)
        resident_id = self._identity()
        ticket = self._parsed("ticket", lambda text: TicketNumber.parse(text, self.rules.ticket_pattern))
        practical_ticket = self._matching("practical_ticket", r"(\d{12,14})?", "practical_ticket_format")
        region = self._region()
        site = self._matching("site", r"\d{2}", "site_format")
        exam_code = self._parsed("exam_code", ExamCode.parse)
        education = self._known("education", EDUCATIONS)
        for column in ("school", "major"):
            if len(self.values[column]) > LONGEST_TEXT:
                self.reasons.append(f"{column}_length")
        photo_hash = self._matching("photo_hash", r"([0-9a-f]{64})?", "photo_hash_format")
        record_version = self._matching("record_version", r"[1-9]\d{0,4}", "record_version_format")
        area = self._area(region)
        self._result(exam_code)
        self._known("score_sheet", {"open", "closed"})
        self._known("discipline", {"none", "flagged"})
        self._compare_ticket(ticket, exam_code)
        if self.values["discipline"] == "flagged":
            self.reasons.append("discipline_flag")
        refused = any(reason not in HELD_REASONS for reason in self.reasons)
        if refused or name is None or resident_id is None or ticket is None or exam_code is None or area is None:
            return ReadRow(None, tuple(self.reasons))
        candidate = Candidate(
            name=name,
            resident_id=resident_id,
            ticket=ticket,
            practical_ticket=practical_ticket,
            region=region,
            site=site,
            exam_code=exam_code,
            education=education,
            school=self.values["school"],
            major=self.values["major"],
            photo_hash=photo_hash,
            practical_score=self.values["practical_score"],
            practical_passed=self.values["practical_result"] == "pass",
            comprehensive_score=self.values["comprehensive_score"],
            area=area,
            line=self.values["line"],
            line_score=self.values["line_score"],
            passed=self.values["result"] == "pass",
            score_sheet_open=self.values["score_sheet"] == "open",
            discipline_flagged=self.values["discipline"] == "flagged",
            id_type=self.values["id_type"],
            record_version=int(record_version),
        )
        return ReadRow(candidate, tuple(self.reasons))

    def _identity(self) -> ResidentId | None:
        """The ID, and whether the typed sex and birth date agree with what it says (`domain.md` §6.3)."""
        self._known("id_type", ID_TYPES)
        resident_id = self._parsed(
            "id_number",
            lambda text: ResidentId.parse(text, today=self.rules.today, age_range=self.rules.age_range),
        )
        sex = SEXES.get(self.values["sex"])
        born = self._parsed("birth_date", _date)
        if sex is None:
            self.reasons.append("sex_unknown")
        elif resident_id is not None and resident_id.sex is not sex:
            self.reasons.append("sex_conflict")
        if resident_id is not None and born is not None and resident_id.birth_date != born:
            self.reasons.append("birth_date_conflict")
        return resident_id

    def _region(self) -> str:
        region = provinces.resolve(self.values["region"], self.rules.aliases or {})
        if region not in provinces.MAINLAND:
            self.reasons.append("region_unknown")
        return region

    def _area(self, region: str) -> Area | None:
        """Where the pass counts: a provincial line, which is the region's own, limits it to that province (E26)."""
        line = self.values["line"]
        if line in ("NATIONAL", "ETHNIC"):
            return NATIONAL
        kind, _, code = line.partition(":")
        province = provinces.resolve(code, self.rules.aliases or {})
        if kind != "PROVINCE" or province not in provinces.MAINLAND:
            self.reasons.append("line_unknown")
            return None
        if province != region:
            self.reasons.append("line_region")
            return None
        return Area.of_province(province)

    def _result(self, exam_code: ExamCode | None) -> None:
        """Scores inside their range; pass and fail have to follow from the line that came with the record."""
        values = self.values
        practical = self._known("practical_result", {"pass", "fail"})
        result = self._known("result", {"pass", "fail"})
        self._score("practical_score", 100, required=True)
        most = MOST_POINTS[exam_code.level.is_licensed] if exam_code else max(MOST_POINTS.values())
        # Who failed the practical exam never sat the comprehensive one.
        score = self._score("comprehensive_score", most, required=practical == "pass" or result == "pass")
        line = self._score("line_score", most, required=True)
        if line is None or (score is None and values["comprehensive_score"]):
            return
        reached = practical == "pass" and score is not None and score >= line
        if result == "pass" and not reached:
            self.reasons.append("pass_below_line")
        if result == "fail" and reached and values["discipline"] == "none":
            self.reasons.append("fail_above_line")

    def _score(self, column: str, most: int, *, required: bool) -> float | None:
        text = self.values[column]
        if not text and not required:
            return None
        if _SCORE.fullmatch(text) is None:
            self.reasons.append(f"{column}_format")
            return None
        if float(text) > most:
            self.reasons.append(f"{column}_range")
            return None
        return float(text)

    def _compare_ticket(self, ticket: TicketNumber | None, exam_code: ExamCode | None) -> None:
        """The ticket repeats region, site, year and code; where they differ, one of the two is somebody else's."""
        if ticket is None or exam_code is None or len(ticket.value) != 13:
            return
        stated = f"{self.values['region']}{self.values['site']}{self.rules.year % 100:02d}{exam_code}"
        if not ticket.value.startswith(stated):
            self.reasons.append("ticket_mismatch")

    def _parsed(self, column: str, parse: Callable[[str], Value]) -> Value | None:
        try:
            return parse(self.values[column])
        except InvalidInput as fault:
            self.reasons.append(fault.code)
            return None

    def _matching(self, column: str, pattern: str, reason: str) -> str:
        if re.fullmatch(pattern, self.values[column], re.ASCII) is None:
            self.reasons.append(reason)
        return self.values[column]

    def _known(self, column: str, values: set[str] | frozenset[str]) -> str:
        if self.values[column] not in values:
            self.reasons.append(f"{column}_unknown")
        return self.values[column]


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else _refuse_date()
    except ValueError as fault:
        raise InvalidInput("birth_date_format") from fault


def _refuse_date() -> date:
    raise InvalidInput("birth_date_format")

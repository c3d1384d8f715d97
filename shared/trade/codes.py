"""The codes of the trade (`domain.md` §4): exam code, ticket, qualification code, practice certificate code."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.platform.errors import InvalidInput

from .categories import Category
from .levels import EXAMINED, Level
from .masking import mask_code, mask_ticket
from .provinces import ALL, MAINLAND
from .resident_id import ResidentId
from .text import compact

FIRST_YEAR = 1998
"""The year in the code of recognised old titles; nothing is older."""
TICKET_PATTERN = r"\d{13}"
"""The comprehensive exam's ticket (policy key `ticket.pattern`)."""


@dataclass(frozen=True)
class ExamCode:
    """What was examined 报考类别: a level digit and a category, three digits, the same as in a qualification code."""

    level: Level
    category: Category

    @classmethod
    def parse(cls, text: str) -> ExamCode:
        """Read three digits, or raise `InvalidInput("exam_code_unknown")`."""
        value = compact(text)
        if len(value) == 3 and value[0] in {level.value for level in EXAMINED} and value[1:] in set(Category):
            level, category = Level(value[0]), Category(value[1:])
            if category.allows(level):
                return cls(level, category)
        raise InvalidInput("exam_code_unknown")

    def __str__(self) -> str:
        return f"{self.level}{self.category}"


@dataclass(frozen=True)
class TicketNumber:
    """A ticket number 准考证号; `repr` shows its last four digits only."""

    value: str

    @classmethod
    def parse(cls, text: str, pattern: str = TICKET_PATTERN) -> TicketNumber:
        """Read a ticket as typed, or raise `InvalidInput("ticket_format")`."""
        value = compact(text)
        if not value.isascii() or re.fullmatch(pattern, value) is None:
            raise InvalidInput("ticket_format")
        return cls(value)

    @classmethod
    def compose(cls, *, region: str, site: int, year: int, code: ExamCode, serial: int) -> TicketNumber:
        """The national layout of 2002: 考区 2, 考点 2, 年度 2, 报考类别 3, 序号 4."""
        return cls(f"{region}{site:02d}{year % 100:02d}{code}{serial:04d}")

    @property
    def region(self) -> str:
        """The exam region 考区, a province code."""
        return self.value[:2]

    @property
    def year(self) -> int:
        """The exam's year; the ticket has its last two digits."""
        return 2000 + int(self.value[4:6])

    @property
    def exam_code(self) -> str:
        """The three digits of what was examined."""
        return self.value[6:9]

    @property
    def masked(self) -> str:
        """The last four digits."""
        return mask_ticket(self.value)

    def __repr__(self) -> str:
        return f"TicketNumber({self.masked})"

    def __str__(self) -> str:
        return self.value


_NUMERIC = re.compile(r"(?P<year>\d{4})(?P<province>\d{2})(?P<level>\d)(?P<category>\d{2})(?P<id>\d{17}[\dX]|\d{15})")
_RURAL = re.compile(r"(?P<year>\d{4})(?P<province>\d{2})(?P<level>XC)(?P<category>\d{0,2})(?P<id>\d{17}[\dX])")


@dataclass(frozen=True)
class QualificationCode:
    """The code of a qualification certificate 医师资格证书编码, 27 characters.

    With a 15-digit ID it has 24; rural assistants have `XC` instead of the level. It holds an ID, so `repr` masks it.
    """

    value: str
    year: int
    province: str
    level: Level
    category: Category
    resident_id: ResidentId

    @classmethod
    def compose(
        cls, *, year: int, province: str, level: Level, category: Category, resident_id: ResidentId
    ) -> QualificationCode:
        """The code follows from the facts (`domain.md` §6.6): no serial, so publication computes it."""
        if level not in EXAMINED:
            raise ValueError(f"a qualification of level {level.value} gets its code from outside")
        value = f"{year:04d}{province}{level}{category}{resident_id.value}"
        return cls(value, year, province, level, category, resident_id)

    @classmethod
    def parse(cls, text: str, *, this_year: int | None = None) -> QualificationCode:
        """Read a code as typed, or raise `InvalidInput` with the first fault's code.

        `certificate_code_length`, `_characters`, `_year`, `_province`, `_level`, `_category`, then the ID's own codes.
        28 characters exist with `XC` only; 24 only with a 15-digit ID. That the ID is the account's, the caller asks.
        """
        value = compact(text)
        rural = "XC" in value
        if len(value) not in ((26, 27, 28) if rural else (24, 27)):
            raise InvalidInput("certificate_code_length")
        match = (_RURAL if rural else _NUMERIC).fullmatch(value) if value.isascii() else None
        if match is None:
            raise InvalidInput("certificate_code_characters")
        year, province = int(match["year"]), match["province"]
        if year < FIRST_YEAR or (this_year is not None and year > this_year):
            raise InvalidInput("certificate_code_year")
        if province not in MAINLAND:
            raise InvalidInput("certificate_code_province")
        level, category = cls._rank(match["level"], match["category"], rural=rural)
        number = match["id"]
        resident_id = ResidentId.from_legacy(number) if len(number) == 15 else ResidentId.parse(number)
        return cls(value, year, province, level, category, resident_id)

    @staticmethod
    def _rank(level: str, category: str, *, rural: bool) -> tuple[Level, Category]:
        if rural:
            return Level.RURAL_ASSISTANT, Category.CLINICAL
        if level not in {examined.value for examined in EXAMINED}:
            raise InvalidInput("certificate_code_level")
        if category not in set(Category) or not Category(category).allows(Level(level)):
            raise InvalidInput("certificate_code_category")
        return Level(level), Category(category)

    @property
    def masked(self) -> str:
        """The part that anybody could guess, and the masked ID."""
        return mask_code(self.value)

    def __repr__(self) -> str:
        return f"QualificationCode({self.masked})"

    def __str__(self) -> str:
        return self.value


_PRACTICE = re.compile(r"(?P<level>\d)(?P<category>\d{2})(?P<division>\d{6})(?P<serial>\d{6})")
LAST_SERIAL = 999_999


@dataclass(frozen=True, order=True)
class PracticeCode:
    """A practice certificate code 医师执业证书编码, 15 digits: level, category, division of first issue, serial."""

    level: Level
    category: Category
    division: str
    serial: int

    def __post_init__(self) -> None:
        if self.level not in EXAMINED:
            raise ValueError(f"no digit stands for level {self.level.value}")
        if not 1 <= self.serial <= LAST_SERIAL:
            raise ValueError("the serial has one to six digits")

    @classmethod
    def parse(cls, text: str) -> PracticeCode:
        """Read 15 digits, or raise `InvalidInput`: `practice_code_format`, `_level`, `_category`, `_division`."""
        match = _PRACTICE.fullmatch(compact(text))
        if match is None or int(match["serial"]) == 0:
            raise InvalidInput("practice_code_format")
        if match["level"] not in {examined.value for examined in EXAMINED}:
            raise InvalidInput("practice_code_level")
        level = Level(match["level"])
        if match["category"] not in set(Category) or not Category(match["category"]).allows(level):
            raise InvalidInput("practice_code_category")
        if match["division"][:2] not in ALL:
            raise InvalidInput("practice_code_division")
        return cls(level, Category(match["category"]), match["division"], int(match["serial"]))

    def __str__(self) -> str:
        return f"{self.level}{self.category}{self.division}{self.serial:06d}"

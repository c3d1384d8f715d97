"""The resident ID 公民身份号码 (GB 11643-1999): read, checked, and what can be derived from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stdnum.cn.ric import calc_check_digit

from shared.platform.errors import InvalidInput

from .masking import mask_id
from .provinces import ID_PREFIXES
from .text import compact

LENGTH = 18
LEGACY_LENGTH = 15
AGE_RANGE = (18, 100)
"""Outside of it an ID is refused (policy key `id.age_range`)."""
RESIDENCE_PERMITS = frozenset({"810000", "820000", "830000"})
"""What the residence permits 居住证 of Hong Kong, Macao and Taiwan residents begin with."""


class Sex(StrEnum):
    """Sex 性别, derived from an ID's 17th digit and never typed."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, order=True)
class ResidentId:
    """A well-formed resident ID in its stored form: 18 characters, upper case, right check digit, real birth date.

    Its text never appears in `repr`, so that neither a log nor a traceback can tell it.
    """

    value: str

    @classmethod
    def parse(cls, text: str, *, today: date | None = None, age_range: tuple[int, int] = AGE_RANGE) -> ResidentId:
        """Read an ID as a person types it (`domain.md` §4.1), or raise `InvalidInput` with the first fault's code.

        Codes: `id_length`, `id_characters`, `id_check_digit`, `id_province`, `id_date`, and with `today` (the day in
        Asia/Shanghai) also `id_future` and `id_age`. The county is not checked: an ID keeps its first one for ever.
        """
        value = compact(text)
        if len(value) != LENGTH:
            raise InvalidInput("id_length")
        if not _is_digits(value[:-1]) or not (_is_digits(value[-1]) or value[-1] == "X"):
            raise InvalidInput("id_characters")
        if value[-1] != calc_check_digit(value):
            raise InvalidInput("id_check_digit")
        if value[:2] not in ID_PREFIXES:
            raise InvalidInput("id_province")
        try:
            born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
        except ValueError as impossible:
            raise InvalidInput("id_date") from impossible
        if today is not None:
            if born > today:
                raise InvalidInput("id_future")
            youngest, oldest = age_range
            if not youngest <= age(born, today) <= oldest:
                raise InvalidInput("id_age", youngest=youngest, oldest=oldest)
        return cls(value)

    @classmethod
    def from_legacy(cls, text: str) -> ResidentId:
        """The 18 characters of a 15-digit ID, as certificates of 24 characters hold it; only for those."""
        value = compact(text)
        if len(value) != LEGACY_LENGTH:
            raise InvalidInput("id_length")
        if not _is_digits(value):
            raise InvalidInput("id_characters")
        return cls.parse(with_check_digit(f"{value[:6]}19{value[6:]}"))

    @property
    def birth_date(self) -> date:
        """The day of birth that the number states."""
        return date(int(self.value[6:10]), int(self.value[10:12]), int(self.value[12:14]))

    @property
    def sex(self) -> Sex:
        """Odd 17th digit: male; even: female."""
        return Sex.MALE if int(self.value[16]) % 2 else Sex.FEMALE

    @property
    def province(self) -> str:
        """The two digits of the province that first issued the number."""
        return self.value[:2]

    @property
    def is_residence_permit(self) -> bool:
        """Whether a resident of Hong Kong, Macao or Taiwan holds it (居住证)."""
        return self.value[:6] in RESIDENCE_PERMITS

    @property
    def legacy(self) -> str | None:
        """The 15-digit form it once had; None for births outside the 20th century."""
        return self.value[:6] + self.value[8:17] if self.value[6:8] == "19" else None

    @property
    def masked(self) -> str:
        """First four and last two characters; the rest is stars."""
        return mask_id(self.value)

    def __repr__(self) -> str:
        return f"ResidentId({self.masked})"

    def __str__(self) -> str:
        return self.value


def with_check_digit(seventeen: str) -> str:
    """Seventeen digits and their check character (ISO 7064 MOD 11-2)."""
    return seventeen + calc_check_digit(seventeen + "0")


def age(born: date, today: date) -> int:
    """Full years of age; who was born on 29 February turns a year older on 1 March of a common year."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()

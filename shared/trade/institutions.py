"""What an institution is known by: licence number 登记号, social credit code, and its group."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from shared.platform.errors import InvalidInput

from .provinces import MAINLAND
from .text import compact

_LONG = re.compile(
    r"(?P<organisation>[0-9A-Z]{9})(?P<division>\d{6})(?P<economic>\d{2})(?P<category>[A-Z]\d{3})(?P<management>\d)"
)
_SHORT = re.compile(r"(?P<division>\d{6})\d{4}\d{2}")
_PSEUDO = "PDY"
"""What the code of a unit without an organisation code begins with."""
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class LicenceNumber:
    """The number of an institution's practice licence: 22 characters; 12 digits for old village rooms and clinics."""

    value: str

    @classmethod
    def parse(cls, text: str) -> LicenceNumber:
        """Read a number, or raise `InvalidInput`: `licence_length`, `licence_characters`, `licence_division` or
        `licence_check_character`. Whether `PDY` pseudo codes carry a check character is unknown: see `warning`."""
        value = compact(text)
        if len(value) not in (12, 22):
            raise InvalidInput("licence_length")
        match = (_LONG if len(value) == 22 else _SHORT).fullmatch(value)
        if match is None:
            raise InvalidInput("licence_characters")
        if match["division"][:2] not in MAINLAND:
            raise InvalidInput("licence_division")
        if len(value) == 22 and not value.startswith(_PSEUDO) and not _checks(value[:9]):
            raise InvalidInput("licence_check_character")
        return cls(value)

    @property
    def division(self) -> str:
        """The six digits of the division that granted the licence."""
        return self.value[9:15] if len(self.value) == 22 else self.value[:6]

    @property
    def category(self) -> str | None:
        """The four characters of the category (WS 218); None in the short number."""
        return self.value[17:21] if len(self.value) == 22 else None

    @property
    def is_for_profit(self) -> bool | None:
        """Management class 2 营利性; None in the short number."""
        return self.value[21] == "2" if len(self.value) == 22 else None

    @property
    def warning(self) -> str | None:
        """`licence_check_character` where a pseudo code fails the check that ordinary ones must pass."""
        if self.value.startswith(_PSEUDO) and not _checks(self.value[:9]):
            return "licence_check_character"
        return None

    def __str__(self) -> str:
        return self.value


def _checks(organisation: str) -> bool:
    """Whether the ninth character of an organisation code (GB 11714) follows from the eight before it."""
    total = sum(weight * int(character, 36) for weight, character in zip(_WEIGHTS, organisation, strict=False))
    return organisation[8] == "0123456789X0"[11 - total % 11]


def parse_credit_code(text: str) -> str:
    """A unified social credit code 统一社会信用代码 (GB 32100-2015) in its stored form.

    Raises `InvalidInput`: `credit_code_length`, `credit_code_check_character` or `credit_code_characters`.
    """
    value = compact(text)
    try:
        return str(uscc.validate(value))
    except InvalidLength as fault:
        raise InvalidInput("credit_code_length") from fault
    except InvalidChecksum as fault:
        raise InvalidInput("credit_code_check_character") from fault
    except ValidationError as fault:
        raise InvalidInput("credit_code_characters") from fault


class InstitutionGroup(StrEnum):
    """The fourteen groups of 医疗机构管理条例实施细则 art.3, and the prevention institutions beside them."""

    HOSPITAL = "01"
    MATERNAL_CHILD = "02"
    COMMUNITY = "03"
    TOWNSHIP = "04"
    SANATORIUM = "05"
    OUTPATIENT = "06"
    CLINIC = "07"
    VILLAGE = "08"
    EMERGENCY = "09"
    CLINICAL_LABORATORY = "10"
    DISEASE_PREVENTION_STATION = "11"
    NURSING = "12"
    DIAGNOSTIC_CENTRE = "13"
    OTHER = "14"
    PREVENTION = "20"

    @property
    def term(self) -> str:
        """The regulation's term, shortened to its first kind."""
        return _GROUP_TERMS[self]

    @property
    def is_township_or_village(self) -> bool:
        """Where a rural assistant (XC) may practise: township centres and village rooms."""
        return self in (InstitutionGroup.TOWNSHIP, InstitutionGroup.VILLAGE)

    @property
    def is_primary_care(self) -> bool:
        """Where `scope.primary_care_max` holds whatever the county: township, village and community."""
        return self.is_township_or_village or self is InstitutionGroup.COMMUNITY

    @property
    def is_prevention(self) -> bool:
        """Whether the health authority of the same level is competent (医师执业注册管理办法 art.9)."""
        return self is InstitutionGroup.PREVENTION


_GROUP_TERMS = {
    InstitutionGroup.HOSPITAL: "医院",
    InstitutionGroup.MATERNAL_CHILD: "妇幼保健院",
    InstitutionGroup.COMMUNITY: "社区卫生服务机构",
    InstitutionGroup.TOWNSHIP: "卫生院",
    InstitutionGroup.SANATORIUM: "疗养院",
    InstitutionGroup.OUTPATIENT: "门诊部",
    InstitutionGroup.CLINIC: "诊所",
    InstitutionGroup.VILLAGE: "村卫生室",
    InstitutionGroup.EMERGENCY: "急救中心",
    InstitutionGroup.CLINICAL_LABORATORY: "临床检验中心",
    InstitutionGroup.DISEASE_PREVENTION_STATION: "专科疾病防治机构",
    InstitutionGroup.NURSING: "护理院",
    InstitutionGroup.DIAGNOSTIC_CENTRE: "医学检验等中心",
    InstitutionGroup.OTHER: "其他诊疗机构",
    InstitutionGroup.PREVENTION: "疾病预防控制中心",
}


class LicenceStatus(StrEnum):
    """Whether an institution may practise 执业许可状态."""

    VALID = "valid"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"

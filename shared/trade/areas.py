"""Where a qualification may be registered (`domain.md` §6.5): everywhere, in one province, in one kind of place."""

from __future__ import annotations

from dataclasses import dataclass

from shared.platform.errors import InvalidInput

from .provinces import MAINLAND

_PROVINCE = "PROVINCE:"


@dataclass(frozen=True)
class Area:
    """`NATIONAL`, `PROVINCE:xx` or `INSTITUTION_TYPE:township_village`; the text is what is stored and sent."""

    value: str

    @classmethod
    def parse(cls, text: str) -> Area:
        """Read a stored area, or raise `InvalidInput("area_unknown")`."""
        province = text.removeprefix(_PROVINCE)
        if text in (NATIONAL.value, TOWNSHIP_VILLAGE.value) or (text.startswith(_PROVINCE) and province in MAINLAND):
            return cls(text)
        raise InvalidInput("area_unknown")

    @classmethod
    def of_province(cls, province: str) -> Area:
        """The area of a pass that reached a provincial line only (省内合格线)."""
        return cls.parse(f"{_PROVINCE}{province}")

    @property
    def province(self) -> str | None:
        """The only province that it covers, if it names one."""
        return self.value.removeprefix(_PROVINCE) if self.value.startswith(_PROVINCE) else None

    def covers(self, province: str, *, township_or_village: bool = False) -> bool:
        """Whether an institution in that province, and of that kind, may take the holder."""
        if self == TOWNSHIP_VILLAGE:
            return township_or_village
        return self.province in (None, province)

    def __str__(self) -> str:
        return self.value


NATIONAL = Area("NATIONAL")
TOWNSHIP_VILLAGE = Area("INSTITUTION_TYPE:township_village")

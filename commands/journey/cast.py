"""Who plays in a journey: the example organisations and the logins of their staff, from the files in `examples/`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_TOWNSHIP_CENTRE = "04"  # the category of township centres (中心卫生院, 乡镇卫生院)
_HOSPITAL = "01"
#: How many staff of each kind the demo names when it tells its logins.
_TOLD = ("clerk", "window", "officer", "head", "examiner")


@dataclass(frozen=True)
class Organisation:
    """An example institution."""

    licence_number: str
    name: str
    division: str
    category: str
    authority: str

    @property
    def province(self) -> str:
        """The two digits of its province."""
        return self.division[:2]


@dataclass(frozen=True)
class Login:
    """An example member of staff."""

    login: str
    password: str
    role: str
    organisation: str


@dataclass(frozen=True)
class Cast:
    """Everybody of the example files."""

    institutions: tuple[Organisation, ...]
    logins: tuple[Login, ...]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read `institutions.csv` and `staff.csv`."""
        institutions = tuple(
            Organisation(row["licence_number"], row["name"], row["division"], row["category"], row["authority"])
            for row in _rows(folder / "institutions.csv")
        )
        logins = tuple(
            Login(row["login_name"], row["password"], row["role"], row["organisation"])
            for row in _rows(folder / "staff.csv")
        )
        return cls(institutions, logins)

    @property
    def examiner(self) -> Login:
        """The operator of the exam centre."""
        return next(login for login in self.logins if login.role == "examiner")

    def hospital(self, province: str) -> Organisation:
        """The first hospital of a province."""
        return self._institution(province, _HOSPITAL)

    def township_centre(self, province: str) -> Organisation:
        """The first township centre of a province."""
        return self._institution(province, _TOWNSHIP_CENTRE)

    def institution(self, licence_number: str) -> Organisation:
        """An institution by its licence number."""
        return next(found for found in self.institutions if found.licence_number == licence_number)

    def clerk_of(self, licence_number: str) -> Login:
        """The clerk who acts for an institution."""
        return self._staff(licence_number, "clerk")[0]

    def of_authority(self, licence_number: str, role: str, *, nth: int = 0) -> Login:
        """Somebody in `role` at the authority that approved an institution; `nth` tells several of them apart."""
        return self._staff(self.institution(licence_number).authority, role)[nth]

    def at(self, authority: str, role: str, *, nth: int = 0) -> Login:
        """Somebody in `role` at an authority, by the authority's code."""
        return self._staff(authority, role)[nth]

    def told(self, province: str) -> tuple[Login, ...]:
        """The logins that a newcomer needs: one of each role around the hospital of a province."""
        place = self.hospital(province)
        near = {place.licence_number, place.authority, self.examiner.organisation}
        found: dict[str, Login] = {}
        for login in self.logins:
            if login.organisation in near:
                found.setdefault(login.role, login)
        return tuple(found[role] for role in _TOLD if role in found)

    def _institution(self, province: str, category: str) -> Organisation:
        return next(found for found in self.institutions if found.province == province and found.category == category)

    def _staff(self, organisation: str, role: str) -> list[Login]:
        return [login for login in self.logins if login.organisation == organisation and login.role == role]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

"""Institutions that tests found, change and close, as an operator does: by loading files."""

from __future__ import annotations

import csv
from itertools import count
from pathlib import Path
from typing import ClassVar

from commands.journey.cast import Organisation
from tests.support.deployment import EXAMPLES
from tests.support.processes import System


class Registry:
    """Writes one-line files in the form of `examples/` and loads them."""

    PASSWORD: ClassVar[str] = "Yizhu-Demo-1"

    def __init__(self, system: System, folder: Path) -> None:
        self._system = system
        self._folder = folder
        self._serials = count(1)
        with (EXAMPLES / "institutions.csv").open(encoding="utf-8", newline="") as file:
            self._example = next(iter(csv.DictReader(file)))
        self._lines: dict[str, dict[str, str]] = {}

    def found(self, authority: str) -> tuple[Organisation, str]:
        """A new hospital, and the login of its clerk."""
        serial = next(self._serials)
        licence_number = f"PDY9{serial:04d}543010217D2112"
        name = f"示例专科医院{serial}分院"
        changes = {"licence_number": licence_number, "credit_code": "", "name": name, "authority": authority}
        self._lines[licence_number] = {**self._example, **changes}
        self.change(licence_number)
        login = f"clerk_of_{serial}"
        staff = {"login_name": login, "name": "经办员", "role": "clerk", "organisation": licence_number}
        contact = {"phone": f"139100{serial:05d}", "email": "", "password": self.PASSWORD}
        self._system.command("staff", "load", str(self._file("staff.csv", {**staff, **contact})))
        return Organisation(licence_number, name, "430102", "01", authority), login

    def change(self, licence_number: str, **changes: str) -> None:
        """Load the institution's line with some cells changed."""
        self._lines[licence_number] |= changes
        file = self._file("institutions.csv", self._lines[licence_number])
        self._system.command("organisations", "load", "--institutions", str(file))

    def _file(self, name: str, line: dict[str, str]) -> Path:
        path = self._folder / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(line))
            writer.writeheader()
            writer.writerow(line)
        return path

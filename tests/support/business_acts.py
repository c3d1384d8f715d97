"""Any kind of business over HTTP, from the choice to its end: what its description asks for is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from commands.journey.cast import Organisation
from commands.journey.people import Doctor
from tests.support.deployment import Deployment

DECLARED = {"full_capacity": True, "health_fit": True, "criminal_penalty": False, "barred_by_law": False}
"""What a fit person declares."""


@dataclass
class Business:
    """One application of a registered doctor; `place` is the institution that confirms it."""

    deployment: Deployment
    doctor: Doctor
    place: Organisation
    answers: dict[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """The business number."""
        return str(self.doctor.application["number"])

    def begin(self, business: str, sub_kind: str = "", **about: Any) -> Business:
        """Begin a draft about a registration, a filing or a qualification."""
        asked = {"type": business, "sub_kind": sub_kind, **about}
        self.doctor.application = self.doctor.api.post("/applications", asked)
        return self

    def fill_in(self) -> Business:
        """Answer every page from `answers`, by the names of its fields."""
        view = self.doctor.application
        known = {**DECLARED, **self.answers}
        for page in self._kind()["steps"]:
            asked = [item["name"] for item in page["fields"] if item["kind"] != "locked"]
            if page["fields"]:
                values = {name: known[name] for name in asked if name in known}
                self.doctor._change("PATCH", "", json={"step": page["name"], "values": values})
        assert view["id"] == self.doctor.application["id"]
        return self

    def upload(self, *further: str) -> Business:
        """Add what is asked for as a file, and what else is named."""
        for item in self.doctor.reload()["needed"]:
            if item["required"] or item["kind"] in further:
                self.doctor.upload_one(item["kind"], item["media_types"])
        return self

    def submit(self) -> Business:
        """Declare the truth and submit."""
        self.doctor.submit()
        return self

    def filed(self, business: str, sub_kind: str = "", *further: str, **about: Any) -> Business:
        """From the choice to the institution's desk."""
        return self.begin(business, sub_kind, **about).fill_in().upload(*further).submit()

    def confirm(self) -> Business:
        """The institution confirms."""
        self.deployment.clerk(self.place).decide(self.number, "confirm", step="confirm")
        return self

    def receive(self) -> Business:
        """The window takes the paper file in and accepts."""
        window = self.deployment.officer("window", self.place)
        window.receive_paper(self.number)
        window.decide(self.number, "accept", step="accept")
        return self

    def approve(self) -> dict[str, Any]:
        """An officer approves; the application when the register has it."""
        self.deployment.officer("officer", self.place).decide(self.number, "approve", step="decide")
        return self.doctor.wait_until("CERT_ISSUED", "EFFECTIVE", within=60)

    def decided(self) -> dict[str, Any]:
        """From the institution's desk to the register."""
        return self.confirm().receive().approve()

    def _kind(self) -> dict[str, Any]:
        view = self.doctor.application
        types = self.doctor.api.get("/business-types")["items"]
        kinds = next(item["kinds"] for item in types if item["type"] == view["type"])
        found: dict[str, Any] = next(item for item in kinds if item["sub_kind"] == view["sub_kind"])
        return found


def registrations(doctor: Doctor) -> list[dict[str, Any]]:
    """A doctor's registrations, newest first."""
    person = doctor.api.get("/me")["person_id"]
    found: list[dict[str, Any]] = doctor.api.get(f"/physicians/{person}/registrations")["items"]
    return found

"""A whole running deployment for journeys: organisations and staff loaded, an example cohort published."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from commands.exam_cohort.generator import generate
from commands.exam_cohort.manifest import write_manifest
from commands.journey.api import Api, ApiProblem, day_of, wait_for
from commands.journey.cast import Cast, Login, Organisation
from commands.journey.people import Candidate, Doctor, Staff, Visitor, is_taken
from commands.journey.script import SCOPE_OF, candidates
from tests.support.processes import ROOT, System

EXAMPLES = ROOT / "examples"
YEAR, ROUND = 2026, 1


@dataclass
class Deployment:
    """A system with people in it; each test takes candidates of its own, so tests don't meet."""

    system: System
    cast: Cast
    cohort: Path
    manifest: Path
    client: type[Api] = Api
    _taken: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return self.system.url

    def visitor(self) -> Visitor:
        """Anybody."""
        return Visitor(self.url, client=self.client)

    def api(self) -> Api:
        """A bare client."""
        return self.client(self.url)

    def candidate(self, *, levels: str = "1", categories: str = "10", region: str = "43") -> Candidate:
        """A candidate who passed, whom no other test has taken."""
        pool = candidates(self.cohort, self.manifest, region, levels, categories)
        found = next((item for item in pool if item.id_number not in self._taken), None)
        if found is None:
            raise LookupError(
                f"all {len(pool)} candidates of {region} ({levels}, {categories}) are taken: make the cohort larger"
            )
        self._taken.add(found.id_number)
        return found

    def doctor(self, **wanted: str) -> Doctor:
        """Somebody with an open account, logged in, not activated."""
        while True:
            doctor = Doctor(self.url, self.candidate(**wanted), client=self.client)
            try:
                doctor.open_account()
            except ApiProblem as problem:
                if is_taken(problem):
                    continue
                raise
            doctor.log_in()
            return doctor

    def activated_doctor(self, **wanted: str) -> Doctor:
        """Somebody who may file business."""
        doctor = self.doctor(**wanted)
        doctor.be_recognised()
        doctor.bind_phone()
        doctor.activate()
        return doctor

    def drafted(self, place: Organisation | None = None, *, paper_certificate: bool = False, **wanted: str) -> Doctor:
        """Somebody whose application is filled in, materials and all, not submitted."""
        doctor = self.activated_doctor(**wanted)
        if paper_certificate:
            doctor.enter_paper_certificate()
        doctor.start()
        doctor.fill_in(self.institution_id(place), [SCOPE_OF[doctor.candidate.category]], self.today())
        doctor.upload()
        return doctor

    def submitted(self, place: Organisation | None = None, *, paper_certificate: bool = False, **wanted: str) -> Doctor:
        """Somebody whose application waits for the institution."""
        doctor = self.drafted(place, paper_certificate=paper_certificate, **wanted)
        doctor.submit()
        return doctor

    def hospital(self, province: str = "43") -> Organisation:
        """Where physicians of the tests work."""
        return self.cast.hospital(province)

    def institution_id(self, place: Organisation | None = None) -> str:
        """The identifier of an institution."""
        name = (place or self.hospital()).name
        items: list[dict[str, Any]] = self.api().get("/institutions", q=name)["items"]
        return str(next(item["id"] for item in items if item["name"] == name))

    def staff(self, login: Login) -> Staff:
        """A member of staff, logged in."""
        staff = Staff(self.url, login.login, login.password, client=self.client)
        staff.log_in()
        return staff

    def clerk(self, place: Organisation | None = None) -> Staff:
        """The clerk of an institution."""
        return self.staff(self.cast.clerk_of((place or self.hospital()).licence_number))

    def officer(self, role: str = "officer", place: Organisation | None = None, *, nth: int = 0) -> Staff:
        """Somebody of the authority that is competent for an institution."""
        return self.staff(self.cast.of_authority((place or self.hospital()).licence_number, role, nth=nth))

    def examiner(self) -> Staff:
        """The exam centre's operator."""
        return self.staff(self.cast.examiner)

    def accepted(
        self,
        place: Organisation | None = None,
        *,
        paper_certificate: bool = False,
        state: str = "ACCEPTED",
        **wanted: str,
    ) -> Doctor:
        """Somebody whose application was accepted: it waits for the decision, or for who looks first (PRE_REVIEW)."""
        doctor = self.submitted(place, paper_certificate=paper_certificate, **wanted)
        number = doctor.application["number"]
        self.clerk(place).decide(number, "confirm", step="confirm")
        window = self.officer("window", place)
        window.receive_paper(number)
        window.decide(number, "accept", step="accept")
        doctor.wait_until(state)
        return doctor

    def today(self) -> date:
        """The deployment's day."""
        return day_of(self.api())

    def advance_days(self, days: int) -> None:
        """Let days go by for every service."""
        self.api().post("/demo/clock", {"seconds": days * 86400})
        # A process reads the offset every fifth of a second; until all have, contexts of some are expired to others.
        time.sleep(0.25)


@contextmanager
def deployed(system: System, folder: Path, *, size: int = 400, seed: int = 7) -> Iterator[Deployment]:
    """Prepare and start `system`, load organisations and staff, import and publish a cohort of `size` rows."""
    cohort_file, manifest = folder / "cohort.csv", folder / "cohort.json"
    cohort = generate(size, seed=seed, year=YEAR, round_=ROUND)
    cohort.write(cohort_file)
    write_manifest(cohort, manifest)
    try:
        system.prepare()
        if system.is_embedded:
            system.command("migrate")
        system.command(
            "organisations", "load",
            "--authorities", str(EXAMPLES / "authorities.csv"),
            "--institutions", str(EXAMPLES / "institutions.csv"),
        )  # fmt: skip
        system.command("staff", "load", str(EXAMPLES / "staff.csv"))
        system.start()
        deployment = Deployment(system, Cast.read(EXAMPLES), cohort_file, manifest)
        publish(deployment)
        yield deployment
    finally:
        system.close()


def publish(deployment: Deployment) -> dict[str, Any]:
    """Deliver the cohort's file, wait for the import, open the gates, publish; the published batch."""
    examiner = deployment.examiner()
    batch = examiner.deliver_results(deployment.cohort.read_bytes(), YEAR, ROUND)

    def imported() -> dict[str, Any] | None:
        now: dict[str, Any] = examiner.api.get(f"/exam-batches/{batch['id']}")
        assert now["state"] != "FAILED", now
        return now if now["state"] == "UPDATED" else None

    wait_for("the import", imported, within=120)
    return examiner.publish_results(str(batch["id"]), YEAR, ROUND)

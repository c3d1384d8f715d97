"""The workflow of REG told once more, plainly and without its file: what the machine in the tests is compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

OPEN_TASK = {
    "ORG_REVIEW": "confirm",
    "ORG_CONFIRMED": "receive",
    "RECEIVED": "accept",
    "SUPPLEMENT": "await_supplement",
    "ACCEPTED": "decide",
    "PRE_REVIEW": "pre_review",
    "EFFECT_BLOCKED": "resolve",
}
BEFORE_ACCEPTANCE = ("ORG_REVIEW", "ORG_CONFIRMED", "RECEIVED", "SUPPLEMENT")


@dataclass
class PlainCase:
    """What should be true of a case. Every method answers whether the act is possible, and does it if so."""

    paper_awaited: bool
    tiers: int
    today: date
    state: str = "ORG_REVIEW"
    submission: int = 1
    steps: int = 1
    decisions: int = 0
    papers_complete: bool = False
    noticed: set[str] = field(default_factory=set)
    licence: str = "valid"
    received_on: date | None = None
    accepted_on: date | None = None
    entered_on: date | None = None
    tiers_done: int = 0

    def go(self, state: str, *, steps: int = 1) -> bool:
        """The case is now there."""
        self.state, self.entered_on = state, self.today
        self.steps += steps
        return True

    # the institution

    def confirm(self) -> bool:
        if self.state != "ORG_REVIEW":
            return False
        if self.paper_awaited:
            return self.go("ORG_CONFIRMED")
        self.received_on = self.today
        return self.go("RECEIVED", steps=2)

    def return_to_applicant(self) -> bool:
        return self.state == "ORG_REVIEW" and self.go("ORG_RETURNED")

    def reject(self) -> bool:
        return self.state == "ORG_REVIEW" and self.go("ORG_REJECTED")

    # the applicant

    def resubmit(self) -> bool:
        if self.state != "ORG_RETURNED":
            return False
        self.submission += 1
        self.papers_complete = False
        return self.go("ORG_REVIEW")

    def supplemented(self) -> bool:
        if self.state != "SUPPLEMENT":
            return False
        self.received_on = self.today
        return self.go("RECEIVED")

    def withdraw(self) -> bool:
        possible = self.state in (*BEFORE_ACCEPTANCE, "ORG_RETURNED", "ACCEPTED", "PRE_REVIEW")
        return possible and self.go("WITHDRAWN")

    # the window

    def receive_paper(self, *, complete: bool) -> bool:
        if self.state == "ORG_CONFIRMED":
            self.received_on = self.today
            self.go("RECEIVED")
        elif self.state in ("RECEIVED", "SUPPLEMENT", "ACCEPTED"):
            self.steps += 1
        else:
            return False
        self.papers_complete = self.papers_complete or complete
        return True

    def supplement(self, target: str, *, in_time: bool) -> bool:
        if self.state != "RECEIVED" or not in_time or (self.noticed and target not in self.noticed):
            return False
        self.noticed.add(target)
        return self.go("SUPPLEMENT")

    def not_accept(self, *, in_time: bool) -> bool:
        return self.state == "RECEIVED" and in_time and self.go("NOT_ACCEPTED")

    def accept(self, *, in_time: bool) -> bool:
        if self.state != "RECEIVED" or not in_time or (self.paper_awaited and not self.papers_complete):
            return False
        return self.accepted(self.today)

    def accepted(self, day: date) -> bool:
        """Accepted, by the window or by silence."""
        self.accepted_on = day
        self.go("ACCEPTED")
        if self.tiers_done < self.tiers and self.licence != "cancelled":
            self.go("PRE_REVIEW")
        return True

    # officers

    def agree(self) -> bool:
        if self.state != "PRE_REVIEW":
            return False
        self.tiers_done += 1
        return self.go("PRE_REVIEW" if self.tiers_done < self.tiers else "ACCEPTED")

    def approve(self) -> bool:
        if self.state not in ("ACCEPTED", "EFFECT_BLOCKED") or self.licence != "valid":
            return False
        self.decisions += 1
        return self.go("APPROVED")

    def refuse(self) -> bool:
        if self.state not in ("ACCEPTED", "EFFECT_BLOCKED"):
            return False
        self.decisions += 1
        return self.go("REFUSED")

    def terminate(self) -> bool:
        return self.state == "EFFECT_BLOCKED" and self.go("TERMINATED")

    # news

    def effect_blocked(self) -> bool:
        return self.state == "APPROVED" and self.go("EFFECT_BLOCKED")

    def licence_cancelled(self) -> bool:
        if self.state in BEFORE_ACCEPTANCE:
            self.licence = "cancelled"
            return self.go("TERMINATED")
        if self.state == "PRE_REVIEW":
            self.licence = "cancelled"
            return self.go("ACCEPTED")
        if self.state in ("ACCEPTED", "EFFECT_BLOCKED"):
            self.licence = "cancelled"
            self.steps += 1
            return True
        return False

"""Who is told what the register has (domain.md §9.1: approved, superseded, left, ended, lapse near, certificate)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from shared.trade.divisions import name_of
from shared.trade.statuses import BusinessType, RegistrationStatus

from . import mailboxes
from .notice import Notice
from .qualification_news import Use

REGISTERED = frozenset(status.value for status in RegistrationStatus if status.is_registered)


@dataclass(frozen=True)
class Telling:
    """The words of a change: for doctor and institution, for other institutions, and for other authorities."""

    own: str
    institutions: str = "registration_news_institution"
    authorities: str = "registration_news_authority"
    tells_institution: bool = True
    is_told_to_all: bool = False
    """Whether every institution and authority of the doctor hears of it: cancelled, revoked, withdrawn (§9.1)."""


# A change of the register to the words for it. What is not here (a correction of a detail) is told to nobody.
ON_CHANGE: Mapping[str, Telling] = {
    "opened": Telling("approved", "place_added_institution", "place_added_authority"),
    "changed": Telling("registration_changed", "registration_changed_institution", "registration_changed_authority"),
    "superseded": Telling("registration_superseded"),
    "moved_out": Telling("registration_moved_out"),
    "transferred": Telling("registration_transferred"),
    "cancelled": Telling("registration_ended", is_told_to_all=True),
    "revoked": Telling("registration_ended", is_told_to_all=True),
    "withdrawn": Telling("registration_ended", is_told_to_all=True),
    # Who reported it knows it.
    "left": Telling("registration_left", tells_institution=False),
    "suspended": Telling("registration_suspended", institutions="registration_suspended"),
    "resumed": Telling("registration_resumed", institutions="registration_resumed"),
}
# The institution that the doctor left hears it in words of its own; the others are those with a filing.
FORMER = "registration_changed_former"
# Ends of a registration that an authority may decide which does not keep it (§3.1, §3.4, §3.5).
ENDINGS = frozenset({"superseded", "moved_out", "transferred", "cancelled", "revoked", "withdrawn"})


@dataclass(frozen=True)
class Known:
    """What is known of a change besides its own news."""

    former_institution_id: UUID | None = None
    """The main institution before it."""
    decided_by: UUID | None = None
    """The authority that decided the application behind it."""
    others: tuple[Use, ...] = ()
    """The doctor's other registrations."""
    partners: tuple[str, ...] = ()
    """The practice codes that the same decision opened for one that ended, or ended for one that opened."""
    lapses_on: date | None = None
    """When a registration that was left has been inactive for too long."""


def is_registered(facts: Mapping[str, Any]) -> bool:
    """Whether it counts as registered: in force, or suspended for a while (§3.14)."""
    return facts["status"] in REGISTERED


def registration_changed(facts: Mapping[str, Any], known: Known | None = None) -> list[Notice]:
    """The doctor and the institution: the decision is in the register (医师法 art.13, 21; 行政许可法 art.44).

    Then all others whom it concerns, each in one set of words: the institution and authority that were left, those with
    a filing, an authority whose registration another has ended. The one place from which an approval is told, so that
    nobody hears of one that could not take effect.
    """
    known = known or Known()
    telling = ON_CHANGE.get(facts["change"])
    if telling is None:
        return []
    told = {
        "number": facts["application_number"],
        "change": facts["change"],
        "practice_code": facts["practice_code"],
        "practice_place": name_of(facts["practice_place"]) or facts["practice_place"],
        "level": facts["level"],
        "institution": facts["institution_name"],
        "authority": facts["authority_name"],
        "decided_on": facts["decided_on"],
        "decision_number": facts["decision_number"],
        "until": facts.get("until"),
        "lapses_on": known.lapses_on,
        "partner_codes": "、".join(known.partners),
    }
    words: dict[str, str] = {}
    for template, recipient in _whom(facts, telling, known):
        words.setdefault(recipient, template)
    return [Notice(template, recipient, told, facts["application_id"]) for recipient, template in words.items()]


def lapse_near(facts: Mapping[str, Any], practice_code: str, years: int, months: int) -> list[Notice]:
    """Ninety or thirty days before a registration that was left lapses: doctor, last institution, authority.

    医师执业注册管理办法 art.19: then it is cancelled; art.12: who comes back later needs training.
    """
    told = {
        "practice_code": practice_code,
        "since": facts["since"],
        "lapses_on": facts["lapses_on"],
        "days": facts["days"],
        "years": years,
        "training_months": months,
    }
    return [
        Notice("lapse_near", mailboxes.of_person(facts["person_id"]), told),
        Notice("lapse_near_institution", mailboxes.of_desk(facts["institution_id"], "clerk"), told),
        Notice("lapse_near_authority", mailboxes.of_desk(facts["authority_id"], "officer"), told),
    ]


def certificate_issued(facts: Mapping[str, Any]) -> list[Notice]:
    """The certificate can be shown and downloaded."""
    return [_certificate("certificate_issued", facts)]


def certificate_voided(facts: Mapping[str, Any]) -> list[Notice]:
    """The certificate may not be shown any more."""
    return [_certificate("certificate_voided", facts)]


def years_after(day: date, years: int) -> date:
    """The same day some years on; 29 February becomes 28 February in a common year (domain.md §7)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _whom(facts: Mapping[str, Any], telling: Telling, known: Known) -> Iterator[tuple[str, str]]:
    """Words and mailbox of each who is told; of several for one mailbox the first count."""
    yield telling.own, mailboxes.of_person(facts["person_id"])
    own = mailboxes.of_desk(facts["institution_id"], "clerk")
    if telling.tells_institution:
        yield telling.own, own
    if facts["change"] == "opened" and facts.get("business") == BusinessType.CHANGE:
        return  # across provinces: the side that is left hears that its registration moved out
    others = known.others if telling.is_told_to_all else ()
    for institution_id in [*facts.get("informs_institutions", ()), *(use.institution_id for use in others)]:
        is_former = facts["change"] == "changed" and institution_id == known.former_institution_id
        recipient = mailboxes.of_desk(institution_id, "clerk")
        if recipient != own:
            yield FORMER if is_former else telling.institutions, recipient
    authorities = [*facts.get("informs_authorities", ()), *(use.authority_id for use in others)]
    if facts["change"] in ENDINGS and facts["application_id"] is not None:
        authorities.append(facts["authority_id"])
    for authority_id in authorities:
        if authority_id != known.decided_by:
            yield telling.authorities, mailboxes.of_desk(authority_id, "officer")


def _certificate(template: str, facts: Mapping[str, Any]) -> Notice:
    told = {"practice_code": facts["practice_code"], "issued_on": facts["issued_on"]}
    return Notice(template, mailboxes.of_person(facts["person_id"]), told, facts["application_id"])

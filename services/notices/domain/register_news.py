"""Who is told what the register has (domain.md §9.1: approved, superseded, ended, certificate)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.trade.divisions import name_of

from . import mailboxes
from .notice import Notice

# A change of the register to the words for it. What is not here (a correction of a detail) is told to nobody.
ON_CHANGE: Mapping[str, str] = {
    "opened": "approved",
    "changed": "approved",
    "superseded": "registration_superseded",
    "cancelled": "registration_ended",
    "revoked": "registration_ended",
    "withdrawn": "registration_ended",
}


ENDINGS = frozenset({"superseded", "cancelled", "revoked", "withdrawn"})


def has_ended(facts: Mapping[str, Any]) -> bool:
    """Whether nothing is practised under the registration any more."""
    return facts["change"] in ENDINGS


def registration_changed(facts: Mapping[str, Any]) -> list[Notice]:
    """The doctor and the institution: the decision is in the register (医师法 art.13, 21; 行政许可法 art.44).

    The one place from which an approval is told, so that nobody hears of one that could not take effect.
    """
    template = ON_CHANGE.get(facts["change"])
    if template is None:
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
    }
    mailed = mailboxes.of_person(facts["person_id"]), mailboxes.of_desk(facts["institution_id"], "clerk")
    return [Notice(template, recipient, told, facts["application_id"]) for recipient in mailed]


def certificate_issued(facts: Mapping[str, Any]) -> list[Notice]:
    """The certificate can be shown and downloaded."""
    return [_certificate("certificate_issued", facts)]


def certificate_voided(facts: Mapping[str, Any]) -> list[Notice]:
    """The certificate may not be shown any more."""
    return [_certificate("certificate_voided", facts)]


def _certificate(template: str, facts: Mapping[str, Any]) -> Notice:
    told = {"practice_code": facts["practice_code"], "issued_on": facts["issued_on"]}
    return Notice(template, mailboxes.of_person(facts["person_id"]), told, facts["application_id"])

"""Who is told of a further institution's filing (domain.md §3.7, §3.8, §9.1): filed, ends soon, ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from . import mailboxes
from .notice import Notice

ON_CHANGE: Mapping[str, str] = {"filed": "filing_filed", "ends_soon": "filing_ends_soon", "ended": "filing_ended"}
# The filing's authority hears of an end that came with the registration, which another authority may keep.
WITH_THE_REGISTRATION = "registration_ended"


def filing_changed(facts: Mapping[str, Any]) -> list[Notice]:
    """The doctor and both institutions, each once, also where one is both."""
    template = ON_CHANGE.get(facts["change"])
    if template is None:
        return []
    told = {
        "number": facts["application_number"],
        "institution": facts["institution_name"],
        "valid_from": facts["valid_from"],
        "last_day": facts["holds_until"] - timedelta(days=1),
        "holds_until": facts["holds_until"],
        "filing_end": facts["reason"] if facts["change"] == "ended" else "",
        "decision_number": facts["decision_number"],
    }
    desks = dict.fromkeys(mailboxes.of_desk(facts[name], "clerk") for name in ("institution_id", "main_institution_id"))
    recipients = [(template, recipient) for recipient in (mailboxes.of_person(facts["person_id"]), *desks)]
    if facts["change"] == "ended" and facts["reason"] == WITH_THE_REGISTRATION:
        recipients.append(("filing_ended_authority", mailboxes.of_desk(facts["authority_id"], "officer")))
    return [Notice(words, recipient, told, facts["application_id"]) for words, recipient in recipients]

"""The nine kinds of business told once more by hand, apart from their files: who may do what in which state.

A line is state, action, who may, and where it leads. "window" and "officer" name desks of the competent authority,
"tier" and "province" the officers who look first; "old_clerk" is the clerk of the institution on the other side,
"starter" that of the one that reported. A scenario is a case of a kind as somebody started it under some policy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.review.domain.submissions import Submission

from .makers import CITY, ELSEWHERE, HOSPITAL, OLD_HOSPITAL, a_policy, a_submission, an_institution

Table = dict[tuple[str, str], dict[str, str]]

CONFIRMATION = """
SUBMITTED       open                    event        ORG_REVIEW
ORG_REVIEW      confirm                 clerk        ORG_CONFIRMED
ORG_REVIEW      return_to_applicant     clerk        ORG_RETURNED
ORG_REVIEW      reject                  clerk        ORG_REJECTED
ORG_REVIEW      recompute_deadlines     timer        ORG_REVIEW
ORG_RETURNED    resubmit                event        ORG_REVIEW
"""
RECEIPT = """
ORG_CONFIRMED   receive_paper           window       RECEIVED
ORG_CONFIRMED   receive                 system       RECEIVED
RECEIVED        receive_paper           window       RECEIVED
RECEIVED        supplement              window       SUPPLEMENT
RECEIVED        not_accept              window       NOT_ACCEPTED
RECEIVED        accept                  window       ACCEPTED
RECEIVED        deem_accepted           timer        ACCEPTED
RECEIVED        reassess                event        SUPPLEMENT
RECEIVED        recompute_deadlines     timer        RECEIVED
SUPPLEMENT      receive_paper           window       SUPPLEMENT
SUPPLEMENT      supplemented            event        RECEIVED
SUPPLEMENT      reassess                event        SUPPLEMENT
"""
DECISION = """
ACCEPTED        receive_paper           window       ACCEPTED
ACCEPTED        approve                 officer      APPROVED
ACCEPTED        refuse                  officer      REFUSED
ACCEPTED        reassess                event        ACCEPTED
ACCEPTED        recompute_deadlines     timer        ACCEPTED
APPROVED        effect_blocked          event        EFFECT_BLOCKED
EFFECT_BLOCKED  approve                 officer      APPROVED
EFFECT_BLOCKED  refuse                  officer      REFUSED
EFFECT_BLOCKED  terminate               officer      TERMINATED
EFFECT_BLOCKED  recompute_deadlines     timer        EFFECT_BLOCKED
"""
OWN = """
ORG_REVIEW      withdraw                applicant    WITHDRAWN
ORG_RETURNED    withdraw                applicant    WITHDRAWN
ORG_CONFIRMED   withdraw                applicant    WITHDRAWN
RECEIVED        withdraw                applicant    WITHDRAWN
SUPPLEMENT      withdraw                applicant    WITHDRAWN
ACCEPTED        withdraw                applicant    WITHDRAWN
ORG_REVIEW      qualification_annulled  event        TERMINATED
ORG_RETURNED    qualification_annulled  event        TERMINATED
ORG_CONFIRMED   qualification_annulled  event        TERMINATED
RECEIVED        qualification_annulled  event        TERMINATED
SUPPLEMENT      qualification_annulled  event        TERMINATED
ACCEPTED        qualification_annulled  event        TERMINATED
"""
LICENSED = """
ORG_REVIEW      licence_cancelled       event        TERMINATED
ORG_CONFIRMED   licence_cancelled       event        TERMINATED
RECEIVED        licence_cancelled       event        TERMINATED
SUPPLEMENT      licence_cancelled       event        TERMINATED
ACCEPTED        licence_cancelled       event        ACCEPTED
EFFECT_BLOCKED  licence_cancelled       event        EFFECT_BLOCKED
"""
# The city decides, the county and the province look first: the county's agreement leads to the province's turn.
TIERS = """
ACCEPTED        forward                 system       PRE_REVIEW
PRE_REVIEW      agree                   tier         PRE_REVIEW
PRE_REVIEW      object                  tier         PRE_REVIEW
PRE_REVIEW      reassess                event        PRE_REVIEW
PRE_REVIEW      withdraw                applicant    WITHDRAWN
PRE_REVIEW      licence_cancelled       event        ACCEPTED
PRE_REVIEW      qualification_annulled  event        TERMINATED
PRE_REVIEW      recompute_deadlines     timer        PRE_REVIEW
"""
# The county decides: there is nobody but the province, which has to agree.
PROVINCE = TIERS.replace("tier         PRE_REVIEW", "province     ACCEPTED")
CLOSED = """
ORG_REVIEW      pass_over               system       ORG_CONFIRMED
"""
RELEASE = """
ORG_CONFIRMED   ask_release             system       RELEASE
RELEASE         release                 old_clerk    ORG_CONFIRMED
RELEASE         object_to_release       old_clerk    ORG_CONFIRMED
RELEASE         pass_over               system       ORG_CONFIRMED
RELEASE         withdraw                applicant    WITHDRAWN
RELEASE         licence_cancelled       event        TERMINATED
RELEASE         qualification_annulled  event        TERMINATED
RELEASE         recompute_deadlines     timer        RELEASE
"""
# The old institution's authority is another one: it is asked next.
RELEASE_BY_BOTH = RELEASE.replace("old_clerk    ORG_CONFIRMED", "old_clerk    RELEASE").replace(
    "pass_over               system       ORG_CONFIRMED", "pass_over               system       RELEASE"
)
SILENCE = """
RELEASE         release_by_silence      timer        ORG_CONFIRMED
"""
SILENCE_OF_BOTH = SILENCE.replace("ORG_CONFIRMED", "RELEASE      ")
REPORTED = """
SUBMITTED       open                    event        ORG_CONFIRMED
ORG_CONFIRMED   withdraw                starter      WITHDRAWN
RECEIVED        withdraw                starter      WITHDRAWN
SUPPLEMENT      withdraw                starter      WITHDRAWN
ACCEPTED        withdraw                starter      WITHDRAWN
ORG_CONFIRMED   contest                 applicant    ORG_CONFIRMED
RECEIVED        contest                 applicant    RECEIVED
SUPPLEMENT      contest                 applicant    SUPPLEMENT
ACCEPTED        contest                 applicant    ACCEPTED
"""
EX_OFFICIO = """
SUBMITTED       open                    event        ACCEPTED
ACCEPTED        contest                 applicant    ACCEPTED
ACCEPTED        terminate               officer      TERMINATED
"""
SILENT_CONFIRMATION = """
ORG_REVIEW      confirm_by_silence      timer        ORG_CONFIRMED
"""

COMMON = (CONFIRMATION, RECEIPT, DECISION, OWN)
GRANTED = (*COMMON, LICENSED, TIERS)
LEFT = (*COMMON, CLOSED)


def table_of(*parts: str) -> Table:
    """State and action to who may and where it leads, of some parts."""
    table: Table = {}
    for line in "".join(parts).splitlines():
        if line:
            state, action, who, to = line.split()
            table.setdefault((state, action), {})[who] = to
    return table


@dataclass(frozen=True)
class Scenario:
    """A case of a kind, what its submission says, and what may be done with it."""

    name: str
    kind: str
    parts: tuple[str, ...]
    said: dict[str, Any] = field(default_factory=dict)
    knobs: dict[str, Any] = field(default_factory=dict)

    @property
    def table(self) -> Table:
        """What may be done."""
        return table_of(*self.parts)

    def submission(self) -> Submission:
        """The submission that opens it."""
        return a_submission(type=self.kind, policy=a_policy(**self.knobs), **self.said)


TIERED = {"review__pre_tiers": ["county", "province"]}
AT_THE_CITY = {"institution": an_institution(authority=CITY)}
LEFT_BEHIND = an_institution(hospital=OLD_HOSPITAL, authority=ELSEWHERE)
SAME_AUTHORITY = an_institution(hospital=OLD_HOSPITAL)
BY_INSTITUTION = {"started_by": "institution", "starter_id": HOSPITAL}

SCENARIOS = (
    Scenario("REG", "REG", GRANTED, AT_THE_CITY, TIERED),
    Scenario("UPGRADE", "UPGRADE", GRANTED, AT_THE_CITY, TIERED),
    Scenario("MIL_IN", "MIL_IN", (*COMMON, LICENSED, PROVINCE)),
    Scenario("MIL_IN after tiers", "MIL_IN", GRANTED, AT_THE_CITY, TIERED),
    Scenario("MIL_OUT", "MIL_OUT", LEFT),
    Scenario("CHANGE in place", "CHANGE", GRANTED, AT_THE_CITY, TIERED),
    Scenario(
        "CHANGE from an institution of the same authority",
        "CHANGE",
        (*GRANTED, RELEASE, SILENCE),
        {
            "institution": an_institution(authority=CITY),
            "releasing": an_institution(hospital=OLD_HOSPITAL, authority=CITY),
        },
        TIERED,
    ),
    Scenario(
        "CHANGE from elsewhere",
        "CHANGE",
        (*GRANTED, RELEASE_BY_BOTH, SILENCE_OF_BOTH),
        {**AT_THE_CITY, "releasing": LEFT_BEHIND},
        TIERED,
    ),
    Scenario(
        "CHANGE with consent",
        "CHANGE",
        (*GRANTED, RELEASE_BY_BOTH),
        {**AT_THE_CITY, "releasing": LEFT_BEHIND},
        {**TIERED, "change__release_mode": "CONSENT"},
    ),
    Scenario("CANCEL by wish", "CANCEL", LEFT),
    Scenario("CANCEL by report", "CANCEL", (RECEIPT, DECISION, REPORTED), BY_INSTITUTION),
    Scenario("CANCEL ex officio", "CANCEL", (DECISION, EX_OFFICIO), {"started_by": "authority"}),
    Scenario("CANCEL proposed", "CANCEL", (DECISION, EX_OFFICIO), {"started_by": "system"}),
    Scenario("MULTI_ADD", "MULTI_ADD", (*COMMON, LICENSED), {"releasing": SAME_AUTHORITY}),
    Scenario(
        "MULTI_ADD with consent",
        "MULTI_ADD",
        (*COMMON, LICENSED, RELEASE),
        {"releasing": LEFT_BEHIND},
        {"multi__main_consent": "CONSENT"},
    ),
    Scenario("MULTI_DEL", "MULTI_DEL", (*LEFT, SILENT_CONFIRMATION)),
    Scenario("MULTI_DEL by the institution", "MULTI_DEL", (RECEIPT, DECISION, REPORTED), BY_INSTITUTION),
    Scenario("PLACE_DEL", "PLACE_DEL", LEFT),
)

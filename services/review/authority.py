"""Who may do what in `review`: one row an action, role and relation to the case. What has no row is refused.

Which step an institution or authority may take in which state stands in the workflow's own table; here stands whose
business a case is at all.
"""

from __future__ import annotations

from typing import Any

from shared.platform.authorisation import AuthorityTable, Row
from shared.platform.identity import Actor

from .domain.workflow import Unit

AUTHORITY_ROLES = ("window", "officer", "head")
STAFF_ROLES = ("clerk", *AUTHORITY_ROLES)


def own_case(actor: Actor, case: Any) -> bool:
    """Whether the applicant asks."""
    return actor.kind == "person" and actor.id == f"person:{case.person_id}"


def own_institution(actor: Actor, case: Any) -> bool:
    """Whether the case is one of the institution that the clerk acts for."""
    return actor.organisation_kind == "institution" and actor.organisation_id == case.institution.id


def competent_authority(actor: Actor, case: Any) -> bool:
    """Whether the caller's authority approved the institution (医师执业注册管理办法 art.9)."""
    return actor.organisation_kind == "authority" and actor.organisation_id == case.institution.authority.id


def reviewing_authority(actor: Actor, case: Any) -> bool:
    """Whether the caller's authority is one of those that look at the case before the decision, by policy."""
    tiers = case.reviewing_tiers
    reviewing = {found.id for tier in tiers if (found := case.institution.authority_of(tier)) is not None}
    return actor.organisation_kind == "authority" and actor.organisation_id in reviewing


def superior_authority(actor: Actor, case: Any) -> bool:
    """Whether the caller's authority stands above the competent one: it may look, not act."""
    above = {brief["id"] for brief in case.institution.snapshot.get("superiors", ())}
    return actor.organisation_kind == "authority" and actor.organisation_id in above


def releasing_institution(actor: Actor, case: Any) -> bool:
    """Whether the caller's institution is on the other side and is asked, or was (domain §3.5, §3.7)."""
    is_asked = Unit.RELEASING_INSTITUTION in case.release.asked
    return actor.organisation_kind == "institution" and is_asked and actor.organisation_id == case.releasing.id


def releasing_authority(actor: Actor, case: Any) -> bool:
    """Whether the caller's authority approved the institution on the other side and is asked, or was."""
    is_asked = Unit.RELEASING_AUTHORITY in case.release.asked
    return actor.organisation_kind == "authority" and is_asked and actor.organisation_id == case.releasing.authority.id


def starting_institution(actor: Actor, case: Any) -> bool:
    """Whether the caller's institution reported what the case is about (医师法 art.17)."""
    started = case.unit(Unit.STARTING_INSTITUTION)
    return actor.organisation_kind == "institution" and started is not None and actor.organisation_id == started.id


def asked_as(actor: Any, case: Any) -> Unit | None:
    """As whom of the other side the caller looks at a case; None for who deals with the case itself.

    The other side knows what it was asked and what it answered, and nothing of what becomes of the case
    (个人信息保护法 art.6).
    """
    deciding = (own_institution, competent_authority, reviewing_authority, superior_authority)
    if any(relation(actor, case) for relation in deciding):
        return None
    if releasing_institution(actor, case):
        return Unit.RELEASING_INSTITUTION
    return Unit.RELEASING_AUTHORITY if releasing_authority(actor, case) else None


def hears_opinions(actor: Any, case: Any) -> bool:
    """Whether the caller may know what others told the deciding authority about a case (复核意见、异议).

    The authorities that deal with it and the person it is about; never the employer: an objection may rest on
    punishments or health, which are not the institution's business (个人信息保护法 art.28). What is decided in the end
    is told to both, with its reasons (医师法 art.16).
    """
    return any(
        relation(actor, case) for relation in (own_case, competent_authority, reviewing_authority, superior_authority)
    )


RELATIONS = {
    "own_case": own_case,
    "own_institution": own_institution,
    "competent_authority": competent_authority,
    "reviewing_authority": reviewing_authority,
    "superior_authority": superior_authority,
    "releasing_institution": releasing_institution,
    "releasing_authority": releasing_authority,
    "starting_institution": starting_institution,
}


def _task_rows(action: str) -> tuple[Row, ...]:
    """Those on whose desks a case can lie."""
    return (
        *_rows(action, "clerk", relation="own_institution"),
        *_rows(action, *AUTHORITY_ROLES, relation="competent_authority"),
        *_rows(action, "officer", "head", relation="reviewing_authority"),
        *_rows(action, "clerk", relation="releasing_institution"),
        *_rows(action, "officer", "head", relation="releasing_authority"),
    )


def _rows(action: str, *roles: str, relation: str = "any") -> tuple[Row, ...]:
    return tuple(Row(action, role, relation) for role in roles)


AUTHORITY = AuthorityTable(
    "review",
    [
        *_rows("task.list", *STAFF_ROLES),
        *_rows("task.next", *STAFF_ROLES),
        *_task_rows("task.claim"),
        *_task_rows("task.release"),
        *_task_rows("case.view"),
        *_rows("case.view", "officer", "head", relation="superior_authority"),
        *_rows("case.receive_paper", *AUTHORITY_ROLES, relation="competent_authority"),
        *_task_rows("case.decide"),
        *_rows("case.withdraw", "physician", relation="own_case"),
        *_rows("case.withdraw", "clerk", relation="starting_institution"),
        *_rows("case.contest", "physician", relation="own_case"),
        *_rows("case.timeline", "physician", relation="own_case"),
    ],
    RELATIONS,
)

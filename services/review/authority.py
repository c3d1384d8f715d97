"""Who may do what in `review`: one row an action, role and relation to the case. What has no row is refused.

Which step an institution or authority may take in which state stands in the workflow's own table; here stands whose
business a case is at all.
"""

from __future__ import annotations

from typing import Any

from shared.platform.authorisation import AuthorityTable, Row
from shared.platform.identity import Actor

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
    tiers = case.policy.texts("review.pre_tiers")
    reviewing = {found.id for tier in tiers if (found := case.institution.authority_of(tier)) is not None}
    return actor.organisation_kind == "authority" and actor.organisation_id in reviewing


def superior_authority(actor: Actor, case: Any) -> bool:
    """Whether the caller's authority stands above the competent one: it may look, not act."""
    above = {brief["id"] for brief in case.institution.snapshot.get("superiors", ())}
    return actor.organisation_kind == "authority" and actor.organisation_id in above


def hears_opinions(actor: Any, case: Any) -> bool:
    """Whether the caller may know what one authority told another about a case (复核意见).

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
}


def _rows(action: str, *roles: str, relation: str = "any") -> tuple[Row, ...]:
    return tuple(Row(action, role, relation) for role in roles)


AUTHORITY = AuthorityTable(
    "review",
    [
        *_rows("task.list", *STAFF_ROLES),
        *_rows("task.next", *STAFF_ROLES),
        *_rows("task.claim", "clerk", relation="own_institution"),
        *_rows("task.claim", *AUTHORITY_ROLES, relation="competent_authority"),
        *_rows("task.claim", "officer", "head", relation="reviewing_authority"),
        *_rows("task.release", "clerk", relation="own_institution"),
        *_rows("task.release", *AUTHORITY_ROLES, relation="competent_authority"),
        *_rows("task.release", "officer", "head", relation="reviewing_authority"),
        *_rows("case.view", "clerk", relation="own_institution"),
        *_rows("case.view", *AUTHORITY_ROLES, relation="competent_authority"),
        *_rows("case.view", "officer", "head", relation="reviewing_authority"),
        *_rows("case.view", "officer", "head", relation="superior_authority"),
        *_rows("case.receive_paper", *AUTHORITY_ROLES, relation="competent_authority"),
        *_rows("case.decide", "clerk", relation="own_institution"),
        *_rows("case.decide", *AUTHORITY_ROLES, relation="competent_authority"),
        *_rows("case.decide", "officer", "head", relation="reviewing_authority"),
        *_rows("case.withdraw", "physician", relation="own_case"),
        *_rows("case.timeline", "physician", relation="own_case"),
    ],
    RELATIONS,
)

"""Who may do what in `applications`: one row an action, role and relation. What has no row is refused."""

from __future__ import annotations

from typing import Any

from shared.platform.authorisation import AuthorityTable, Row
from shared.platform.identity import Actor
from shared.trade.divisions import contains, path_of

AUTHORITY_ROLES = ("window", "officer", "head")
STAFF_ROLES = ("clerk", *AUTHORITY_ROLES, "examiner", "administrator")
EVERYBODY = ("visitor", "physician", *STAFF_ROLES)


def own(actor: Actor, record: Any) -> bool:
    """Whether the record is about the caller."""
    return actor.kind == "person" and actor.id == f"person:{record.person_id}"


def target_institution(actor: Actor, record: Any) -> bool:
    """Whether the caller's institution is the one that the application, once submitted, or the registration names."""
    return (
        actor.organisation_kind == "institution"
        and record.is_public_to_staff
        and actor.organisation_id is not None
        and actor.organisation_id == record.institution_id
    )


def competent_authority(actor: Actor, record: Any) -> bool:
    """Whether the caller's authority decides on the record, stands above the one that does, or looks at it before.

    The last is the authority of the place where the institution stands (policy `review.pre_tiers`).
    """
    if actor.organisation_kind != "authority" or not actor.division or not record.is_public_to_staff:
        return False
    return any(contains(path_of_actor(actor), path) for path in record.reviewing_paths)


def path_of_actor(actor: Actor) -> str:
    """The caller's division as a path, whether the context gives it as one or as a code."""
    return actor.division if "/" in actor.division else path_of(actor.division)


RELATIONS = {
    "own": own,
    "target_institution": target_institution,
    "competent_authority": competent_authority,
}


def _rows(action: str, *roles: str, relation: str = "any") -> tuple[Row, ...]:
    return tuple(Row(action, role, relation) for role in roles)


def _readers(action: str) -> tuple[Row, ...]:
    """Those who see a record: its person, the institution it names, the authorities that deal with it."""
    return (
        *_rows(action, "physician", relation="own"),
        *_rows(action, "clerk", relation="target_institution"),
        *_rows(action, *AUTHORITY_ROLES, relation="competent_authority"),
    )


AUTHORITY = AuthorityTable(
    "applications",
    [
        *_rows("business.list", *EVERYBODY),
        *_rows("business.readiness", "physician"),
        *_rows("application.start", "physician"),
        *_rows("application.list", "physician"),
        *_readers("application.read"),
        *_rows("application.edit", "physician", relation="own"),
        *_rows("application.submit", "physician", relation="own"),
        *_rows("application.supplement", "physician", relation="own"),
        *_rows("material.upload", "physician", relation="own"),
        *_rows("material.attach", "physician", relation="own"),
        *_readers("material.read"),
        *_readers("registration.read"),
        *_readers("registration.list"),
        *_rows("certificate.list", "physician"),
        *_readers("certificate.document"),
        *_rows("seniority.read", "physician"),
        *_rows("public.search", *EVERYBODY),
        *_rows("public.check", *EVERYBODY),
    ],
    RELATIONS,
)

"""Who may do what in `applications`: one row an action, role and relation. What has no row is refused."""

from __future__ import annotations

from typing import Any

from shared.platform.authorisation import AuthorityTable, Row
from shared.platform.identity import Actor
from shared.trade.divisions import contains, path_of

AUTHORITY_ROLES = ("window", "officer", "head")
STAFF_ROLES = ("clerk", *AUTHORITY_ROLES, "examiner", "administrator", "security")
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
    """Whether the caller's authority approved the institution, and so decides (医师执业注册管理办法 art.9)."""
    return (
        actor.organisation_kind == "authority"
        and record.is_public_to_staff
        and actor.organisation_id is not None
        and actor.organisation_id == record.competent_authority
    )


def reviewing_authority(actor: Actor, record: Any) -> bool:
    """Whether the caller's authority is one of those that look at the case before the decision, by policy."""
    return (
        actor.organisation_kind == "authority"
        and record.is_public_to_staff
        and actor.organisation_id in record.reviewing_authorities
    )


def keeping_authority(actor: Actor, record: Any) -> bool:
    """Whether the caller's authority keeps the registration, or stands above the one that does."""
    if actor.organisation_kind != "authority" or not actor.division:
        return False
    return contains(path_of_actor(actor), record.authority_path)


def path_of_actor(actor: Actor) -> str:
    """The caller's division as a path, whether the context gives it as one or as a code."""
    return actor.division if "/" in actor.division else path_of(actor.division)


RELATIONS = {
    "own": own,
    "target_institution": target_institution,
    "competent_authority": competent_authority,
    "reviewing_authority": reviewing_authority,
    "keeping_authority": keeping_authority,
}


def _rows(action: str, *roles: str, relation: str = "any") -> tuple[Row, ...]:
    return tuple(Row(action, role, relation) for role in roles)


def _case_readers(action: str) -> tuple[Row, ...]:
    """Those who see an application: its person, the institution it names, the authorities that deal with its case."""
    return (
        *_rows(action, "physician", relation="own"),
        *_rows(action, "clerk", relation="target_institution"),
        *_rows(action, *AUTHORITY_ROLES, relation="competent_authority"),
        *_rows(action, "officer", "head", relation="reviewing_authority"),
    )


def _register_readers(action: str) -> tuple[Row, ...]:
    """Those who see a registration: its person, its institution, the authority that keeps it and those above."""
    return (
        *_rows(action, "physician", relation="own"),
        *_rows(action, "clerk", relation="target_institution"),
        *_rows(action, *AUTHORITY_ROLES, relation="keeping_authority"),
    )


AUTHORITY = AuthorityTable(
    "applications",
    [
        *_rows("business.list", *EVERYBODY),
        *_rows("business.readiness", "physician"),
        *_rows("application.start", "physician"),
        *_rows("application.list", "physician"),
        *_case_readers("application.read"),
        *_rows("application.edit", "physician", relation="own"),
        *_rows("application.submit", "physician", relation="own"),
        *_rows("application.supplement", "physician", relation="own"),
        *_rows("material.upload", "physician", relation="own"),
        *_rows("material.attach", "physician", relation="own"),
        *_case_readers("material.read"),
        *_register_readers("registration.read"),
        *_register_readers("registration.list"),
        *_rows("certificate.list", "physician"),
        *_register_readers("certificate.document"),
        *_rows("seniority.read", "physician"),
        *_rows("public.search", *EVERYBODY),
        *_rows("public.check", *EVERYBODY),
    ],
    RELATIONS,
)

"""Who may do what in `accounts`: one row an action, role and relation. What has no row is refused."""

from __future__ import annotations

from typing import Any

from shared.platform.authorisation import AuthorityTable, Row
from shared.platform.identity import Actor

STAFF_ROLES = ("clerk", "window", "officer", "head", "examiner", "administrator", "security")
SIGNED_IN = ("physician", *STAFF_ROLES)
EVERYBODY = ("visitor", *SIGNED_IN)


def is_gateway(actor: Actor, record: Any) -> bool:
    """Whether the gateway asks, which alone knows a client's address and holds session secrets."""
    return actor.id == "service:gateway"


def knows_applicants(actor: Actor, record: Any) -> bool:
    """Whether the service asks that keeps applications and the register, the one that must know who applies."""
    return actor.id == "service:applications"


def is_own(actor: Actor, record: Any) -> bool:
    """Whether the record's person is the caller."""
    return actor.kind == "person" and actor.id == f"person:{record.person_id}"


def is_own_staff_account(actor: Actor, record: Any) -> bool:
    """Whether the record is the calling staff member's own account."""
    return actor.kind == "staff" and actor.account_id == record.account_id


RELATIONS = {
    "is_gateway": is_gateway,
    "knows_applicants": knows_applicants,
    "is_own": is_own,
    "is_own_staff_account": is_own_staff_account,
}


def _rows(action: str, *roles: str, relation: str = "any") -> tuple[Row, ...]:
    return tuple(Row(action, role, relation) for role in roles)


AUTHORITY = AuthorityTable(
    "accounts",
    [
        *_rows("context.visitor", "service", relation="is_gateway"),
        *_rows("context.renew", "service", relation="is_gateway"),
        *_rows("captcha.new", *EVERYBODY),
        *_rows("captcha.pass", *EVERYBODY),
        *_rows("account.sign_up", *EVERYBODY),
        *_rows("session.open", *EVERYBODY),
        *_rows("session.close", *EVERYBODY),
        *_rows("session.close", "service", relation="is_gateway"),
        *_rows("account.see", "physician", relation="is_own"),
        *_rows("account.see", *STAFF_ROLES, relation="is_own_staff_account"),
        *_rows("account.recognise", "physician", relation="is_own"),
        *_rows("account.bind_phone", "physician", relation="is_own"),
        *_rows("account.activate", "physician", relation="is_own"),
        *_rows("account.report_old_policy", "physician", relation="is_own"),
        *_rows("account.access_log", "physician", relation="is_own"),
        *_rows("person.read", "service", relation="knows_applicants"),
        *_rows("organisation.read", *EVERYBODY, "service", "operator"),
    ],
    RELATIONS,
)

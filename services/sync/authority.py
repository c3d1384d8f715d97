"""Who may do what in `sync`: one row an action, role and relation. What has no row is refused."""

from __future__ import annotations

from typing import Any

from shared.platform.authorisation import AuthorityTable, Row
from shared.platform.identity import Actor

OPERATORS = ("examiner", "administrator", "operator")
EVERYBODY = ("visitor", "physician", "clerk", "window", "officer", "head", "examiner", "administrator")


def is_accounts(actor: Actor, record: Any) -> bool:
    """Whether the service asks that knows whose account it is; nobody else may ask by name and ID."""
    return actor.id == "service:accounts"


def keeps_copies(actor: Actor, record: Any) -> bool:
    """Whether the service asks that rests its own records on qualifications."""
    return actor.id in ("service:accounts", "service:applications")


RELATIONS = {"is_accounts": is_accounts, "keeps_copies": keeps_copies}


def _rows(action: str, *roles: str, relation: str = "any") -> tuple[Row, ...]:
    return tuple(Row(action, role, relation) for role in roles)


AUTHORITY = AuthorityTable(
    "sync",
    [
        *_rows("qualification.match", "service", relation="is_accounts"),
        *_rows("qualification.prove", "service", relation="is_accounts"),
        *_rows("qualification.publish_waiting", "service", relation="is_accounts"),
        *_rows("qualification.read", "service", relation="keeps_copies"),
        *_rows("qualification.change", *OPERATORS),
        *_rows("calendar.read", *EVERYBODY, "service", "operator"),
        *_rows("batch.read", *OPERATORS),
        *_rows("batch.import", *OPERATORS),
        *_rows("batch.publish", *OPERATORS),
        *_rows("batch.undo", *OPERATORS),
        *_rows("gate.open", *OPERATORS),
        *_rows("quarantine.read", *OPERATORS),
        *_rows("quarantine.reveal", *OPERATORS),
        *_rows("quarantine.decide", *OPERATORS),
    ],
    RELATIONS,
)

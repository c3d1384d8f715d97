"""Who may do what in `sync`: one row an action, role and relation. What has no row is refused.

Exam data belongs to the exam centre alone: a health authority registers physicians and decides nothing here, whatever
its staff's role (`domain.md` §6).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from shared.platform.authorisation import AuthorityTable, Row
from shared.platform.identity import Actor
from shared.trade.divisions import province_of

OPERATORS = ("examiner", "operator")
EVERYBODY = ("visitor", "physician", "clerk", "window", "officer", "head", "examiner", "administrator", "security")


def is_accounts(actor: Actor, record: Any) -> bool:
    """Whether the service asks that knows whose account it is; nobody else may ask by name and ID."""
    return actor.id == "service:accounts"


def keeps_copies(actor: Actor, record: Any) -> bool:
    """Whether the service asks that rests its own records on qualifications."""
    return actor.id in ("service:accounts", "service:applications")


def runs_regions(actor: Actor, regions: Collection[str]) -> bool:
    """Whether the caller runs the exam in all these regions (`domain.md` §6.4).

    A region's desk opens its own region's gate, the national centre's (国家医学考试中心) any, which may have its seat
    in the same region. Who doesn't say which of the two they act for opens none.
    """
    if actor.organisation_kind != "exam_centre" or not actor.division:
        return False
    if actor.organisation_scope == "national":
        return True
    return actor.organisation_scope == "region" and set(regions) == {province_of(actor.division)}


RELATIONS = {"is_accounts": is_accounts, "keeps_copies": keeps_copies, "runs_regions": runs_regions}


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
        *_rows("gate.open", "examiner", relation="runs_regions"),
        *_rows("gate.open", "operator"),
        *_rows("quarantine.read", *OPERATORS),
        *_rows("quarantine.reveal", *OPERATORS),
        *_rows("quarantine.decide", *OPERATORS),
    ],
    RELATIONS,
)

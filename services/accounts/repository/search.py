"""Institutions by a part of their name: one page by keyset, the nearest names first (design D17).

`search_name` is the name without spaces and case. A part in the middle of a name reads the column from end to end:
with 60,000 institutions, more than most provinces have, that took 15 ms of the processor on SQLite and 40 ms on a busy
PostgreSQL. A trigram index, where the database has one, would carry the same query further.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from shared.platform.errors import InvalidInput
from shared.trade.institutions import LicenceNumber

from ..domain.organisations import Institution, searchable
from ..models import InstitutionRow
from .organisations import institution_of

EXACT_UP_TO = 100


@dataclass(frozen=True)
class Page:
    """One page of what fits, and how much there is."""

    items: list[Institution]
    next: str | None
    count: int
    more: bool


def search_institutions(session: Session, *, q: str, division: str | None, after: str | None, limit: int) -> Page:
    """Institutions whose name contains `q`, or whose licence number it is, at or below a division path."""
    part = searchable(q)
    conditions = _conditions(q, part, division)
    rank = _rank(part)
    query = select(InstitutionRow, rank.label("rank")).where(*conditions)
    if after is not None:
        rank_before, name_before, id_before = _read_cursor(session, after)
        query = query.where(_later(rank, rank_before, name_before, id_before))
    # Without a part all ranks are equal, and the index alone gives the order.
    nearest = (rank,) if part else ()
    query = query.order_by(*nearest, InstitutionRow.search_name, InstitutionRow.id).limit(limit + 1)
    found = session.execute(query).all()
    count = (
        session.scalar(
            select(func.count()).select_from(
                select(InstitutionRow.id).where(*conditions).limit(EXACT_UP_TO + 1).subquery()
            )
        )
        or 0
    )
    page = found[:limit]
    cursor = _cursor(page[-1][1], page[-1][0]) if len(found) > limit else None
    return Page([institution_of(row) for row, _ in page], cursor, min(count, EXACT_UP_TO), count > EXACT_UP_TO)


def _conditions(q: str, part: str, division: str | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if division is not None:
        below = InstitutionRow.division.startswith(f"{division}/", autoescape=True)
        conditions.append(or_(InstitutionRow.division == division, below))
    number = _licence_number(q)
    if number is not None:
        conditions.append(InstitutionRow.licence_number == number)
    elif part:
        conditions.append(InstitutionRow.search_name.contains(part, autoescape=True))
    return conditions


def _licence_number(q: str) -> str | None:
    try:
        return LicenceNumber.parse(q).value
    except InvalidInput:
        return None


def _rank(part: str) -> ColumnElement[int]:
    """0 for the very name, 1 for names that begin so, 2 for the rest."""
    if not part:
        return literal(2)
    return case(
        (InstitutionRow.search_name == part, 0),
        (InstitutionRow.search_name.startswith(part, autoescape=True), 1),
        else_=2,
    )


def _later(rank: ColumnElement[int], rank_before: int, name_before: str, id_before: UUID) -> ColumnElement[bool]:
    return or_(
        rank > rank_before,
        and_(
            rank == rank_before,
            or_(
                InstitutionRow.search_name > name_before,
                and_(InstitutionRow.search_name == name_before, InstitutionRow.id > id_before),
            ),
        ),
    )


def _cursor(rank: int, row: InstitutionRow) -> str:
    return f"{rank}.{row.id.hex}"


def _read_cursor(session: Session, text: str) -> tuple[int, str, UUID]:
    """The place in the order that a cursor names; the name is read anew, as a cursor must not carry it."""
    rank, _, hexadecimal = text.partition(".")
    try:
        row_id = UUID(hexadecimal)
        name = session.scalar(select(InstitutionRow.search_name).where(InstitutionRow.id == row_id))
        if name is None:
            raise ValueError("no such institution")
        return int(rank), name, row_id
    except ValueError as error:
        raise InvalidInput("invalid_input", fields={"after": ["cursor_invalid"]}) from error

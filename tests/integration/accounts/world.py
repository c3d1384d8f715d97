"""What the tests of the database put into it, and how they look at what is there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import orjson
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.accounts.domain.account import Account, AccountState
from services.accounts.domain.credentials import Credentials
from services.accounts.domain.identity import Identity, Person
from services.accounts.unit_of_work import AccountsUnitOfWork
from shared.platform.errors import DomainError
from shared.platform.ids import new_id
from shared.platform.platform_tables import outbox
from shared.trade.names import PersonName
from shared.trade.resident_id import ResidentId
from tests.unit.accounts.makers import NOW, A


def enter_person(
    uow: AccountsUnitOfWork,
    *,
    id_number: str = A,
    name: str = "王小明",
    login_name: str = "xiaoming",
    phone: str = "13800000001",
) -> Account:
    """A person with an account just opened; the caller commits."""
    identity = Identity(PersonName.parse(name), "resident_id", ResidentId.parse(id_number))
    person = Person(new_id(), 1, identity, "43")
    account = Account(
        id=new_id(),
        person_id=person.id,
        version=1,
        state=AccountState.CREATED,
        province="43",
        login_name=login_name,
        phone=phone,
        email="someone@example.org",
        consent_version="2022-1",
        opened_at=NOW,
    )
    uow.persons.add(person, now=NOW)
    uow.credentials.add(Credentials(account.id, "person", login_name, "no hash"), now=NOW)
    uow.accounts.add(account)
    return account


def news(session: Session) -> list[tuple[str, dict[str, Any]]]:
    """Type and data of everything that was announced, in order."""
    rows = session.execute(select(outbox.c.type, outbox.c.envelope).order_by(outbox.c.position)).all()
    return [(row.type, orjson.loads(row.envelope)["data"]) for row in rows]


def everything_stored(session: Session) -> str:
    """All columns of all tables as one text, for tests that look for what must not be there."""
    if session.get_bind().dialect.name == "sqlite":
        tables = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
    else:
        tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    return "\n".join(
        repr(tuple(row)) for table in tables for row in session.execute(text(f'SELECT * FROM "{table}"')).all()
    )


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Run acts in threads that start together; each one's result, or its refusal."""
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int) -> None:
        start.wait()
        try:
            results[number] = acts[number]()
        except DomainError as refusal:
            results[number] = refusal

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return results

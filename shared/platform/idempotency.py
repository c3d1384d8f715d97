"""A command that is sent twice takes effect once and gets the same answer twice (design D12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import orjson
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .bus.codec import codec_of
from .bus.headers import IDEMPOTENCY
from .bus.interception import RpcCall, WireAnswer
from .clock import now
from .crypto import KeyRing, storage_ring
from .engine import Database
from .errors import Conflict, InvalidInput, Unavailable
from .platform_tables import idempotency
from .work_context import WorkContext

#: How long a key is remembered.
KEEP: Final = timedelta(days=7)
LONGEST_KEY: Final = 200
_PURPOSE: Final = "idempotency"
_KEPT: Final = "answer_kept"


class AnsweredMeanwhile(Exception):
    """The same command was carried out at the same time by another worker; this one undoes its work."""


def applies_to(call: RpcCall) -> bool:
    """Whether the call changes something and its caller gave it a key."""
    return call.contract.writes and bool(call.headers.get(IDEMPOTENCY))


def answer_once(database: Database, context: WorkContext, call: RpcCall, proceed: Callable[[], object]) -> object:
    """Carry the command out unless it was already, and answer what was answered then.

    The same key with another command is `Conflict("idempotency_conflict")`. Of two that run at once only one is
    committed; the other gets its answer.
    """
    key = context.idempotency_key
    if key is None or not isinstance(key, str) or len(key) > LONGEST_KEY:
        raise InvalidInput("idempotency_key_invalid", longest=LONGEST_KEY)
    fingerprint = _fingerprint(context, call)
    if (stored := _stored(database, context, key, fingerprint)) is not None:
        return stored
    try:
        result = proceed()
    except Exception as error:
        # Whoever lost the race may have found the record changed, or the key taken: the winner's answer is the answer.
        stored = None if isinstance(error, Unavailable) else _stored(database, context, key, fingerprint)
        if stored is None:
            raise
        return stored
    if not getattr(call.worker_ctx, _KEPT, False) and not isinstance(result, WireAnswer):
        return _keep_afterwards(database, context, call, key, fingerprint, result)
    return result


def keep_answer(session: Session, context: WorkContext, answer: object, *, answered: bool) -> None:
    """Store the answer of the RPC at work in the transaction of its change, if there is an RPC with a key.

    With or without a key the answer is put into wire form now, and read as the caller will: one that is not of its
    contract's form fails before the commit.
    """
    call = context.call
    if call is None or (not answered and call.contract.answer is not None):
        return
    wire = call.dump(answer)
    try:
        codec_of(call.contract).load_answer(wire)
    except InvalidInput as error:
        wrong = ", ".join(sorted(error.facts.get("fields", {})))
        raise TypeError(f"{call.contract.path}: the answer given to commit has wrong {wrong}") from error
    if context.idempotency_key is None or not applies_to(call):
        return
    try:
        _insert(session, context, call, context.idempotency_key, _fingerprint(context, call), wire)
    except IntegrityError as error:
        raise AnsweredMeanwhile(call.contract.path) from error
    setattr(call.worker_ctx, _KEPT, True)


def purge(session: Session) -> int:
    """Forget the keys older than `KEEP`; how many."""
    gone = session.execute(delete(idempotency).where(idempotency.c.stored_at < now() - KEEP))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


def _stored(database: Database, context: WorkContext, key: str, fingerprint: str) -> WireAnswer | None:
    with database.transaction(read_only=True) as session:
        row = session.execute(
            select(idempotency.c.fingerprint, idempotency.c.answer).where(
                idempotency.c.actor == context.actor, idempotency.c.key == key
            )
        ).one_or_none()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise Conflict("idempotency_conflict")
    return WireAnswer(orjson.loads(_ring(context).open(row.answer, purpose=_PURPOSE)))


def _keep_afterwards(
    database: Database, context: WorkContext, call: RpcCall, key: str, fingerprint: str, result: object
) -> object:
    """A command that had nothing to commit (it was done already) still answers the same the next time."""
    try:
        with database.transaction() as session:
            _insert(session, context, call, key, fingerprint, call.dump(result))
            session.commit()
    except IntegrityError:
        pass  # another worker was quicker: its answer is the answer
    return _stored(database, context, key, fingerprint) or result


def _insert(session: Session, context: WorkContext, call: RpcCall, key: str, fingerprint: str, wire: Any) -> None:
    session.execute(
        insert(idempotency).values(
            actor=context.actor,
            key=key,
            method=call.contract.path,
            fingerprint=fingerprint,
            answer=_ring(context).seal(orjson.dumps(wire).decode(), purpose=_PURPOSE),
            stored_at=now(),
        )
    )


def _fingerprint(context: WorkContext, call: RpcCall) -> str:
    """A keyed hash over the opened command: sealed fields differ in every message, though the command is the same."""
    meant = {name: value for name, value in call.command.items() if name not in call.contract.varies}
    command = orjson.dumps(meant, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=_plain)
    return _ring(context).index(f"{call.contract.path} {command.decode()}", purpose=_PURPOSE)


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return str(value)


def _ring(context: WorkContext) -> KeyRing:
    return storage_ring(context.service)

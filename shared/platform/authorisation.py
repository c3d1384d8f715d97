"""Who may do what to which record: one declarative table a service, action × role × relation, failing closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from nameko.extensions import DependencyProvider

from .bus.headers import CORRELATION, IDENTITY
from .bus.interception import RpcCall, WireAnswer
from .config import settings_of
from .errors import NotFound, PermissionDenied, Unauthenticated
from .identity import Actor, service_actor, verifier
from .logging import bound

ANY: Final = "any"
Relation = Callable[[Actor, Any], bool]


class AuthorityFault(Exception):
    """The table, or an entry point's use of it, is wrong: a fault of the program, never of the caller."""


@dataclass(frozen=True)
class Row:
    """One cell that is allowed: `role` may do `action` to a record that stands to them in `relation`."""

    action: str
    role: str
    relation: str = ANY


class AuthorityTable:
    """All that anyone may do in one service. What has no row is refused."""

    def __init__(self, service: str, rows: Iterable[Row], relations: Mapping[str, Relation] | None = None) -> None:
        """`relations` maps each name used in `rows` to a pure function of actor and record."""
        self.service = service
        self.rows = tuple(rows)
        self.relations = dict(relations or {})
        if len(set(self.rows)) != len(self.rows):
            raise AuthorityFault(f"{service}: a row stands twice")
        if unknown := {row.relation for row in self.rows} - set(self.relations) - {ANY}:
            raise AuthorityFault(f"{service}: unknown relations {sorted(unknown)}")
        self._allowed: dict[tuple[str, str], tuple[str, ...]] = {}
        for row in self.rows:
            key = row.action, row.role
            self._allowed[key] = (*self._allowed.get(key, ()), row.relation)
        self.actions = frozenset(row.action for row in self.rows)

    def relations_for(self, action: str, role: str) -> tuple[str, ...]:
        """The relations of which one has to hold; `PermissionDenied("role_not_allowed")` where the role has no row."""
        found = self._allowed.get((action, role))
        if found is None:
            raise PermissionDenied("role_not_allowed")
        return found

    def holds(self, relation: str, actor: Actor, record: Any) -> bool:
        """Whether `actor` stands in `relation` to `record`."""
        return relation == ANY or self.relations[relation](actor, record)


class ActingActor:
    """The caller of one piece of work: an `Actor`'s attributes, and `require` for the action that is being done."""

    def __init__(self, actor: Actor, table: AuthorityTable, action: str | None = None) -> None:
        self.actor = actor
        self.action = action
        self._table = table
        self._relations = () if action is None else table.relations_for(action, actor.role)
        self.is_checked = action is None or ANY in self._relations

    def require(self, record: Any, *, hide: bool = False) -> None:
        """Refuse unless the caller stands to `record` as the table asks for this action.

        `hide` answers `NotFound`, where even the record's existence is not the caller's business. Call it before the
        commit: what was not checked is never answered, but it would stand.
        """
        if self.action is None:
            raise AuthorityFault("require() belongs to an RPC with an action")
        if not any(self._table.holds(relation, self.actor, record) for relation in self._relations):
            raise NotFound("not_found") if hide else PermissionDenied("not_allowed")
        self.is_checked = True

    def may(self, action: str, record: Any) -> bool:
        """Whether the caller could do `action` to `record`; for views that say which buttons there are."""
        try:
            relations = self._table.relations_for(action, self.actor.role)
        except PermissionDenied:
            return False
        return any(self._table.holds(relation, self.actor, record) for relation in relations)

    def filter_only(self) -> None:
        """Say that this worker answers a list whose query was already narrowed to what the caller may see."""
        self.is_checked = True

    @property
    def kind(self) -> str:
        """`person`, `staff`, `visitor`, `service` or `operator`."""
        return self.actor.kind

    @property
    def id(self) -> str:
        """`kind:name`, opaque to everybody else."""
        return self.actor.id

    @property
    def subject_id(self) -> UUID:
        """The identifier in `id`, for a person or a member of staff."""
        return self.actor.subject_id

    @property
    def role(self) -> str:
        """The role the caller acts in."""
        return self.actor.role

    @property
    def account_id(self) -> UUID | None:
        """The account that is signed in."""
        return self.actor.account_id

    @property
    def session_id(self) -> UUID | None:
        """The session that the context is bound to."""
        return self.actor.session_id

    @property
    def organisation_id(self) -> UUID | None:
        """The organisation that the caller acts for."""
        return self.actor.organisation_id

    @property
    def organisation_kind(self) -> str | None:
        """`institution` or `authority`."""
        return self.actor.organisation_kind

    @property
    def organisation_scope(self) -> str | None:
        """How far the organisation's acts reach, where its kind and division don't say it."""
        return self.actor.organisation_scope

    @property
    def division(self) -> str:
        """The division path that the organisation answers for."""
        return self.actor.division

    @property
    def factors(self) -> frozenset[str]:
        """The factors passed at login."""
        return self.actor.factors

    @property
    def captcha(self) -> str | None:
        """The id of the captcha passed in this context; its user lets each id serve once."""
        return self.actor.captcha

    @property
    def address(self) -> str:
        """A keyed hash of the client's address, for rate limits."""
        return self.actor.address

    @property
    def activated(self) -> bool:
        """Whether the person's account is activated."""
        return self.actor.activated

    @property
    def province(self) -> str:
        """The province that the caller's organisation or account belongs to."""
        return self.actor.province


class ActorProvider(DependencyProvider):
    """Gives a worker its `ActingActor` and guards every RPC with the service's table.

    A worker that no RPC started (an event, a timer) acts as the service itself.
    """

    order = 10  # outermost: nothing else of an RPC runs for a caller who has no row

    def __init__(self, table: AuthorityTable) -> None:
        self.table = table

    def setup(self) -> None:
        """Read the public keys at start, so that missing ones stop the service before it takes work."""
        service = settings_of(self.container).service
        if service != self.table.service:
            raise AuthorityFault(f"{service} was given the table of {self.table.service}")
        self.own = ActingActor(service_actor(service), self.table)
        self.verifier = verifier()

    def get_dependency(self, worker_ctx: Any) -> ActingActor:
        """The service itself, until `around_rpc` has verified who calls."""
        return self.own

    def around_rpc(self, call: RpcCall, proceed: Callable[[], object]) -> object:
        """Verify the caller, look for the row, run the method, and see that a related row was really checked.

        Every line that is logged meanwhile carries the correlation id of the call.
        """
        token = call.headers.get(IDENTITY)
        if not token:
            raise Unauthenticated("identity_missing")
        actor = self.verifier.verify(token)
        acting = ActingActor(actor, self.table, call.action)
        call.worker_ctx.actor = actor
        setattr(call.worker_ctx.service, self.attr_name, acting)
        with bound(correlation_id=call.headers.get(CORRELATION), service=self.table.service):
            result = proceed()
        if not acting.is_checked and not isinstance(result, WireAnswer):
            raise AuthorityFault(f"{self.table.service}: {call.action} was answered without require()")
        return result


def actor_of(worker_ctx: Any) -> Actor:
    """Who this worker acts for: the verified caller of an RPC, else the service itself."""
    found = getattr(worker_ctx, "actor", None)
    return found if isinstance(found, Actor) else service_actor(str(worker_ctx.service_name))

"""What the entry points of `review` are given besides the platform's parts: workflows, policies, who staff are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from nameko.extensions import DependencyProvider

from shared.platform.config import settings_of
from shared.platform.errors import Conflict
from shared.platform.logging import get_logger
from shared.platform.working_days import working_days
from shared.trade import policy as province_policy
from shared.trade.divisions import province_of

from .domain.case import Policy
from .workflow_files import Workflows

_log = get_logger(__name__)

_KNOWN_FOR: Final = timedelta(minutes=10)


class WorkflowsProvider(DependencyProvider):
    """Gives a worker `self.workflows`."""

    def setup(self) -> None:
        """Read the workflow files at start, so that a wrong one stops the service before it takes work."""
        self.workflows = Workflows.load()

    def get_dependency(self, worker_ctx: Any) -> Workflows:
        """The same for every worker."""
        return self.workflows


class Policies:
    """The policies of the deployment's provinces."""

    def __init__(self, files: province_policy.Policy) -> None:
        self._day = lru_cache(maxsize=64)(files.at)

    def at(self, day: date, division: str) -> Policy:
        """The policy in force on a day, with the values that hold in a division: what receipt pins (design §2)."""
        on_the_day = self._day(day)
        version = on_the_day.version(province_of(division))
        return Policy(version.number, version.digest, version.on, on_the_day.values(division))

    def pinned(self, number: str, digest: str, day: date, division: str) -> Policy:
        """The policy that another service has pinned, with the values that hold in a division.

        `Conflict("policy_differs")` where our files say something else for that day: a case is never decided under
        another policy than the one it was judged under. The news waits then, and is a dead letter at last, until both
        services have the same files.
        """
        on_the_day = self._day(day)
        own = on_the_day.version(province_of(division))
        if own.digest != digest:
            _log.error(
                "policy_differs", pinned=number, pinned_hash=digest, own=own.number, own_hash=own.digest, on=str(day)
            )
            raise Conflict("policy_differs", pinned=number, own=own.number, on=day.isoformat())
        return Policy(number, digest, day, on_the_day.values(division))


class PoliciesProvider(DependencyProvider):
    """Gives a worker `self.policies`."""

    def setup(self) -> None:
        """Read policies and calendar at start, so that a wrong file stops the service before it takes work."""
        settings = settings_of(self.container)
        working_days()
        self.policies = Policies(province_policy.Policy.load(settings.provinces_dir, settings.provinces))

    def get_dependency(self, worker_ctx: Any) -> Policies:
        """The same for every worker."""
        return self.policies


class StaffPersons:
    """Which human being a member of staff is, where `accounts` knows: nobody decides their own application (回避)."""

    def __init__(self) -> None:
        self._known: dict[UUID, tuple[UUID, datetime]] = {}

    def person_of(self, account_id: UUID, ask: Callable[[], UUID | None]) -> UUID | None:
        """The person behind an account; `ask` is called when none is known from the last ten minutes.

        That there is none is not remembered: a member of staff may become an applicant at any moment.
        """
        moment = datetime.now(UTC)
        known = self._known.get(account_id)
        if known is not None and known[1] > moment:
            return known[0]
        person_id = ask()
        self._known = {key: value for key, value in self._known.items() if value[1] > moment}
        if person_id is not None:
            self._known[account_id] = (person_id, moment + _KNOWN_FOR)
        return person_id


class StaffPersonsProvider(DependencyProvider):
    """Gives a worker `self.staff_persons`."""

    def setup(self) -> None:
        """One memory a process."""
        self.persons = StaffPersons()

    def get_dependency(self, worker_ctx: Any) -> StaffPersons:
        """The same for every worker."""
        return self.persons

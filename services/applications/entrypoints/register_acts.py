"""What an authority enters into a registration that it keeps: suspension, periodic assessment (`domain.md` §3.12)."""

from __future__ import annotations

from typing import Any

from shared.contracts import applications as contracts
from shared.platform.bus import rpc
from shared.platform.errors import InvalidInput
from shared.platform.ids import new_id

from ..domain.effect import Changes
from ..domain.register_acts import PeriodicAssessment, suspended
from ..enacting import enact
from .base import ApplicationsWork
from .reports import entered, registration_view, require_version


class RegisterActs(ApplicationsWork):
    """Entries of the keeping authority."""

    @rpc(contracts.SUSPEND, action="registration.suspend")
    def suspend(self, command: dict[str, Any]) -> dict[str, Any]:
        """暂停执业: by a penalty, or after a failed assessment."""
        now, today = self._now()
        with self.unit_of_work() as uow:
            found = uow.register.get(command["registration_id"])
            self.actor.require(found, hide=True)
            require_version(found, command["version"])
            number = command["decision_number"]
            turn = suspended(found, command["since"], command["until"], command["cause"], number, today=today)
            enact(uow, Changes(turns=(turn,)), None, entered(found, number, command["since"]), now)
            view = registration_view(uow, found.id, now, today)
            uow.commit(view)
        return view

    @rpc(contracts.ENTER_ASSESSMENT, action="registration.assess")
    def enter_assessment(self, command: dict[str, Any]) -> dict[str, Any]:
        """The result of 定期考核; passed since a suspension began, it lets that end on its day (E49)."""
        now, today = self._now()
        if command["assessed_on"] > today:
            raise InvalidInput("invalid_input", fields={"assessed_on": ["date_in_future"]})
        with self.unit_of_work() as uow:
            found = uow.register.get(command["registration_id"])
            self.actor.require(found, hide=True)
            require_version(found, command["version"])
            uow.practice.add(
                PeriodicAssessment(
                    id=new_id(),
                    registration_id=found.id,
                    assessed_on=command["assessed_on"],
                    passed=command["passed"],
                    authority_id=found.standing.authority_id,
                ),
                at=now,
            )
            view = registration_view(uow, found.id, now, today)
            uow.commit(view)
        return view

"""The signed-in caller's own account: what it is, which qualifications it has, who looked at it."""

from __future__ import annotations

from typing import Any

from shared.contracts import accounts as contracts
from shared.contracts import sync
from shared.platform.bus import rpc
from shared.platform.errors import Conflict
from shared.platform.working_days import local_date

from ..domain.account import Account, keep_ticket, recognise
from ..domain.identity import Person, old_policy_case
from ..domain.proofs import TICKET, read_proof
from ..news import tell_recognised
from ..views import me_of_person, me_of_staff
from .proofs import ProofWork


class OwnAccount(ProofWork):
    """Steps 7 and 8b of domain §2.1, and the account's own page."""

    @rpc(contracts.ME, action="account.see")
    def me(self, command: dict[str, Any]) -> dict[str, Any]:
        """The caller's own account; the qualifications as their owner knows them now."""
        if self.actor.kind == "staff":
            with self.unit_of_work(read_only=True) as uow:
                member = uow.staff.of_account(self.actor.account_id)
                self.actor.require(member)
                person_id = uow.staff.person_of(member.account_id)
                return me_of_staff(member, uow.organisation_name(member.organisation_id), person_id)
        with self.unit_of_work(read_only=True) as uow:
            account, person = self._own(uow)
        return me_of_person(account, person, self._qualifications(account.qualification_ids))

    @rpc(contracts.CHECK_QUALIFICATION, action="account.recognise")
    def check_qualification(self, command: dict[str, Any]) -> dict[str, Any]:
        """The automatic check (系统自动校验医师信息): name and ID are searched among the published qualifications.

        Without one the account is UNMATCHED and goes on by ticket number (E09). An empty answer says nothing about
        what is still waiting to be opened.
        """
        with self.unit_of_work(read_only=True) as uow:
            account, person = self._own(uow)
        found = self.bus.call(sync.MATCH, self._key(person), as_service=True)["qualifications"]
        return self._recognise(account, person, found)

    @rpc(contracts.UPDATE_QUALIFICATION, action="account.recognise")
    def update_qualification(self, command: dict[str, Any]) -> dict[str, Any]:
        """Self-service update (自助更新) by ticket number: opens the one record that waits for this very person.

        A ticket that shows nothing is refused with the one neutral text, counted and limited like a failed proof
        (domain §2.4).
        """
        now = self.clock.now()
        with self.unit_of_work(read_only=True) as uow:
            account, person = self._own(uow)
        knobs = self.knobs.at(now, account.province)
        this_year = local_date(now).year
        proof = read_proof(TICKET, command["ticket"], this_year=this_year, knobs=knobs, field_name="ticket")
        with self._counted_try(account, knobs) as attempt:
            request = {**self._key(person), "ticket": proof.value}
            found = self.bus.call(sync.PUBLISH_WAITING, request, as_service=True)["qualifications"]
            attempt.succeeded = bool(found)
        return self._recognise(account, person, found, ticket=proof.value if knobs.reuse_ticket else None)

    @rpc(contracts.REPORT_OLD_POLICY, action="account.report_old_policy")
    def report_old_policy(self, command: dict[str, Any]) -> dict[str, Any]:
        """Excluded case 1: somebody without a record says that the certificate is older than the national exam."""
        case = old_policy_case(command["certificate_year"])
        with self.unit_of_work() as uow:
            account, _ = self._own(uow)
            if account.is_recognised:
                raise Conflict("qualification_recognised")
            uow.counters.add(f"excluded_case_{case:d}", local_date(self.clock.now()))
            answer = {"case": int(case), "code": case.path}
            uow.commit(answer)
        return answer

    @rpc(contracts.ACCESS_LOG, action="account.access_log")
    def access_log(self, command: dict[str, Any]) -> dict[str, Any]:
        """Who looked at the caller's data, newest first (PIPL art.44)."""
        with self.unit_of_work(read_only=True) as uow:
            account, _ = self._own(uow)
            items, following = uow.access_log.page(account.person_id, after=command["after"], limit=command["limit"])
        return {"items": items, "next": following}

    def _recognise(
        self, seen: Account, person: Person, found: list[dict[str, Any]], *, ticket: str | None = None
    ) -> dict[str, Any]:
        """Take up what was found, in the account as it stands now, and answer with all it has."""
        ids = tuple(item["id"] for item in found)
        known = found + self._qualifications([item for item in seen.qualification_ids if item not in ids])
        now = self.clock.now()
        with self.unit_of_work() as uow:
            account = uow.accounts.get(seen.id, lock=True)
            recognised, new = recognise(account, ids)
            if ticket is not None and not recognised.is_activated:
                recognised = keep_ticket(recognised, ticket)
            if recognised != account:
                recognised = uow.accounts.save(recognised, now=now)
            tell_recognised(uow, recognised, new, found)
            answer = me_of_person(recognised, person, known)
            uow.commit(answer)
        return answer

"""Phone binding and activation (手机号绑定、激活): steps 8 and 9 of domain §2.1, and the paper certificate."""

from __future__ import annotations

from typing import Any

from shared.contracts import accounts as contracts
from shared.contracts import notices, sync
from shared.platform.bus import rpc
from shared.platform.errors import RuleViolated
from shared.platform.rate_limits import Limit
from shared.platform.working_days import local_date
from shared.trade.contact import parse_mobile
from shared.trade.masking import mask_phone

from ..domain.account import (
    Account,
    activate,
    bind_phone,
    enter_paper_certificate,
    require_activatable,
    require_recognised,
)
from ..domain.field_faults import FieldFaults, field_fault
from ..domain.identity import Person
from ..domain.knobs import AccountKnobs
from ..domain.phone_codes import RESEND_AFTER, PhoneCode, check_code, new_code, refuse_early_resend
from ..domain.proofs import CERTIFICATE_CODE, TICKET, Proof, proof_not_found, read_proof
from ..news import tell_activated, tell_phone_bound, tell_recognised
from ..views import me_of_person
from .proofs import ProofWork

_SMS_LIMITS = [Limit(5, 3_600), Limit(10, 86_400)]


class Activation(ProofWork):
    """The order is match → phone → activation; what comes before its turn is refused (E10)."""

    @rpc(contracts.SEND_PHONE_CODE, action="account.bind_phone")
    def send_phone_code(self, command: dict[str, Any]) -> dict[str, Any]:
        """Send a code of six digits to the account's phone or to a new one; it holds for ten minutes.

        Once a minute, five an hour and ten a day, for the account and for the phone alike. If the message can't be
        sent now, nothing is left behind, and the same request may be made again (E75).
        """
        now = self.clock.now()
        with self.unit_of_work(read_only=True) as uow:
            account, _ = self._own(uow)
            require_recognised(account)
            refuse_early_resend(uow.one_time.code_of(account.id), now)
        phone = self._phone(command["phone"]) or account.phone
        taken = self._take_places([f"sms for {account.id}", f"sms to {phone}"], _SMS_LIMITS)
        digits, expires_at = new_code(), now + self.knobs.at(now, account.province).code_life
        with self.unit_of_work() as uow:
            code_hash = uow.one_time.code_hash(account.id, digits)
            uow.one_time.put_code(PhoneCode(account.id, phone, code_hash, now, expires_at))
            uow.commit()
        try:
            minutes = round((expires_at - now).total_seconds() / 60)
            message = {"phone": phone, "code": digits, "purpose": "bind_phone", "minutes": minutes}
            self.bus.call(notices.SEND_CODE, message, as_service=True)
        except Exception:
            self._drop_unsent(account, taken)
            raise
        resend_after = int(RESEND_AFTER.total_seconds())
        return {"masked_phone": mask_phone(phone), "expires_at": expires_at, "resend_after": resend_after}

    @rpc(contracts.BIND_PHONE, action="account.bind_phone")
    def bind_phone(self, command: dict[str, Any]) -> dict[str, Any]:
        """Bind the phone that the code went to; a phone that another account has is refused (E12)."""
        with self.unit_of_work(read_only=True) as uow:
            seen, person = self._own(uow)
        known = self._qualifications(seen.qualification_ids)
        now = self.clock.now()
        with self.unit_of_work() as uow:
            account = uow.accounts.get(seen.id, lock=True)
            require_recognised(account)
            code = uow.one_time.code_of(account.id, lock=True)
            left, refusal = check_code(code, uow.one_time.code_hash(account.id, command["code"].strip()), now)
            if left is None:
                uow.one_time.drop_code(account.id)
            else:
                uow.one_time.put_code(left)
            if refusal is not None or code is None:
                uow.commit(refused=True)
                raise refusal or RuleViolated("code_expired")
            account = uow.accounts.save(bind_phone(account, code.phone), now=now)
            tell_phone_bound(uow, account, person)
            answer = me_of_person(account, person, known)
            uow.commit(answer)
        return answer

    @rpc(contracts.ACTIVATE, action="account.activate")
    def activate(self, command: dict[str, Any]) -> dict[str, Any]:
        """Activate by certificate code or ticket number (激活).

        What is malformed is told before any look-up (E14). Everything else that shows no published qualification of
        this very person is the same refusal, `proof_not_found` (E15–E18).
        """
        now = self.clock.now()
        with self.unit_of_work(read_only=True) as uow:
            seen, person = self._own(uow)
        require_activatable(seen)
        knobs = self.knobs.at(now, seen.province)
        if command["route"] not in knobs.routes:
            raise RuleViolated("activation_route_closed")
        proof = self._proof(command, seen, knobs, local_date(now).year)
        shown = self._verified(seen, person, proof, knobs)
        others = self._qualifications([item for item in seen.qualification_ids if item != shown["id"]])
        with self.unit_of_work() as uow:
            account = uow.accounts.get(seen.id, lock=True)
            done = activate(account, route=proof.kind, qualification_id=shown["id"], now=now)
            new = tuple(item for item in done.qualification_ids if item not in account.qualification_ids)
            done = uow.accounts.save(done, now=now)
            tell_recognised(uow, done, new, [shown])
            tell_activated(uow, done)
            answer = me_of_person(done, person, [shown, *others])
            uow.commit(answer)
        return answer

    @rpc(contracts.ENTER_PAPER_CERTIFICATE, action="account.activate")
    def enter_paper_certificate(self, command: dict[str, Any]) -> dict[str, Any]:
        """Enter the code of a paper certificate that the caller holds; the registration gate reads it (domain §6.4).

        Only the code of a qualification that was recognised counts (E25); any other is the neutral refusal.
        """
        now = self.clock.now()
        with self.unit_of_work(read_only=True) as uow:
            seen, person = self._own(uow)
        require_recognised(seen)
        knobs = self.knobs.at(now, seen.province)
        year = local_date(now).year
        proof = read_proof(CERTIFICATE_CODE, command["code"], this_year=year, knobs=knobs, field_name="code")
        shown = self._verified(seen, person, proof, knobs)
        known = self._qualifications(seen.qualification_ids)
        with self.unit_of_work() as uow:
            account = uow.accounts.get(seen.id, lock=True)
            entered = enter_paper_certificate(account, shown["id"])
            if entered != account:
                entered = uow.accounts.save(entered, now=now)
            answer = me_of_person(entered, person, known)
            uow.commit(answer)
        return answer

    def _phone(self, typed: str | None) -> str | None:
        if not typed:
            return None
        faults = FieldFaults()
        phone = faults.read("phone", parse_mobile, typed)
        faults.raise_any()
        return phone

    def _drop_unsent(self, account: Account, taken: list[int]) -> None:
        self.rate_limits.give_back(taken)
        with self.unit_of_work() as uow:
            uow.one_time.drop_code(account.id)
            uow.commit(refused=True)

    def _proof(self, command: dict[str, Any], account: Account, knobs: AccountKnobs, year: int) -> Proof:
        """The proof as typed, or the ticket of step 8b that one click confirms (`activation.reuse_ticket`)."""
        typed = command["proof"]
        if not typed:
            if command["route"] != TICKET or not knobs.reuse_ticket or account.ticket is None:
                raise field_fault("proof", "required")
            typed = account.ticket
        return read_proof(command["route"], typed, this_year=year, knobs=knobs)

    def _verified(self, account: Account, person: Person, proof: Proof, knobs: AccountKnobs) -> dict[str, Any]:
        """The published qualification that a proof shows; counted, limited and refused neutrally otherwise."""
        shown: dict[str, Any] | None = None
        with self._counted_try(account, knobs) as attempt:
            if proof.could_be_of(person.identity.number):
                request = {**self._key(person), "kind": proof.kind, "value": proof.value}
                shown = self.bus.call(sync.VERIFY_PROOF, request, as_service=True)["qualification"]
            attempt.succeeded = shown is not None
        if shown is None:
            raise proof_not_found()
        return shown

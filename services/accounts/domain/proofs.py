"""The form of a proof: a certificate code or a ticket number. What is malformed never reaches a look-up (E14)."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.platform.errors import InvalidInput, RuleViolated
from shared.trade.codes import QualificationCode, TicketNumber
from shared.trade.resident_id import ResidentId

from .field_faults import field_fault
from .knobs import AccountKnobs

CERTIFICATE_CODE, TICKET = "certificate_code", "ticket"


@dataclass(frozen=True)
class Proof:
    """A well-formed claim to own a qualification; only its owner's register tells whether it holds."""

    kind: str
    value: str = field(repr=False)
    names: ResidentId | None = None
    """The ID that a certificate code contains."""

    def could_be_of(self, holder: ResidentId) -> bool:
        """Whether it may show something about `holder`: a code that holds another ID can't (E15)."""
        return self.names is None or self.names == holder


def read_proof(kind: str, text: str, *, this_year: int, knobs: AccountKnobs, field_name: str = "proof") -> Proof:
    """Read a proof as typed, or refuse its form under `field_name` (E14: 26 or 28 characters, 24 only for old IDs)."""
    try:
        if kind == TICKET:
            return Proof(TICKET, TicketNumber.parse(text, knobs.ticket_pattern).value)
        code = QualificationCode.parse(text, this_year=this_year)
    except InvalidInput as fault:
        raise field_fault(field_name, fault.code) from None
    return Proof(CERTIFICATE_CODE, code.value, code.resident_id)


def proof_not_found() -> RuleViolated:
    """The one neutral refusal (未查询到已开放的资格信息): wrong, foreign, failed and not yet open alike (E15–E18)."""
    return RuleViolated("proof_not_found")

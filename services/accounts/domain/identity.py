"""Who a person is: the identity step of opening an account (身份信息), and the four cases that go offline."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from uuid import UUID

from shared.platform.errors import RuleViolated
from shared.trade.names import PersonName
from shared.trade.resident_id import ResidentId, Sex

from .field_faults import FieldFaults
from .knobs import AccountKnobs

RESIDENT_ID, RESIDENCE_PERMIT = "resident_id", "residence_permit_hmt"
TRAVEL_PERMIT, PASSPORT = "travel_permit_hmt", "passport"
_KNOB_NAMES = {RESIDENT_ID: "resident_id", RESIDENCE_PERMIT: "residence_permit"}


class ExcludedCase(IntEnum):
    """What can't be registered online (无法进行电子化注册; domain §3.10): each has its path at a counter."""

    OLD_POLICY_RECOGNITION = 1
    HMT_RECOGNITION = 2
    HMT_SHORT_TERM = 3
    FOREIGN_SHORT_TERM = 4

    @property
    def path(self) -> str:
        """The stable name of the offline path."""
        return self.name.lower()


def excluded(case: ExcludedCase) -> RuleViolated:
    """The refusal that names the case; the sentence and the path stand in the catalogue."""
    return RuleViolated("excluded_case", case=int(case), path=case.path)


@dataclass(frozen=True)
class Identity:
    """A person as the ID card tells: name, kind of ID, number. Sex and birth date are derived, never typed."""

    name: PersonName = field(repr=False)
    id_type: str
    number: ResidentId

    @property
    def sex(self) -> Sex:
        """From the ID's seventeenth digit."""
        return self.number.sex

    @property
    def birth_date(self) -> date:
        """From the ID's digits seven to fourteen."""
        return self.number.birth_date


@dataclass(frozen=True)
class Person:
    """An identity with its own identifier; one ID number, one person (domain §2.4)."""

    id: UUID
    version: int
    identity: Identity
    province: str


def excluded_case(id_type: str, purpose: str, knobs: AccountKnobs) -> ExcludedCase | None:
    """Which of the four cases an ID and a purpose show; None where the online way is open.

    Who holds a residence permit (居住证) and passed the mainland exam registers online (policy key `signup.id_types`);
    recognition (2009) and short-term practice (MOH Orders 62, 63) of doctors from Hong Kong, Macao and Taiwan, and of
    foreign doctors, don't. Case 1 has no ID of its own: see `old_policy_case`.
    """
    if id_type == PASSPORT:
        return ExcludedCase.FOREIGN_SHORT_TERM
    if id_type == RESIDENT_ID:
        return None
    if purpose == "short_term":
        return ExcludedCase.HMT_SHORT_TERM
    if purpose == "recognition" or _KNOB_NAMES.get(id_type) not in knobs.id_types:
        return ExcludedCase.HMT_RECOGNITION
    return None


def kind_of_id(id_type: str, id_number: str) -> str:
    """The kind of ID that a number really is: a residence permit has the resident ID's form and its own prefix."""
    if id_type == RESIDENT_ID and id_number.strip()[:6] in ("810000", "820000", "830000"):
        return RESIDENCE_PERMIT
    return id_type


def read_identity(name: str, id_type: str, id_number: str, *, today: date, knobs: AccountKnobs) -> Identity:
    """Check and normalise the identity step (E02–E04); every fault comes back under its field.

    The name is the one on the ID card, without digits or Latin letters; the number follows GB 11643-1999.
    """
    faults = FieldFaults()
    read_name = faults.read("name", PersonName.parse, name)
    number = faults.read("id_number", ResidentId.parse, id_number, today=today, age_range=knobs.age_range)
    if number is not None and number.is_residence_permit != (id_type == RESIDENCE_PERMIT):
        faults.add("id_number", "id_type_mismatch")
    faults.raise_any()
    if read_name is None or number is None:
        raise AssertionError("a field without a value has a fault")
    return Identity(read_name, id_type, number)


LAST_OLD_POLICY_YEAR = 1998
"""The year code of titles recognised before the national exam (first held 1999)."""


def old_policy_case(certificate_year: int | None) -> ExcludedCase:
    """Excluded case 1 (老政策认定资格补录): the certificate is older than the national exam; entry is a national fix.

    A later year belongs to an exam, whose result is looked for by ticket number instead.
    """
    if certificate_year is not None and certificate_year > LAST_OLD_POLICY_YEAR:
        raise RuleViolated("certificate_not_old_policy", last_year=LAST_OLD_POLICY_YEAR)
    return ExcludedCase.OLD_POLICY_RECOGNITION

"""The rows of `accounts`. Personal numbers are sealed with the service's own ring and searched by blind index."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.platform.database import COLUMN_TYPES, new_metadata

INDEX = String(64)
"""The width of a blind index."""


class Base(DeclarativeBase):
    """The declarative base of this service."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class PersonRow(Base):
    """A person; the unique blind index is what makes two accounts for one ID impossible."""

    __tablename__ = "persons"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(60), index=True)
    id_type: Mapped[str] = mapped_column(String(24))
    id_number: Mapped[str] = mapped_column(Text)
    id_index: Mapped[str] = mapped_column(INDEX, unique=True)
    province: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime]


class AccountRow(Base):
    """A person's account. `bound_phone_index` is set while the phone is bound, so one number binds one account."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint(
            "state IN ('CREATED', 'UNMATCHED', 'MATCHED', 'PHONE_BOUND', 'ACTIVATED', 'DISABLED')", name="state"
        ),
        CheckConstraint("state <> 'ACTIVATED' OR activated_with IS NOT NULL", name="activated_with"),
        CheckConstraint(
            "state NOT IN ('PHONE_BOUND', 'ACTIVATED') OR bound_phone_index IS NOT NULL", name="phone_bound"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), unique=True)
    state: Mapped[str] = mapped_column(String(12))
    province: Mapped[str] = mapped_column(String(2))
    phone: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    bound_phone_index: Mapped[str | None] = mapped_column(INDEX, unique=True)
    consent_version: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime]
    ticket: Mapped[str | None] = mapped_column(Text)
    failed_proofs: Mapped[int] = mapped_column(default=0)
    activated_at: Mapped[datetime | None]
    activation_route: Mapped[str | None] = mapped_column(String(24))
    activated_with: Mapped[UUID | None]
    disabled_at: Mapped[datetime | None]
    disabled_because: Mapped[str] = mapped_column(String(300), server_default="")


class AccountQualificationRow(Base):
    """A qualification that was recognised as the account holder's; rows are only added."""

    __tablename__ = "account_qualifications"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    qualification_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int]
    recognised_at: Mapped[datetime]


class PaperCertificateRow(Base):
    """A paper certificate that the holder entered."""

    __tablename__ = "paper_certificates"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    qualification_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int]
    entered_at: Mapped[datetime]


class CredentialsRow(Base):
    """What people and staff sign in with; login names are unique over both."""

    __tablename__ = "credentials"
    __table_args__ = (CheckConstraint("kind IN ('person', 'staff')", name="kind"),)

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    login_name: Mapped[str] = mapped_column(Text)
    login_index: Mapped[str] = mapped_column(INDEX, unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime]


class LoginLockRow(Base):
    """Wrong passwords in a row: by account, or by the index of a name that nobody has."""

    __tablename__ = "login_locks"

    key: Mapped[str] = mapped_column(INDEX, primary_key=True)
    failures: Mapped[int]
    last_failure_at: Mapped[datetime | None] = mapped_column(index=True)
    locked_until: Mapped[datetime | None]


class SessionRow(Base):
    """A login session, found by the keyed hash of its secret."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_index: Mapped[str] = mapped_column(INDEX, unique=True)
    account_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(8))
    factors: Mapped[list[str]]
    address: Mapped[str] = mapped_column(INDEX)
    device: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime] = mapped_column(index=True)
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class DeviceRow(Base):
    """A device from which an account was used, by the keyed hash of what the device keeps; never by its address."""

    __tablename__ = "devices"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    token_index: Mapped[str] = mapped_column(INDEX, primary_key=True)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(index=True)


class CaptchaRow(Base):
    """A captcha that was shown and not yet answered; an answer deletes it, right or wrong."""

    __tablename__ = "captchas"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    answer_index: Mapped[str] = mapped_column(INDEX)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class PhoneCodeRow(Base):
    """The one code under way for an account."""

    __tablename__ = "phone_codes"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    phone: Mapped[str] = mapped_column(Text)
    code_index: Mapped[str] = mapped_column(INDEX)
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int]


class CounterRow(Base):
    """How often something happened on a day (Asia/Shanghai); never about whom."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]


class AuthorityRow(Base):
    """A health authority, or the exam centre's desk."""

    __tablename__ = "authorities"
    __table_args__ = (
        CheckConstraint("kind IN ('authority', 'exam_centre')", name="kind"),
        CheckConstraint("(kind = 'exam_centre') = (tier IS NULL)", name="tier_of_authorities"),
        CheckConstraint("tier IN ('county', 'city', 'province')", name="tier"),
        CheckConstraint("scope IN ('national', 'region')", name="scope"),
        CheckConstraint("scope IS NULL OR kind = 'exam_centre'", name="scope_of_exam_centres"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    code: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(100))
    tier: Mapped[str | None] = mapped_column(String(8))
    division: Mapped[str] = mapped_column(String(14), index=True)
    superior_id: Mapped[UUID | None] = mapped_column(ForeignKey("authorities.id"), index=True)
    window_address: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str | None] = mapped_column(String(8))


class InstitutionRow(Base):
    """A medical institution with its licence; `search_name` is its name in the form that is searched."""

    __tablename__ = "institutions"
    __table_args__ = (
        CheckConstraint("licence_status IN ('valid', 'suspended', 'cancelled')", name="licence_status"),
        CheckConstraint("beds >= 0", name="beds"),
        Index("ix_institutions_search_name_id", "search_name", "id"),
        Index("ix_institutions_division_search_name_id", "division", "search_name", "id"),
        Index("ix_institutions_licence_status_licence_valid_to", "licence_status", "licence_valid_to"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    licence_number: Mapped[str] = mapped_column(String(22), unique=True)
    credit_code: Mapped[str | None] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(String(100))
    search_name: Mapped[str] = mapped_column(String(100))
    licence_status: Mapped[str] = mapped_column(String(10))
    licence_valid_to: Mapped[date | None]
    status_since: Mapped[date]
    division: Mapped[str] = mapped_column(String(14))
    category: Mapped[str] = mapped_column(String(2))
    grade: Mapped[str] = mapped_column(String(12))
    beds: Mapped[int]
    departments: Mapped[list[str]]
    address: Mapped[str] = mapped_column(String(200))
    is_county_or_below: Mapped[bool]
    is_military: Mapped[bool]
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authorities.id"), index=True)


class OrganisationHistoryRow(Base):
    """How an organisation stood from a moment on (历史沿革); rows are only added, the database sees to it."""

    __tablename__ = "organisation_history"
    __table_args__ = (UniqueConstraint("organisation_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(120))
    changed: Mapped[list[str]]
    facts: Mapped[dict[str, Any]]


class OrganisationLineageRow(Base):
    """Which institution came out of which (更名, 合并, 分立 under a new licence); rows are only added."""

    __tablename__ = "organisation_lineage"
    __table_args__ = (UniqueConstraint("predecessor_id", "successor_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    predecessor_id: Mapped[UUID] = mapped_column(ForeignKey("institutions.id"))
    successor_id: Mapped[UUID] = mapped_column(ForeignKey("institutions.id"), index=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(120))


class StaffRow(Base):
    """A member of staff in one role at one organisation; `id_index` is made like that of `persons`."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint(
            "role IN ('clerk', 'window', 'officer', 'head', 'examiner', 'administrator', 'security')", name="role"
        ),
        CheckConstraint("(phone_proved_by IS NULL) = (phone_proved_at IS NULL)", name="phone_proof"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("credentials.account_id"), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    organisation_kind: Mapped[str] = mapped_column(String(12))
    role: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool]
    id_number: Mapped[str | None] = mapped_column(Text)
    id_index: Mapped[str | None] = mapped_column(INDEX)
    phone_proved_by: Mapped[str | None] = mapped_column(String(120))
    phone_proved_at: Mapped[datetime | None]


class AccessRow(Base):
    """Somebody looked at a person's data (谁查看过); rows are only added, the database sees to it."""

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_person_id_at_id", "person_id", "at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    at: Mapped[datetime]
    service: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(16))
    organisation_id: Mapped[UUID | None]
    organisation: Mapped[str] = mapped_column(String(100))
    what: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)

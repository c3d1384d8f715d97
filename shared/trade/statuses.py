"""The names of what may be asked, of how far an application is, and of how a registration stands (`domain.md` §3)."""

from __future__ import annotations

from enum import StrEnum


class BusinessType(StrEnum):
    """The nine kinds of business, in the order of the source page."""

    REG = "REG"
    UPGRADE = "UPGRADE"
    MIL_IN = "MIL_IN"
    MIL_OUT = "MIL_OUT"
    CHANGE = "CHANGE"
    CANCEL = "CANCEL"
    MULTI_ADD = "MULTI_ADD"
    MULTI_DEL = "MULTI_DEL"
    PLACE_DEL = "PLACE_DEL"

    @property
    def term(self) -> str:
        """The source page's term."""
        return _BUSINESS_TERMS[self]

    @property
    def is_filing(self) -> bool:
        """Whether it informs (备案) instead of asking for a permission."""
        return self in (BusinessType.MULTI_ADD, BusinessType.MULTI_DEL)


_BUSINESS_TERMS = {
    BusinessType.REG: "注册",
    BusinessType.UPGRADE: "助理医师升执业医师",
    BusinessType.MIL_IN: "军队变更入地方",
    BusinessType.MIL_OUT: "地方变更到军队",
    BusinessType.CHANGE: "变更",
    BusinessType.CANCEL: "注销",
    BusinessType.MULTI_ADD: "多执业机构备案",
    BusinessType.MULTI_DEL: "多执业机构取消备案",
    BusinessType.PLACE_DEL: "申请取消多地点执业",
}


class RegistrationKind(StrEnum):
    """The sub-kinds of REG 注册."""

    FIRST = "FIRST"
    RE = "RE"
    ADD_PLACE = "ADD_PLACE"
    LICENSED = "LICENSED"


class ApplicationState(StrEnum):
    """How far an application is (`domain.md` §3.0), the same for all nine kinds."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    ORG_REVIEW = "ORG_REVIEW"
    ORG_RETURNED = "ORG_RETURNED"
    ORG_REJECTED = "ORG_REJECTED"
    ORG_CONFIRMED = "ORG_CONFIRMED"
    RELEASE = "RELEASE"
    RECEIVED = "RECEIVED"
    SUPPLEMENT = "SUPPLEMENT"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    ACCEPTED = "ACCEPTED"
    PRE_REVIEW = "PRE_REVIEW"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    EFFECT_BLOCKED = "EFFECT_BLOCKED"
    EFFECTIVE = "EFFECTIVE"
    CERT_ISSUED = "CERT_ISSUED"
    WITHDRAWN = "WITHDRAWN"
    TERMINATED = "TERMINATED"

    @property
    def is_final(self) -> bool:
        """Whether nothing follows any more."""
        return self in _FINAL

    @property
    def is_open(self) -> bool:
        """Whether it still blocks another application on the same registration (policy key `app.exclusive`)."""
        return self not in _FINAL and self is not ApplicationState.EFFECTIVE


_FINAL = frozenset(
    {
        ApplicationState.ORG_REJECTED,
        ApplicationState.NOT_ACCEPTED,
        ApplicationState.REFUSED,
        ApplicationState.CERT_ISSUED,
        ApplicationState.WITHDRAWN,
        ApplicationState.TERMINATED,
    }
)


class RegistrationStatus(StrEnum):
    """How a registration stands (`domain.md` §3.14)."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    LEFT_FILED = "LEFT_FILED"
    MOVED_OUT = "MOVED_OUT"
    TRANSFERRED_MIL = "TRANSFERRED_MIL"
    SUPERSEDED = "SUPERSEDED"
    CANCELLED = "CANCELLED"
    REVOKED = "REVOKED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def is_registered(self) -> bool:
        """Only these two count as registered; the public is shown "not valid" for the rest, without the reason."""
        return self in (RegistrationStatus.ACTIVE, RegistrationStatus.SUSPENDED)


class RefusalGround(StrEnum):
    """Why a registration is refused 不予注册 (`domain.md` §3.11; 医师法 art.16)."""

    NO_CAPACITY = "N1"
    CRIMINAL_PENALTY = "N2"
    LICENCE_REVOKED = "N3"
    ASSESSMENT_FAILED = "N4"
    OTHER_LAW = "N5"
    HEALTH = "N6"
    RE_ENTRY_ASSESSMENT_FAILED = "N7"
    ORGANISED_CHEATING = "N8"
    FORGED_QUALIFICATION = "N9"
    BAN_ON_APPLICATIONS = "N10"


class CancellationGround(StrEnum):
    """Why a registration is cancelled 注销 (`domain.md` §3.13; 医师法 art.17, 医师执业注册管理办法 art.18)."""

    DEATH = "X1"
    CRIMINAL_PENALTY = "X2"
    LICENCE_REVOKED = "X3"
    ASSESSMENT_FAILED_TWICE = "X4"
    NOT_ASSESSED = "X5"
    PRACTICE_STOPPED = "X6"
    HEALTH = "X7"
    CERTIFICATE_MISUSED = "X8"
    ORGANISED_CHEATING = "X9"
    OWN_WISH = "X10"
    QUALIFICATION_WITHDRAWN = "X11"
    LEFT_TWO_YEARS = "X12"


class QualificationStatus(StrEnum):
    """How a qualification stands: for life, unless it is frozen or annulled (撤销)."""

    PUBLISHED = "published"
    FROZEN = "frozen"
    ANNULLED = "annulled"

"""Health authorities in their tree and medical institutions with their licence: what must agree within one record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from shared.trade.divisions import Tier, contains, province_of, tier_of
from shared.trade.institutions import InstitutionGroup, LicenceNumber, LicenceStatus

from .field_faults import FieldFaults

AUTHORITY, EXAM_CENTRE, INSTITUTION = "authority", "exam_centre", "institution"
_LOWEST_FIRST = (Tier.COUNTY, Tier.CITY, Tier.PROVINCE)


class ExamScope(StrEnum):
    """For which regions a desk of the exam centre acts: for all of them, or for that of its division alone.

    Where the desk sits says nothing of it: the national centre and the region's own desk may share a city.
    """

    NATIONAL = "national"
    REGION = "region"


@dataclass(frozen=True)
class Authority:
    """A health authority (主管部门), or a desk of the exam centre, which has a scope, no tier, and grants nothing."""

    id: UUID
    version: int
    code: str
    kind: str
    name: str
    tier: Tier | None
    division: str
    superior_id: UUID | None = None
    window_address: str = ""
    phone: str = ""
    scope: ExamScope | None = None

    @property
    def province(self) -> str:
        """The two digits of its province."""
        return province_of(self.division)


@dataclass(frozen=True)
class Institution:
    """A medical institution (医疗机构). `authority_id` approved it, and so is competent for its physicians.

    (医师执业注册管理办法 art.9: the authority that approved the institution to practise.)
    """

    id: UUID
    version: int
    licence_number: str
    name: str
    licence_status: LicenceStatus
    licence_valid_to: date | None
    status_since: date
    division: str
    category: InstitutionGroup
    authority_id: UUID
    credit_code: str | None = None
    grade: str = ""
    beds: int = 0
    departments: tuple[str, ...] = ()
    address: str = ""
    is_county_or_below: bool = False
    is_military: bool = False

    @property
    def province(self) -> str:
        """The two digits of its province."""
        return province_of(self.division)

    @property
    def is_township_or_village(self) -> bool:
        """Township centres and village rooms (domain §5.5)."""
        return self.category.is_township_or_village

    @property
    def is_prevention(self) -> bool:
        """Centres of disease prevention: the authority of the same level is competent."""
        return self.category.is_prevention


def status_on(institution: Institution, day: date) -> LicenceStatus:
    """Whether the institution may practise on a day: a licence past its end is as good as suspended until renewed."""
    expired = institution.licence_valid_to is not None and day > institution.licence_valid_to
    if expired and institution.licence_status is LicenceStatus.VALID:
        return LicenceStatus.SUSPENDED
    return institution.licence_status


def standing_on(institution: Institution, day: date) -> Institution:
    """The institution as it stands on a day: one whose licence has ended is suspended from the day after its end."""
    status = status_on(institution, day)
    if status is institution.licence_status or institution.licence_valid_to is None:
        return institution
    return replace(institution, licence_status=status, status_since=institution.licence_valid_to + timedelta(days=1))


def check_authority(authority: Authority, superior: Authority | None) -> None:
    """Refuse an authority that doesn't fit its place: its tier is its division's, and a higher one stands above it."""
    faults = FieldFaults()
    if authority.kind == EXAM_CENTRE:
        if authority.tier is not None or superior is not None:
            faults.add("tier", "exam_centre_stands_alone")
        if authority.scope is None:
            faults.add("scope", "required")
        faults.raise_any()
        return
    if authority.scope is not None:
        faults.add("scope", "scope_of_exam_centre")
    if authority.tier is None:
        faults.add("tier", "required")
    elif authority.tier is not tier_of(authority.division) and not _stands_in(authority):
        faults.add("tier", "tier_not_of_division")
    elif superior is None:
        if authority.tier is not Tier.PROVINCE:
            faults.add("superior", "superior_required")
    elif not _is_above(superior, authority):
        faults.add("superior", "superior_not_above")
    faults.raise_any()


def _stands_in(authority: Authority) -> bool:
    """A city without counties answers for the county tier too (policy key `division.county_fallback`)."""
    return authority.tier is Tier.COUNTY and tier_of(authority.division) is Tier.CITY


def _is_above(superior: Authority, authority: Authority) -> bool:
    if superior.tier is None or authority.tier is None:
        return False
    higher = _LOWEST_FIRST.index(superior.tier) > _LOWEST_FIRST.index(authority.tier)
    return higher and contains(superior.division, authority.division)


def check_institution(institution: Institution, authority: Authority) -> tuple[str, ...]:
    """Refuse an institution that contradicts itself; the warnings of one that doesn't.

    The approving authority answers for the institution's division; the number's own division is that of the first
    grant and may be older than the present one, so a difference there is a warning only.
    """
    faults = FieldFaults()
    number = LicenceNumber.parse(institution.licence_number)
    if authority.kind != AUTHORITY:
        faults.add("authority", "authority_grants_nothing")
    elif not contains(authority.division, institution.division):
        faults.add("authority", "authority_elsewhere")
    if institution.beds < 0:
        faults.add("beds", "negative")
    if institution.licence_status is LicenceStatus.VALID and not institution.departments:
        faults.add("departments", "required")
    faults.raise_any()
    warnings = [number.warning] if number.warning else []
    if province_of(number.division) != institution.province:
        warnings.append("licence_of_other_province")
    return tuple(warnings)


def differs(old: Authority | Institution, new: Authority | Institution) -> tuple[str, ...]:
    """The names of the facts in which two readings of one organisation differ."""
    same_kind = replace(new, id=old.id, version=old.version)
    return tuple(
        item.name
        for item in fields(old)
        if item.name != "status_since" and getattr(old, item.name) != getattr(same_kind, item.name)
    )


def superiors(authority: Authority, by_id: dict[UUID, Authority]) -> list[Authority]:
    """The authorities above one, nearest first; a ring in the data ends the walk."""
    chain: list[Authority] = []
    above = authority.superior_id
    while above is not None and above in by_id and all(known.id != above for known in chain):
        chain.append(by_id[above])
        above = by_id[above].superior_id
    return chain


def subordinates(authority: Authority, division: str, by_id: dict[UUID, Authority]) -> list[Authority]:
    """The authorities below one on the path down to a division, nearest first (policy key `review.pre_tiers`)."""
    parts = division.split("/")
    path = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
    on_the_path = [
        one
        for one in by_id.values()
        if one.division in path and one.tier is not None and one.id != authority.id and _is_above(authority, one)
    ]
    return sorted(on_the_path, key=lambda one: (path.index(one.division), one.code))


def searchable(name: str) -> str:
    """The form in which names are searched: without spaces and case, brackets of both widths alike."""
    folded = name.translate({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})
    return "".join(folded.split()).casefold()


def order_by_tree(rows: Sequence[tuple[str, str]]) -> Iterable[str]:
    """The codes of (code, superior's code) with each superior before those below it; a ring comes last, as it is."""
    waiting = dict(rows)
    placed: set[str] = set()
    while waiting:
        ready = [code for code, above in waiting.items() if not above or above in placed or above not in waiting]
        for code in ready or list(waiting):
            placed.add(code)
            del waiting[code]
            yield code

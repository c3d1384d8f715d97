"""Builders with sensible defaults for the tests of accounts; the IDs are those of domain §4.1."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.accounts.domain.account import Account, AccountState
from services.accounts.domain.knobs import AccountKnobs
from services.accounts.domain.organisations import Authority, Institution
from shared.trade.divisions import Tier
from shared.trade.institutions import InstitutionGroup, LicenceStatus

NOW = datetime(2022, 11, 20, 2, 0, tzinfo=UTC)
TODAY = date(2022, 11, 20)
KNOBS = AccountKnobs()

A, A2, C = "430199199503070114", "430199199503070376", "43019919930622003X"
RESIDENCE_PERMIT = "810000199001010131"
CODE_OF_A = "202243110430199199503070114"
TICKET = "4305221100123"

ACCOUNT_ID, PERSON_ID = UUID(int=1), UUID(int=2)
FIRST, SECOND = UUID(int=11), UUID(int=12)


def an_account(**changes: Any) -> Account:
    facts: dict[str, Any] = {
        "id": ACCOUNT_ID,
        "person_id": PERSON_ID,
        "version": 1,
        "state": AccountState.CREATED,
        "province": "43",
        "login_name": "xiaoming",
        "phone": "13800000001",
        "email": None,
        "consent_version": "2022-1",
        "opened_at": NOW,
    }
    return Account(**(facts | changes))


def an_authority(**changes: Any) -> Authority:
    facts: dict[str, Any] = {
        "id": UUID(int=21),
        "version": 1,
        "code": "AUTH-430102",
        "kind": "authority",
        "name": "芙蓉区卫生健康局",
        "tier": Tier.COUNTY,
        "division": "43/4301/430102",
    }
    return Authority(**(facts | changes))


CITY = an_authority(id=UUID(int=22), code="AUTH-4301", name="长沙市卫生健康委员会", tier=Tier.CITY, division="43/4301")
PROVINCE = an_authority(id=UUID(int=23), code="AUTH-43", name="湖南省卫生健康委员会", tier=Tier.PROVINCE, division="43")


def an_institution(**changes: Any) -> Institution:
    facts: dict[str, Any] = {
        "id": UUID(int=31),
        "version": 1,
        "licence_number": "99900011X43010211A1001",
        "name": "湘岳示例医院",
        "licence_status": LicenceStatus.VALID,
        "licence_valid_to": date(2031, 12, 31),
        "status_since": TODAY,
        "division": "43/4301/430102",
        "category": InstitutionGroup.HOSPITAL,
        "authority_id": UUID(int=21),
        "departments": ("03 内科",),
    }
    return Institution(**(facts | changes))

"""What every staff page shows around its content: portal, organisation, name, menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from shared.contracts import accounts
from shared.platform.errors import DomainError

from ..authentication import current_session
from ..calls import call
from ..translations import N_, gettext

_MENUS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "clerk": (
        ("pages.institution_tasks", "inbox", N_("待确认办件")),
        ("pages.institution_done", "list", N_("办件记录")),
    ),
    "authority": (
        ("pages.authority_queue", "inbox", N_("办件审核")),
        ("pages.authority_done", "list", N_("已办办件")),
    ),
    "examiner": (
        ("pages.exam_batches", "list", N_("考试批次")),
        ("pages.exam_gates", "log", N_("开放时间")),
        ("pages.exam_quarantine", "warn", N_("待核数据")),
    ),
}
_PORTALS = {"clerk": N_("机构端"), "authority": N_("主管部门端"), "examiner": N_("考试中心端")}
_SIDE = {"clerk": "clerk", "window": "authority", "officer": "authority", "head": "authority", "examiner": "examiner"}


@dataclass(frozen=True)
class MenuItem:
    """One entry of the side navigation."""

    url: str
    icon: str
    title: str
    current: bool
    count: str = ""


@dataclass(frozen=True)
class Desk:
    """The frame of a staff page."""

    portal: str
    organisation: str
    name: str
    menu: list[MenuItem]


def desk(count: str = "") -> Desk:
    """The frame for the signed-in staff member; `count` stands beside the first entry of the menu."""
    side = _SIDE[current_session().role]
    account = _account()
    organisation = account.get("organisation") or {}
    menu = [
        MenuItem(url_for(endpoint), shape, gettext(title), request.endpoint == endpoint, count if first == 0 else "")
        for first, (endpoint, shape, title) in enumerate(_MENUS[side])
    ]
    return Desk(gettext(_PORTALS[side]), str(organisation.get("name", "")), str(account.get("name", "")), menu)


def _account() -> dict[str, Any]:
    try:
        found: dict[str, Any] = call(accounts.ME)
    except DomainError:
        return {}
    return found

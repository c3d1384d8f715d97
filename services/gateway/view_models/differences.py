"""What an application would change: the registration as it stands beside what is asked for (变更前、变更后)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.platform.errors import InvalidInput
from shared.trade.divisions import practice_place
from shared.trade.levels import Level
from shared.trade.statuses import BusinessType, CancellationGround, ChangeKind, RegistrationKind, RegistrationStatus

from ..translations import gettext as _
from .days import day
from .terms import category, label, level, place, registration_status, scopes
from .words import word

_ENDS = {
    CancellationGround.LICENCE_REVOKED.value: RegistrationStatus.REVOKED,
    CancellationGround.QUALIFICATION_WITHDRAWN.value: RegistrationStatus.WITHDRAWN,
}


@dataclass(frozen=True)
class Difference:
    """One line: what it is about, before and after."""

    label: str
    before: str
    after: str

    @property
    def is_change(self) -> bool:
        """Whether it becomes otherwise."""
        return self.before != self.after


def differences(view: Mapping[str, Any]) -> list[Difference]:
    """What an application about a registration or a filing would change; none where it is about neither."""
    if view["subject"] is None:
        return []
    told = _OF_TYPE.get(view["type"])
    return told(view) if told else []


def _changed(view: Mapping[str, Any], **after: str) -> list[Difference]:
    """The registration line by line; what is not named in `after` stays."""
    subject = view["subject"]
    before = {
        "registered_institution": str(subject["institution_name"]),
        "registered_level": level(subject["level"]),
        "registered_category": category(subject["category"]),
        "registered_scopes": scopes(subject["scopes"]),
        "registered_place": place(subject["practice_place"]),
        "registered_status": registration_status(subject["status"]),
    }
    return [Difference(label(name), value, after.get(name, value)) for name, value in before.items()]


def _change(view: Mapping[str, Any]) -> list[Difference]:
    kind = ChangeKind(view["sub_kind"])
    if kind.moves:
        return _changed(view, **_at_institution(view, view["subject"]["level"]))
    if kind is ChangeKind.PERSON:
        return _corrected(view)
    asked = {"registered_scopes": _scopes_asked(view)} if _scopes_asked(view) else {}
    if kind is ChangeKind.CATEGORY:
        asked["registered_category"] = category(view["category"])
    return _changed(view, **asked)


def _upgrade(view: Mapping[str, Any]) -> list[Difference]:
    asked = {"registered_level": level(view["level"]), "registered_category": category(view["category"])}
    if _scopes_asked(view):
        asked["registered_scopes"] = _scopes_asked(view)
    at = _at_institution(view, view["level"])
    return _changed(
        view, **asked, registered_place=at.get("registered_place", place(view["subject"]["practice_place"]))
    )


def _added_place(view: Mapping[str, Any]) -> list[Difference]:
    """The existing registration stays only where the scope is the same (domain §3.1; E41)."""
    if view["sub_kind"] != RegistrationKind.ADD_PLACE.value:
        return []
    subject, at = view["subject"], _at_institution(view, view["level"])
    asked = set(_form(view, "scope").get("scopes", ()))
    stands = registration_status(subject["status"])
    ends = bool(asked) and asked != set(subject["scopes"])
    return [
        Difference(
            _("原注册（%(institution)s）", institution=subject["institution_name"]),
            stands,
            registration_status(RegistrationStatus.CANCELLED.value) if ends else stands,
        ),
        Difference(_("增加的执业地点"), _("无"), at.get("registered_place", "")),
        Difference(_("增加的执业机构"), _("无"), at.get("registered_institution", "")),
        Difference(label("registered_scopes"), scopes(subject["scopes"]), _scopes_asked(view)),
    ]


def _ending(view: Mapping[str, Any]) -> list[Difference]:
    named = _form(view, "ground").get("ground", "")
    status = _ENDS.get(named, RegistrationStatus.CANCELLED)
    return _changed(view, registered_status=registration_status(status.value))


def _to_the_forces(view: Mapping[str, Any]) -> list[Difference]:
    return _changed(view, registered_status=registration_status(RegistrationStatus.TRANSFERRED_MIL.value))


def _filing(view: Mapping[str, Any]) -> list[Difference]:
    term, institution = _form(view, "term"), view["institution"]
    dates = _("%(start)s至%(end)s", start=day(term.get("valid_from")), end=day(term.get("valid_to"))) if term else ""
    return [
        Difference(label("filed_institution"), _("无"), str(institution["name"]) if institution else ""),
        Difference(word("step_summary.term"), _("无"), dates),
        Difference(label("filed_scopes"), _("无"), scopes(term.get("scopes", ()))),
        Difference(
            label("registered_institution"), view["subject"]["institution_name"], view["subject"]["institution_name"]
        ),
    ]


def _filing_end(view: Mapping[str, Any]) -> list[Difference]:
    filing = view["filing"]
    if filing is None:
        return []
    main = view["subject"]["institution_name"]
    last = _form(view, "ending_day").get("ends_on") or filing["valid_to"]
    return [
        Difference(label("filed_institution"), filing["institution_name"], filing["institution_name"]),
        Difference(label("filed_to"), day(filing["valid_to"]), day(last)),
        Difference(label("registered_institution"), main, main),
    ]


def _corrected(view: Mapping[str, Any]) -> list[Difference]:
    """What the account says otherwise than the register (E56); the register's own words are not told."""
    found = next((item for item in view["outcomes"] if item["code"] == "personal_data_changes"), None)
    names = found["seen"].get("changed", ()) if found else ()
    after = {
        "name": view["applicant_name"],
        "id_number": view["masked_id"],
        "sex": word(f"sex.{view['sex']}"),
        "birth_date": day(view["birth_date"]),
    }
    return [Difference(label(name), _("与账号不同"), str(after[name])) for name in names if name in after]


def _at_institution(view: Mapping[str, Any], level_code: str) -> dict[str, str]:
    """Where the registration would be: the province of the institution, or its county for an assistant."""
    institution = view["institution"]
    if institution is None:
        return {}
    at = {"registered_institution": str(institution["name"])}
    try:
        at["registered_place"] = place(practice_place(Level(level_code), institution["division"]))
    except InvalidInput:
        return at
    return at


def _scopes_asked(view: Mapping[str, Any]) -> str:
    return scopes(_form(view, "scope").get("scopes", ()))


def _form(view: Mapping[str, Any], step: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = view["form"].get(step, {})
    return found


_OF_TYPE: dict[str, Callable[[Mapping[str, Any]], list[Difference]]] = {
    BusinessType.REG.value: _added_place,
    BusinessType.UPGRADE.value: _upgrade,
    BusinessType.MIL_OUT.value: _to_the_forces,
    BusinessType.CHANGE.value: _change,
    BusinessType.CANCEL.value: _ending,
    BusinessType.MULTI_ADD.value: _filing,
    BusinessType.MULTI_DEL.value: _filing_end,
    BusinessType.PLACE_DEL.value: _ending,
}

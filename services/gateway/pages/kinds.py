"""The types of business and their sub-kinds, as their own service describes them: asked once a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import abort, g

from shared.contracts import applications
from shared.trade.statuses import ChangeKind

from ..calls import call

#: A move of the main institution is one choice; which of the three it is, the institution settles (domain §3.5).
_MOVES = tuple(kind.value for kind in ChangeKind if kind.moves)


#: Types whose old certificate is handed back at the window (domain §3.2, §3.4–3.6, §3.9); the list of files to upload
#: doesn't name what only comes on paper.
_CERTIFICATE_BACK = ("UPGRADE", "MIL_OUT", "CHANGE", "CANCEL", "PLACE_DEL")


def only_on_paper(kind: Mapping[str, Any]) -> list[str]:
    """What the window gets without an upload: the form that is signed there, the certificate that is handed back."""
    return ["application_form", *(["practice_certificate"] if kind["type"] in _CERTIFICATE_BACK else [])]


def business_types() -> list[dict[str, Any]]:
    """All nine, in the order of the source page."""
    if "business_types" not in g:
        g.business_types = call(applications.BUSINESS_TYPE_LIST)["items"]
    found: list[dict[str, Any]] = g.business_types
    return found


def business_type(name: str) -> dict[str, Any]:
    """One of the nine; 404 where there is none of that name."""
    return _first(item for item in business_types() if item["type"] == name)


def kind_of(named: Mapping[str, Any]) -> dict[str, Any]:
    """The kind that `type` and `sub_kind` of an application, case or card name, with its type and promised time."""
    business = business_type(str(named["type"]))
    found = _first(kind for kind in business["kinds"] if kind["sub_kind"] == named["sub_kind"])
    return {**found, "type": business["type"], "decision_days": business["decision_days"]}


def chosen_by_person(business: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sub-kinds that a physician chooses between; of the moves only the one that stands for all."""
    return [
        {**kind, "type": business["type"], "decision_days": business["decision_days"]}
        for kind in business["kinds"]
        if "physician" in kind["starters"] and kind["sub_kind"] not in _MOVES[1:]
    ]


def step_of(kind: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A step of the form; 404 where the kind has none of that name."""
    return _first(step for step in kind["steps"] if step["name"] == name)


def _first(items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    found = next(iter(items), None)
    if found is None:
        abort(404)
    return found

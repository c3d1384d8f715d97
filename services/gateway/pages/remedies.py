"""Where a finding can be put right: the page, the upload, or the other kind of business that a rule points to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from shared.contracts.common import BUSINESS_TYPES

from .. import view_models as words
from ..translations import gettext as _
from .tasks import step_url

#: Rules of a first registration name a sub-kind of REG alone.
_SUB_KINDS_OF_REG = ("FIRST", "RE", "ADD_PLACE", "LICENSED")
_ENTERED = {"paper_certificate": "pages.paper_certificate", "activation": "pages.person_home"}


@dataclass(frozen=True)
class Link:
    """An address with the words that lead to it."""

    url: str
    text: str


def remedy_link(found: Mapping[str, Any], view: Mapping[str, Any] | None = None) -> Link | None:
    """The page on which a finding can be changed; pages of a form only where there is one, with `view`."""
    remedy = found["remedy"]
    if "business" in remedy:
        return _business(str(remedy["business"]), str(remedy.get("sub_kind", "")))
    if remedy.get("enter") in _ENTERED:
        entered = str(remedy["enter"])
        return Link(url_for(_ENTERED[entered]), words.word(f"enter.{entered}"))
    if found["code"].startswith("open_application"):
        return Link(url_for("pages.my_applications"), _("查看我的办件"))
    if view is None:
        return None
    if "material" in remedy:
        kind = str(remedy["material"])
        url = url_for("pages.material_page", application_id=view["id"], kind=kind)
        return Link(url, _("上传：%(material)s", material=words.material(kind)))
    if remedy.get("step") in {step["name"] for step in view["steps"]}:
        step = str(remedy["step"])
        return Link(step_url(view, step), _("修改：%(step)s", step=words.word_of(view, "step_summary", step)))
    return None


def _business(name: str, sub_kind: str) -> Link | None:
    if name in _SUB_KINDS_OF_REG:
        name, sub_kind = "REG", name
    if name not in BUSINESS_TYPES:
        return None
    url = url_for("pages.readiness", kind=name, sub=sub_kind or None)
    return Link(url, _("办理：%(business)s", business=words.business(name, sub_kind)))

"""The page of a case and its decision, for the institution's clerk and for the authority's officers alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from shared.contracts import accounts, applications, review
from shared.platform.errors import Conflict, DomainError

from .. import view_models as words
from ..calls import call
from ..csrf import submitted_key
from ..forms import Form
from ..http_errors import field_sentence
from ..translations import gettext as _
from .account import or_none
from .desk import desk
from .rendering import form_page, page, see_other, wants_fragment
from .step_forms import locked_rows

#: Outcomes that can't be taken back and hit the applicant: they get a page of their own to confirm (ui §7).
CONFIRMED = ("refuse", "terminate", "not_accept", "reject")
#: The order of the panel: what goes on, what goes back, what ends.
_ORDER = (
    "confirm",
    "accept",
    "agree",
    "approve",
    "return_to_applicant",
    "supplement",
    "object",
    "reject",
    "not_accept",
    "refuse",
    "terminate",
)


@dataclass(frozen=True)
class Portal:
    """Where a case page stands: the endpoints of the institution's or of the authority's portal."""

    case: str
    queue: str
    tab: str


@dataclass(frozen=True)
class Choice:
    """One action of the panel with the reasons that it may give."""

    action: str
    title: str
    explanation: str
    needs_reasons: bool
    reasons: list[tuple[str, str]]


def case_page(case_id: UUID, portal: Portal, form: Form, *, preview: list[str] | None = None) -> Response:
    """A case: what waits beside it, the outcomes of the rules first, then what is asked for, papers, history, panel."""
    case = call(review.CASE, id=case_id)
    application = or_none(lambda: call(applications.APPLICATION, id=case["application_id"]))
    business = or_none(lambda: call(applications.BUSINESS_TYPE_LIST)["items"]) or []
    steps: list[dict[str, Any]] = next((item["steps"] for item in business if item["type"] == case["type"]), [])
    tab = request.values.get("tab") or portal.tab
    beside = or_none(lambda: call(review.WORK_LIST, tab=tab if tab in review.TABS else None, limit=12))
    return form_page(
        "authority/case.html",
        form,
        desk=desk(),
        portal=portal,
        tab=tab,
        case=case,
        application=application,
        sections=_sections(steps, application) if application else [],
        beside=beside,
        choices=choices_of(case, application),
        right_authorities=_right_authorities(case),
        preview=preview,
        done=request.args.get("done", ""),
        done_number=request.args.get("number", ""),
    )


def choices_of(case: Mapping[str, Any], application: Mapping[str, Any] | None) -> list[Choice]:
    """The actions open to the caller, each with its reasons; several documents make several lines of one reason."""
    present = _documents(case, application)
    options = sorted(case["actions"], key=lambda option: _place(option["action"]))
    return [
        Choice(
            option["action"],
            words.word(f"decision.{option['action']}"),
            words.word_or(f"decision_hint.{option['action']}", ""),
            option["needs_reasons"],
            [line for code in option["reason_codes"] for line in _reason_lines(code, option, present)],
        )
        for option in options
        if not option["takes_paper"] and option["action"] != "withdraw"
    ]


def decide(case_id: UUID, portal: Portal) -> Response:
    """Take the chosen action; refusals are confirmed first, a conflict keeps what was typed."""
    form = Form(request.form)
    case = call(review.CASE, id=case_id)
    options = {option["action"]: option for option in case["actions"]}
    action = form.text("action")
    if form.text("version") != str(case["version"]):
        form.blame(Conflict("case_changed"), {}, "action")
        form.anchors["action"] = "main"
        return case_page(case_id, portal, form)
    if action not in options:
        form.refuse("action", field_sentence("choose_one", "action"), anchor=_first_anchor(case))
        return case_page(case_id, portal, form)
    noted = options[action]["noted_reasons"]
    reasons = _reasons(form, action, noted)
    if options[action]["needs_reasons"] and not reasons:
        form.refuse("reasons", field_sentence("reasons_missing", "reasons"), anchor=f"reason-{action}-1")
    if any(item["code"] in noted for item in reasons) and not form.text("note"):
        form.refuse("note", field_sentence("note_missing", "note"))
    if form.raw("do") == "preview":
        lines = notice_lines(action, reasons, form.text("note"))
        if wants_fragment():
            return page("authority/preview.html", preview=lines)
        return case_page(case_id, portal, form, preview=lines)
    if form.is_wrong:
        return case_page(case_id, portal, form)
    if action in CONFIRMED and not form.raw("confirmed"):
        return form_page(
            "authority/confirm.html",
            form,
            desk=desk(),
            portal=portal,
            case=case,
            action=action,
            reasons=reasons,
            lines=notice_lines(action, reasons, form.text("note")),
        )
    return _decided(case_id, portal, form, case, action, reasons)


def notice_lines(action: str, reasons: list[dict[str, Any]], note: str) -> list[str]:
    """The notice to the doctor as it will read: its title first, then what is to be put right."""
    lines = [words.word_or(f"notice_title.{action}", words.word(f"decision.{action}"))]
    lines += [words.reason(item) for item in reasons]
    if note:
        lines.append(note)
    closing = words.word_or(f"notice_closing.{action}", "")
    return [*lines, closing] if closing else lines


def after(portal: Portal, case: Mapping[str, Any], tab: str, done: str) -> Response:
    """On to the next case of the same tab, or to the queue, with a line that says what was done."""
    told = {"done": done, "number": case["number"], "tab": tab}
    listed = or_none(lambda: call(review.WORK_LIST, tab=tab if tab in review.TABS else None, limit=2))
    following = next((row for row in (listed or {"items": []})["items"] if row["case_id"] != case["id"]), None)
    if following:
        return see_other(url_for(portal.case, case_id=following["case_id"], **told))
    return see_other(url_for(portal.queue, **told))


def _decided(
    case_id: UUID, portal: Portal, form: Form, case: Mapping[str, Any], action: str, reasons: list[dict[str, Any]]
) -> Response:
    key = submitted_key()
    try:
        if not case["claimed_by_me"]:
            case = call(review.CLAIM_TASK, task_id=case["task_id"], key=key)
        decided = call(
            review.DECIDE,
            task_id=case["task_id"],
            version=int(form.text("version")),
            action=action,
            reasons=reasons,
            note=form.text("note"),
            right_authority_id=_identifier(form.text("right_authority")) if action == "not_accept" else None,
            key=key,
        )
    except Conflict as refused:
        form.blame(refused, {}, "action")
        form.anchors.setdefault("action", "main")
        return case_page(case_id, portal, form)
    except DomainError as refused:
        form.blame(refused, {"right_authority_required": "right_authority"}, _field_of(refused))
        form.anchors.setdefault("action", _first_anchor(case))
        form.anchors.setdefault("reasons", f"reason-{action}-1")
        return case_page(case_id, portal, form)
    return after(portal, decided, form.text("tab") or portal.tab, action)


def _reasons(form: Form, action: str, noted: list[str]) -> list[dict[str, Any]]:
    """What was ticked; the words typed go with the codes that say too little without them."""
    found = []
    for value in form.all(f"reason-{action}"):
        code, _colon, target = value.partition(":")
        note = form.text("note")[:300] if code in noted else ""
        found.append({"code": code, "target": target, "note": note})
    return found


def _reason_lines(code: str, option: Mapping[str, Any], documents: list[str]) -> list[tuple[str, str]]:
    """One line a reason; where it may concern several documents, one for each of them that the case has.

    A document whose absence is a reason of its own (`health_check_missing`) is not offered as missing twice.
    """
    targets = option["reason_targets"].get(code, [])
    if len(targets) < 2:
        return [(code, words.word(f"reason.{code}"))]
    present = [kind for kind in targets if kind in documents] or targets
    if code == "document_missing":
        present = [kind for kind in present if f"{kind}_missing" not in option["reason_codes"]]
    said = words.word(f"reason.{code}")
    return [(f"{code}:{kind}", _("%(about)s：%(said)s", about=words.target(kind), said=said)) for kind in present]


def _place(action: str) -> int:
    return _ORDER.index(action) if action in _ORDER else len(_ORDER)


def _documents(case: Mapping[str, Any], application: Mapping[str, Any] | None) -> list[str]:
    uploaded = [item["kind"] for item in application["materials"]] if application else []
    return list(dict.fromkeys([*case["paper_materials"], *uploaded]))


def _sections(steps: list[dict[str, Any]], application: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What is asked for, step by step; fields that this reader may not see have no value and no row."""
    sections = []
    for spec in steps:
        rows = [row for row in locked_rows(spec, application, None, everything=True) if row[1]]
        if rows:
            sections.append((spec["name"], rows))
    return sections


def _field_of(refused: DomainError) -> str:
    if "note" in refused.code:
        return "note"
    return "reasons" if refused.code.startswith(("reason", "supplement")) else "action"


def _right_authorities(case: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who may be competent instead (行政许可法 art.32(2)): whoever approves the institution now, and those above it."""
    if not any(option["action"] == "not_accept" for option in case["actions"]):
        return []
    today = or_none(lambda: call(accounts.INSTITUTION, id=case["institution"]["id"])) or case["institution"]
    known = [today["authority"], *today["superiors"], case["institution"]["authority"]]
    found = {str(item["id"]): str(item["name"]) for item in known if item["id"] != case["authority"]["id"]}
    return list(found.items())


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _first_anchor(case: Mapping[str, Any]) -> str:
    return f"action-{case['actions'][0]['action']}" if case["actions"] else "main"

"""What an institution reports and an authority enters about a physician: a form, a page to confirm, the act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, abort, request, url_for

from shared.contracts import applications
from shared.platform.errors import DomainError, InvalidInput

from .. import view_models as words
from ..authentication import needs_role
from ..calls import call
from ..csrf import submitted_key
from ..forms import Form
from ..routes.common import body_of
from .blueprint import pages
from .desk import desk
from .kinds import kind_of, step_of
from .rendering import form_page, see_other
from .roster import AUTHORITY, DECIDING_ROLES, INSTITUTION, Side, acts_for, row_of
from .step_forms import read_values, shown

Row = Mapping[str, Any]
Values = dict[str, Any]


def _field(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "required": True, "choices": [], "max_length": None, "max_choices": None} | more


@dataclass(frozen=True)
class Act:
    """One act: the kind of business it is (`type`, `sub_kind`; a plain name for an entry), its page, its call."""

    named: Mapping[str, str]
    fields: Callable[[Mapping[str, str]], list[dict[str, Any]]]
    carry_out: Callable[[Row, Values, int], Any]


def _step(name: str) -> Callable[[Mapping[str, str]], list[dict[str, Any]]]:
    """The fields of a step of the kind of business, as its own service describes it."""
    return lambda named: step_of(kind_of(named), name)["fields"]


def _fixed(*fields: dict[str, Any]) -> Callable[[Mapping[str, str]], list[dict[str, Any]]]:
    return lambda named: list(fields)


def _report(sub_kind: str) -> Callable[[Row, Values, int], Any]:
    def carry_out(row: Row, values: Values, version: int) -> Any:
        return call(
            applications.REPORT,
            type="CANCEL",
            sub_kind=sub_kind,
            registration_id=row["registration_id"],
            values=values,
            key=submitted_key(),
        )

    return carry_out


def _end_filing(row: Row, values: Values, version: int) -> Any:
    return call(
        applications.REPORT, type="MULTI_DEL", filing_id=row["filing"]["id"], values=values, key=submitted_key()
    )


def _enter(contract: Any) -> Callable[[Row, Values, int], Any]:
    form = body_of(contract, "registration_id", "version")()

    def carry_out(row: Row, values: Values, version: int) -> Any:
        entered = form.load(values)
        return call(contract, entered, registration_id=row["registration_id"], version=version, key=submitted_key())

    return carry_out


_ACTS: dict[tuple[str, str], Act] = {
    (INSTITUTION.name, "departure"): Act(
        {"type": "DEPARTURE", "sub_kind": ""},
        _fixed(_field("left_on", "date"), _field("reason", "choice", choices=list(applications.DEPARTURES))),
        _enter(applications.FILE_DEPARTURE),
    ),
    (INSTITUTION.name, "cancellation"): Act(
        {"type": "CANCEL", "sub_kind": "BY_REPORT"}, _step("ground"), _report("BY_REPORT")
    ),
    (INSTITUTION.name, "filing_end"): Act({"type": "MULTI_DEL", "sub_kind": ""}, _step("ending_day"), _end_filing),
    (AUTHORITY.name, "cancellation"): Act(
        {"type": "CANCEL", "sub_kind": "EX_OFFICIO"}, _step("ground"), _report("EX_OFFICIO")
    ),
    (AUTHORITY.name, "suspension"): Act(
        {"type": "SUSPENSION", "sub_kind": ""},
        _fixed(
            _field("cause", "choice", choices=["penalty", "assessment"]),
            _field("since", "date"),
            _field("until", "date"),
            _field("decision_number", "text", max_length=60),
        ),
        _enter(applications.SUSPEND),
    ),
    (AUTHORITY.name, "assessment"): Act(
        {"type": "ASSESSMENT", "sub_kind": ""},
        _fixed(_field("assessed_on", "date"), _field("passed", "boolean")),
        _enter(applications.ENTER_ASSESSMENT),
    ),
}


@pages.get("/institution/physicians/<uuid:registration_id>/<act>")
@needs_role("clerk")
def institution_act(registration_id: UUID, act: str) -> Response:
    """报告离岗备案, 报告注销情形, 结束备案: the form."""
    return _form_of(INSTITUTION, registration_id, act, Form())


@pages.post("/institution/physicians/<uuid:registration_id>/<act>")
@needs_role("clerk")
def institution_acts(registration_id: UUID, act: str) -> Response:
    """The page to confirm, then the act."""
    return _acted(INSTITUTION, registration_id, act)


@pages.get("/authority/physicians/<uuid:registration_id>/<act>")
@needs_role(*DECIDING_ROLES)
def authority_act(registration_id: UUID, act: str) -> Response:
    """依职权注销, 暂停执业, 定期考核: the form."""
    return _form_of(AUTHORITY, registration_id, act, Form())


@pages.post("/authority/physicians/<uuid:registration_id>/<act>")
@needs_role(*DECIDING_ROLES)
def authority_acts(registration_id: UUID, act: str) -> Response:
    """The page to confirm, then the act."""
    return _acted(AUTHORITY, registration_id, act)


def _acted(side: Side, registration_id: UUID, name: str) -> Response:
    form = Form(request.form)
    row, act = _found(side, registration_id, name)
    fields = act.fields(act.named)
    values = read_values(form, {"fields": fields}, act.named, later=False)
    if form.is_wrong or form.raw("do") == "change":
        return _form_of(side, registration_id, name, form)
    if not form.raw("confirmed"):
        rows = [
            (words.label(field["name"], act.named), shown(field, values.get(field["name"]), None)) for field in fields
        ]
        return _page("roster/act_confirm.html", side, row, name, act, form, rows=rows, kept=_kept(form, fields))
    version = form.text("version")
    try:
        done = act.carry_out(row, values, int(version) if version.isdigit() else row["version"])
    except InvalidInput as refused:
        form.take(refused, prefix="values.")
        return _form_of(side, registration_id, name, form)
    except DomainError as refused:
        form.blame(refused, {"suspension_length": "until"}, fields[0]["name"])
        form.anchors.setdefault("until", "until-y")
        return _form_of(side, registration_id, name, form)
    return see_other(url_for(side.list, done=name, case=done.get("number"), after=request.args.get("after")))


def _kept(form: Form, fields: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What was filled in, to be sent along with the confirmation."""
    names = [
        name
        for field in fields
        for name in ([f"{field['name']}-{part}" for part in "ymd"] if field["kind"] == "date" else [field["name"]])
    ]
    return [(name, value) for name in names for value in form.all(name)]


def _form_of(side: Side, registration_id: UUID, name: str, form: Form) -> Response:
    row, act = _found(side, registration_id, name)
    return _page("roster/act.html", side, row, name, act, form, fields_of_act=act.fields(act.named))


def _found(side: Side, registration_id: UUID, name: str) -> tuple[dict[str, Any], Act]:
    """The physician's row and the act; 404 where it can't be done to them."""
    row = row_of(registration_id, request.args.get("after"), request.args.get("filing"))
    if name not in acts_for(side, row):
        abort(404)
    return row, _ACTS[side.name, name]


def _page(template: str, side: Side, row: Row, name: str, act: Act, form: Form, **more: Any) -> Response:
    return form_page(
        template,
        form,
        desk=desk(),
        side=side,
        row=row,
        name=name,
        act=act,
        after=request.args.get("after"),
        filing=request.args.get("filing"),
        **more,
    )

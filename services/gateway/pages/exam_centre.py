"""The exam centre's desk: delivered result files, their reports, publication and undo, gates, held rows."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from shared.contracts import sync
from shared.platform.errors import DomainError, NotFound
from shared.platform.working_days import SHANGHAI

from ..authentication import needs_role
from ..calls import call
from ..csrf import submitted_key
from ..forms import Form
from ..http_errors import field_sentence
from ..view_models import tally
from .blueprint import pages
from .desk import desk
from .rendering import form_page, page, see_other, wants_fragment

_OUTCOMES = ("use", "dismiss")
#: What the contract wants of a reason.
_SHORTEST_REASON = 5
_ACTS = {"publish": sync.PUBLISH_BATCH, "undo": sync.UNDO_BATCH}


@pages.get("/exam-centre")
@needs_role("examiner")
def exam_batches() -> Response:
    """考试批次, newest first."""
    return page("exam_centre/batches.html", desk=desk(), listed=call(sync.BATCHES, after=request.args.get("after")))


@pages.get("/exam-centre/batches/<uuid:batch_id>")
@needs_role("examiner")
def exam_batch(batch_id: UUID) -> Response:
    """One batch: how far it is, every reason with its number, the rows themselves."""
    return _batch_page(batch_id, Form())


@pages.post("/exam-centre/batches/<uuid:batch_id>")
@needs_role("examiner")
def act_on_batch(batch_id: UUID) -> Response:
    """Publish or undo a batch, in the version that was seen."""
    form = Form(request.form)
    contract = _ACTS.get(form.raw("do"))
    version = form.text("version")
    if contract is None or not version.isdigit():
        return see_other(url_for("pages.exam_batch", batch_id=batch_id))
    try:
        call(contract, id=batch_id, version=int(version), key=submitted_key())
    except DomainError as refused:
        form.blame(refused, {}, "do")
        form.anchors["do"] = "main"
        return _batch_page(batch_id, form)
    return see_other(url_for("pages.exam_batch", batch_id=batch_id, done=form.raw("do")))


@pages.get("/exam-centre/gates")
@needs_role("examiner")
def exam_gates() -> Response:
    """开放时间 of every region."""
    return _gates_page(Form())


@pages.post("/exam-centre/gates")
@needs_role("examiner")
def open_gate() -> Response:
    """Open a gate now, or plan its moment."""
    form = Form(request.form)
    region, year, round_ = form.need("region"), form.need("year"), form.need("round")
    if year and not re.fullmatch(r"(19|20)\d\d", year):
        form.refuse("year", field_sentence("year_format", "year"))
    planned = _planned(form)
    if form.is_wrong:
        return _gates_page(form)
    try:
        call(
            sync.OPEN_GATE,
            region=region,
            year=int(year),
            round=int(round_) if round_.isdigit() else 0,
            planned_at=planned,
            key=submitted_key(),
        )
    except DomainError as refused:
        form.blame(refused, {}, "region")
        return _gates_page(form)
    return see_other(url_for("pages.exam_gates", done="open_gate"))


@pages.get("/exam-centre/quarantine")
@needs_role("examiner")
def exam_quarantine() -> Response:
    """待核数据: rows that wait for a person, oldest first."""
    listed = call(sync.QUARANTINE, after=request.args.get("after"))
    return page(
        "exam_centre/quarantine.html",
        desk=desk(),
        listed=listed,
        total=tally(listed["total"]),
        done=request.args.get("done", ""),
    )


@pages.get("/exam-centre/quarantine/<uuid:row_id>")
@needs_role("examiner")
def held_row(row_id: UUID) -> Response:
    """One held row: what is wrong with it, and what to do."""
    return _held_row_page(row_id, Form())


@pages.post("/exam-centre/quarantine/<uuid:row_id>/details")
@needs_role("examiner")
def reveal_held_row(row_id: UUID) -> Response:
    """查看完整信息: name and number in full, for a reason that the person may read later (E71)."""
    form = Form(request.form)
    reason = form.text("reason")
    if len(reason) < _SHORTEST_REASON:
        form.refuse("reason", field_sentence("reason_length", "reason"))
        return _held_row_page(row_id, form)
    try:
        revealed = call(sync.REVEAL_HELD_ROW, id=row_id, reason=reason)
    except DomainError as refused:
        form.blame(refused, {}, "reason")
        return _held_row_page(row_id, form)
    return _held_row_page(row_id, form, revealed=revealed)


@pages.post("/exam-centre/quarantine/<uuid:row_id>")
@needs_role("examiner")
def decide_held_row(row_id: UUID) -> Response:
    """Use the row as it is, or dismiss it; the decision names what it rests on."""
    form = Form(request.form)
    outcome = form.text("outcome")
    if outcome not in _OUTCOMES:
        form.refuse("outcome", field_sentence("choose_one", "outcome"))
    decision = form.need("decision")
    if form.is_wrong:
        return _held_row_page(row_id, form)
    try:
        call(sync.DECIDE_HELD_ROW, id=row_id, outcome=outcome, decision=decision, key=submitted_key())
    except DomainError as refused:
        form.blame(refused, {}, "outcome")
        return _held_row_page(row_id, form)
    return see_other(url_for("pages.exam_quarantine", done=f"held_{outcome}"))


def _planned(form: Form) -> datetime | None:
    if form.text("when") != "planned":
        return None
    day = form.day("planned")
    hour = form.text("planned-hour") or "9"
    if not hour.isdigit() or int(hour) > 23:
        form.refuse("planned", field_sentence("hour_format", "planned"), anchor="planned-hour")
        return None
    return datetime(day.year, day.month, day.day, int(hour), tzinfo=SHANGHAI) if day else None


def _batch_page(batch_id: UUID, form: Form) -> Response:
    report: dict[str, Any] = call(sync.BATCH_REPORT, id=batch_id, after=request.args.get("after"))
    template = "exam_centre/report_rows.html" if wants_fragment() else "exam_centre/batch.html"
    return form_page(template, form, desk=desk(), report=report, done=request.args.get("done", ""))


def _held_row_page(row_id: UUID, form: Form, *, revealed: dict[str, Any] | None = None) -> Response:
    listed = call(sync.QUARANTINE, limit=100)["items"]
    row = next((item for item in listed if item["id"] == row_id), None)
    if row is None:
        raise NotFound("held_row_not_found")
    return form_page("exam_centre/held_row.html", form, desk=desk(), row=row, revealed=revealed, outcomes=_OUTCOMES)


def _gates_page(form: Form) -> Response:
    gates = sorted(call(sync.CALENDAR)["gates"], key=lambda gate: (-gate["year"], -gate["round"], gate["region"]))
    return form_page("exam_centre/gates.html", form, desk=desk(), gates=gates, done=request.args.get("done", ""))

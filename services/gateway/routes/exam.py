"""Exam results: batches, their reports, publication and undo, gates, quarantine."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from marshmallow import fields
from marshmallow.validate import Range

from shared.contracts import sync
from shared.platform.errors import InvalidInput
from shared.platform.schemas import WireSchema

from .. import files
from ..calls import call, expected_version
from .common import Page, answer_of, body_of, resource, tagged, tells_version, wants_version

blueprint = resource("exam", "考试数据")
BATCH = answer_of(sync.BATCH)


class BatchQuery(WireSchema):
    """Which exam a result file belongs to."""

    year = fields.Integer(required=True, validate=Range(1999, 2100))
    round = fields.Integer(load_default=1, validate=Range(1, 2))


@blueprint.post("/exam-batches")
@blueprint.arguments(BatchQuery, location="query")
@blueprint.response(202, BATCH)
@tells_version
def start_import(query: dict[str, Any]) -> Any:
    """Deliver a result file (CSV) as the raw body; it is worked through in slices, the batch says how far it is."""
    if not request.content_length:
        raise InvalidInput("invalid_input", fields={"file": ["required"]})
    request.max_content_length = None  # a result file is bounded by MAX_RESULT_FILE, not by the limit of other bodies
    call(sync.BATCHES, limit=1)  # whoever may not see batches has not a byte of a file taken
    received = files.receive(request.stream, files.MAX_RESULT_FILE)
    return tagged(
        call(sync.START_IMPORT, query, reference=received.reference, sha256=received.digest, size=received.size)
    )


start_import._apidoc.setdefault("manual_doc", {})["requestBody"] = {
    "required": True,
    "content": {"text/csv": {"schema": {"type": "string"}}},
}


@blueprint.get("/exam-batches")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, answer_of(sync.BATCHES))
def batches(page: dict[str, Any]) -> Any:
    """Delivered result files, newest first."""
    return call(sync.BATCHES, page)


@blueprint.get("/exam-batches/<uuid:batch_id>")
@blueprint.response(200, BATCH)
@tells_version
def batch(batch_id: UUID) -> Any:
    """One batch: how far it is, counts by state and by defect."""
    return tagged(call(sync.BATCH, id=batch_id))


@blueprint.get("/exam-batches/<uuid:batch_id>/report")
@blueprint.arguments(body_of(sync.BATCH_REPORT, "id"), location="query")
@blueprint.response(200, answer_of(sync.BATCH_REPORT))
def report(query: dict[str, Any], batch_id: UUID) -> Any:
    """The rows that were refused or held back, with their reasons."""
    return call(sync.BATCH_REPORT, query, id=batch_id)


@blueprint.post("/exam-batches/<uuid:batch_id>/publication")
@blueprint.response(202, BATCH)
@wants_version
@tells_version
def publish(batch_id: UUID) -> Any:
    """Open a batch to its candidates through the gates; wants `If-Match`."""
    return tagged(call(sync.PUBLISH_BATCH, id=batch_id, version=expected_version()))


@blueprint.post("/exam-batches/<uuid:batch_id>/undo")
@blueprint.response(200, BATCH)
@wants_version
@tells_version
def undo(batch_id: UUID) -> Any:
    """Take an unpublished batch back; wants `If-Match`."""
    return tagged(call(sync.UNDO_BATCH, id=batch_id, version=expected_version()))


@blueprint.post("/gates")
@blueprint.arguments(body_of(sync.OPEN_GATE))
@blueprint.response(200, answer_of(sync.OPEN_GATE))
def open_gate(body: dict[str, Any]) -> Any:
    """Open a region's publication gate now, or plan its moment."""
    return call(sync.OPEN_GATE, body)


@blueprint.get("/quarantine")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, answer_of(sync.QUARANTINE))
def quarantine(page: dict[str, Any]) -> Any:
    """Rows that wait for a person, oldest first."""
    return call(sync.QUARANTINE, page)


@blueprint.post("/quarantine/<uuid:row_id>/reveal")
@blueprint.arguments(body_of(sync.REVEAL_HELD_ROW, "id"))
@blueprint.response(200, answer_of(sync.REVEAL_HELD_ROW))
def reveal(body: dict[str, Any], row_id: UUID) -> Any:
    """A held row's name and ID number in full, for a stated reason that is logged."""
    return call(sync.REVEAL_HELD_ROW, body, id=row_id)


@blueprint.post("/quarantine/<uuid:row_id>/decision")
@blueprint.arguments(body_of(sync.DECIDE_HELD_ROW, "id"))
@blueprint.response(200, BATCH)
@tells_version
def decide_held_row(body: dict[str, Any], row_id: UUID) -> Any:
    """Use a held row as it is, or dismiss it; nothing is published by itself."""
    return tagged(call(sync.DECIDE_HELD_ROW, body, id=row_id))


@blueprint.post("/qualifications/<uuid:qualification_id>/decisions")
@blueprint.arguments(body_of(sync.CHANGE_QUALIFICATION, "id"))
@blueprint.response(200, answer_of(sync.CHANGE_QUALIFICATION))
def change_qualification(body: dict[str, Any], qualification_id: UUID) -> Any:
    """Correct, freeze, unfreeze or annul a qualification, on a decision that is named."""
    return call(sync.CHANGE_QUALIFICATION, body, id=qualification_id)

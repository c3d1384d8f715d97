"""Review: work lists, claims, paper, decisions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared.contracts import review

from ..calls import call, expected_version
from .common import answer_of, body_of, resource, tagged, tells_version, wants_version

blueprint = resource("review", "审核")
CASE = answer_of(review.CASE)


@blueprint.get("/tasks")
@blueprint.arguments(body_of(review.WORK_LIST, "name"), location="query")
@blueprint.response(200, answer_of(review.WORK_LIST))
def tasks(query: dict[str, Any]) -> Any:
    """What waits for the caller's organisation and role, fewest working days first. Names are searched by POST."""
    return call(review.WORK_LIST, query)


@blueprint.post("/task-searches")
@blueprint.arguments(body_of(review.WORK_LIST))
@blueprint.response(200, answer_of(review.WORK_LIST))
def search_tasks(body: dict[str, Any]) -> Any:
    """The same with an applicant's name, which never stands in a URL."""
    return call(review.WORK_LIST, body)


@blueprint.post("/tasks/next")
@blueprint.arguments(body_of(review.NEXT_TASK))
@blueprint.response(200, answer_of(review.NEXT_TASK))
def next_task(body: dict[str, Any]) -> Any:
    """Claim the most urgent task."""
    return call(review.NEXT_TASK, body)


@blueprint.post("/tasks/<uuid:task_id>/claim")
@blueprint.response(200, CASE)
@tells_version
def claim(task_id: UUID) -> Any:
    """Take a task for oneself; somebody else's claim is a conflict."""
    return tagged(call(review.CLAIM_TASK, task_id=task_id))


@blueprint.delete("/tasks/<uuid:task_id>/claim")
@blueprint.response(200, CASE)
@tells_version
def release(task_id: UUID) -> Any:
    """Give a task back."""
    return tagged(call(review.RELEASE_TASK, task_id=task_id))


@blueprint.get("/cases/<uuid:case_id>")
@blueprint.response(200, CASE)
@tells_version
def case(case_id: UUID) -> Any:
    """A case with the caller's actions, its clocks and its history."""
    return tagged(call(review.CASE, id=case_id))


@blueprint.post("/cases/<uuid:case_id>/paper-receipts")
@blueprint.arguments(body_of(review.RECEIVE_PAPER, "case_id", "version"))
@blueprint.response(200, CASE)
@wants_version
@tells_version
def receive_paper(body: dict[str, Any], case_id: UUID) -> Any:
    """The window received the paper file; wants `If-Match`."""
    return tagged(call(review.RECEIVE_PAPER, body, case_id=case_id, version=expected_version()))


@blueprint.post("/tasks/<uuid:task_id>/decision")
@blueprint.arguments(body_of(review.DECIDE, "task_id", "version"))
@blueprint.response(200, CASE)
@wants_version
@tells_version
def decide(body: dict[str, Any], task_id: UUID) -> Any:
    """Decide a task on the version of the case that was seen (`If-Match`)."""
    return tagged(call(review.DECIDE, body, task_id=task_id, version=expected_version()))

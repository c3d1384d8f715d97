"""What `review` answers and announces: work lists, cases, decisions, paper, withdrawal, statutory clocks."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range

from shared.contracts.applications import PersonalDataViewed
from shared.contracts.common import (
    BUSINESS_TYPES,
    AuthorityBrief,
    ById,
    InstitutionSnapshot,
    PageRequest,
    PolicyPin,
    ReasonItem,
    Tally,
    rule_outcomes,
    words,
)
from shared.platform.contract import EventType, Figure, RpcMethod
from shared.platform.schemas import Sealed, WireSchema

TABS = ("confirm", "receive", "accept", "review", "decide", "supplementing", "exception", "done_today", "done")


class WorkListRequest(PageRequest):
    """The tasks that the caller's organisation and role may act on; fewest working days left first (ui §7)."""

    tab = fields.String(load_default=None, allow_none=True, validate=OneOf(TABS))
    type = fields.String(load_default=None, allow_none=True, validate=OneOf(BUSINESS_TYPES))
    division = fields.String(load_default=None, allow_none=True)
    number = fields.String(load_default=None, allow_none=True, validate=Length(max=40))
    name = Sealed(load_default=None, allow_none=True)


class TaskRow(WireSchema):
    """One task in a work list; `checks` counts the outcomes that need an eye."""

    task_id = fields.UUID(required=True)
    case_id = fields.UUID(required=True)
    application_id = fields.UUID(required=True)
    case_version = fields.Integer(required=True)
    number = fields.String(required=True)
    type = fields.String(required=True)
    sub_kind = fields.String(required=True)
    step = fields.String(required=True)
    state = fields.String(required=True)
    applicant_name = Sealed(required=True)
    level = fields.String(required=True)
    category = fields.String(required=True)
    institution_name = fields.String(required=True)
    opened_at = fields.AwareDateTime(required=True)
    due_on = fields.Date(allow_none=True, required=True)
    due_provisional = fields.Boolean(load_default=False)
    days_left = fields.Integer(allow_none=True, required=True)  # working days; negative when overdue
    checks = fields.Integer(required=True)
    claimed_by = fields.UUID(allow_none=True, load_default=None)
    claimed_by_me = fields.Boolean(load_default=False)


class WorkList(WireSchema):
    """A page of tasks with the count of each tab, exact to 100."""

    items = fields.List(fields.Nested(TaskRow), required=True)
    next = fields.String(allow_none=True, load_default=None)
    total = fields.Nested(Tally, required=True)
    tabs = fields.Dict(keys=fields.String(), values=fields.Nested(Tally), required=True)


class NextTaskRequest(WireSchema):
    """Claim the most urgent task that the caller may act on."""

    tab = fields.String(load_default=None, allow_none=True, validate=OneOf(TABS))


class NextTask(WireSchema):
    """The claimed task, or None when there is none."""

    task = fields.Nested(TaskRow, allow_none=True, required=True)


class TaskAct(WireSchema):
    """Claim or release a task."""

    task_id = fields.UUID(required=True)


class TimelineEntry(WireSchema):
    """One step of a case, as it happened; entries only grow."""

    at = fields.AwareDateTime(required=True)
    action = fields.String(required=True)
    from_state = fields.String(required=True)
    to_state = fields.String(required=True)
    actor_role = fields.String(required=True)
    organisation_name = fields.String(load_default="")
    reasons = fields.List(fields.Nested(ReasonItem), load_default=list)
    note = words()
    right_authority_name = fields.String(load_default="")  # not accepted here: who is competent instead (E31)


class Timeline(WireSchema):
    """What happened to an application, who acts next and until when."""

    application_id = fields.UUID(required=True)
    case_id = fields.UUID(allow_none=True, load_default=None)
    case_version = fields.Integer(allow_none=True, load_default=None)
    state = fields.String(required=True)
    acts_next = fields.String(required=True)
    act_until = fields.Date(allow_none=True, load_default=None)
    can_withdraw = fields.Boolean(required=True)
    window = fields.Nested(AuthorityBrief, allow_none=True, load_default=None)
    entries = fields.List(fields.Nested(TimelineEntry), required=True)


class ActionOption(WireSchema):
    """One action that the caller may take now, and what it demands."""

    action = fields.String(required=True)
    needs_reasons = fields.Boolean(required=True)
    reason_codes = fields.List(fields.String(), required=True)
    reason_targets = fields.Dict(  # the documents or fields that a code may be given against; one needs no naming
        keys=fields.String(), values=fields.List(fields.String()), load_default=dict
    )
    noted_reasons = fields.List(fields.String(), load_default=list)  # those codes that say too little without words
    needs_note = fields.Boolean(load_default=False)
    takes_paper = fields.Boolean(load_default=False)  # done by `receive_paper`, not by `decide`


class ClockView(WireSchema):
    """A statutory clock of the case, in working days (domain §3.0)."""

    name = fields.String(required=True)  # institution | supplement_notice | decision | certificate
    started_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    provisional = fields.Boolean(required=True)
    days_left = fields.Integer(allow_none=True, load_default=None)
    article = fields.String(required=True)


class CaseView(WireSchema):
    """A case (案件) as the institution or the competent authority works on it."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    application_id = fields.UUID(required=True)
    number = fields.String(required=True)
    type = fields.String(required=True)
    sub_kind = fields.String(required=True)
    state = fields.String(required=True)
    step = fields.String(required=True)
    submission = fields.Integer(required=True)
    person_id = fields.UUID(required=True)
    applicant_name = Sealed(required=True)
    level = fields.String(required=True)
    category = fields.String(required=True)
    institution = fields.Nested(InstitutionSnapshot, required=True)
    authority = fields.Nested(AuthorityBrief, required=True)
    workflow = fields.String(required=True)  # name and version, e.g. REG/1
    policy = fields.Nested(PolicyPin, required=True)
    outcomes = rule_outcomes()
    paper_materials = fields.List(fields.String(), required=True)
    paper_received = fields.List(fields.String(), required=True)
    task_id = fields.UUID(allow_none=True, load_default=None)
    claimed_by_me = fields.Boolean(load_default=False)
    claimed_by_other = fields.Boolean(load_default=False)
    actions = fields.List(fields.Nested(ActionOption), required=True)
    clocks = fields.List(fields.Nested(ClockView), required=True)
    reasons = fields.List(fields.Nested(ReasonItem), load_default=list)
    decision_number = fields.String(load_default="")
    entries = fields.List(fields.Nested(TimelineEntry), required=True)


class PaperReceiptRequest(WireSchema):
    """The window received the paper file: which of the listed papers are there (接收纸质材料)."""

    case_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    received = fields.List(fields.String(), required=True)
    note = words(300)


class DecisionRequest(WireSchema):
    """An action on a task, decided on the version of the case that its actor saw."""

    task_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    action = fields.String(required=True, validate=Length(max=40))
    reasons = fields.List(fields.Nested(ReasonItem), load_default=list, validate=Length(max=30))
    note = words(500)
    right_authority_id = fields.UUID(load_default=None, allow_none=True)  # not_accept: who is competent instead (E31)


class WithdrawRequest(WireSchema):
    """The applicant takes the application back before it is approved (撤回)."""

    application_id = fields.UUID(required=True)
    version = fields.Integer(required=True)  # of the case, from the timeline
    reason = words(300)


WORK_LIST = RpcMethod("review", "work_list", WorkListRequest, WorkList)
NEXT_TASK = RpcMethod("review", "next_task", NextTaskRequest, NextTask, writes=True)
CLAIM_TASK = RpcMethod("review", "claim_task", TaskAct, CaseView, writes=True)
RELEASE_TASK = RpcMethod("review", "release_task", TaskAct, CaseView, writes=True)
CASE = RpcMethod("review", "case", ById, CaseView)
RECEIVE_PAPER = RpcMethod("review", "receive_paper", PaperReceiptRequest, CaseView, writes=True)
DECIDE = RpcMethod("review", "decide", DecisionRequest, CaseView, writes=True)
WITHDRAW = RpcMethod("review", "withdraw", WithdrawRequest, Timeline, writes=True)
TIMELINE = RpcMethod("review", "timeline", ById, Timeline)  # id = application


class CaseEvent(WireSchema):
    """What every event of a case tells: the case, the application, whose it is and who deals with it."""

    case_id = fields.UUID(required=True)
    application_id = fields.UUID(required=True)
    number = fields.String(required=True)
    type = fields.String(required=True)
    sub_kind = fields.String(required=True)
    person_id = fields.UUID(required=True)
    institution_id = fields.UUID(required=True)
    institution_name = fields.String(required=True)
    authority_id = fields.UUID(required=True)
    authority_name = fields.String(required=True)


class TaskOpened(CaseEvent):
    """A task waits for an organisation's role."""

    task_id = fields.UUID(required=True)
    step = fields.String(required=True)
    organisation_id = fields.UUID(required=True)
    role = fields.String(required=True)
    due_on = fields.Date(allow_none=True, required=True)


class CaseAdvanced(CaseEvent):
    """A case went from one state to the next; `applications` projects the application's state from it."""

    version = fields.Integer(required=True)
    action = fields.String(required=True)
    from_state = fields.String(required=True)
    to_state = fields.String(required=True)
    actor_role = fields.String(required=True)
    reasons = fields.List(fields.Nested(ReasonItem), required=True)
    note = Sealed(required=True)
    acts_next = fields.String(required=True)
    act_until = fields.Date(allow_none=True, required=True)
    window_address = fields.String(load_default="")
    right_authority = fields.Nested(AuthorityBrief, allow_none=True, load_default=None)  # of a not accepted one (E31)
    effective_on = fields.Date(required=True)  # the legal day of the step, e.g. the receipt for a deemed acceptance
    notice = fields.Integer(load_default=0)  # how many notices of what is missing the case has had; answers name theirs


class CaseDecided(CaseEvent):
    """The case was decided: approved or refused, by whom of which authority, under which number."""

    outcome = fields.String(required=True, validate=OneOf(("approved", "refused")))
    decision_number = fields.String(required=True)
    decided_on = fields.Date(required=True)
    decided_at = fields.AwareDateTime(required=True)
    deciding_authority = fields.Nested(AuthorityBrief, required=True)
    submission = fields.Integer(required=True)
    reasons = fields.List(fields.Nested(ReasonItem), required=True)
    note = Sealed(required=True)
    remedies = fields.List(  # what the refused may do (行政许可法 art.38)
        fields.String(validate=OneOf(("administrative_review", "administrative_suit"))), load_default=list
    )
    policy = fields.Nested(PolicyPin, required=True)


class DeadlineEvent(CaseEvent):
    """A statutory clock comes near (5, 2 or 0 working days) or has passed."""

    clock = fields.String(required=True)
    organisation_id = fields.UUID(required=True)
    role = fields.String(required=True)
    due_on = fields.Date(required=True)
    days_left = fields.Integer(required=True, validate=Range(-10000, 10000))


TASK_OPENED = EventType("review.task_opened.v1", "case", TaskOpened)
CASE_ADVANCED = EventType("review.case_advanced.v1", "case", CaseAdvanced)
CASE_DECIDED = EventType(
    "review.case_decided.v1",
    "case",
    CaseDecided,
    figure=Figure("yizhu_cases_decided", "Cases decided, by business and outcome", ("type", "outcome")),
)
DEADLINE_NEAR = EventType("review.deadline_near.v1", "case", DeadlineEvent)
DEADLINE_PASSED = EventType("review.deadline_passed.v1", "case", DeadlineEvent)
REVIEW_DATA_VIEWED = EventType("review.personal_data_viewed.v1", "view", PersonalDataViewed)

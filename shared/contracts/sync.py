"""What `sync` answers and announces: exam batches, qualifications, the publication gates."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range

from shared.contracts.common import PROVINCE, ById, PageRequest, Tally
from shared.platform.contract import EventType, RpcMethod
from shared.platform.schemas import Empty, Sealed, WireSchema


class QualificationView(WireSchema):
    """A published physician's qualification (医师资格). `code` is the 27-character code and contains the ID."""

    id = fields.UUID(required=True)
    code = Sealed(required=True)
    year = fields.Integer(required=True)
    region = fields.String(required=True, validate=PROVINCE)
    level = fields.String(required=True, validate=OneOf(("1", "2", "3", "4", "XC", "ZC")))
    category = fields.String(required=True)
    area = fields.String(required=True)  # NATIONAL | PROVINCE:xx | INSTITUTION_TYPE:township_village (domain §6.5)
    published_on = fields.Date(required=True)
    status = fields.String(required=True, validate=OneOf(("published", "frozen", "annulled")))
    education = fields.String(load_default="")
    school = fields.String(load_default="")
    major = fields.String(load_default="")


class PersonKey(WireSchema):
    """Who is asked about: the ID number is the key, and the name must agree (domain §6.3)."""

    name = Sealed(required=True)
    id_number = Sealed(required=True)


class QualificationList(WireSchema):
    """The published qualifications of one person; empty says nothing about waiting or failed rows."""

    qualifications = fields.List(fields.Nested(QualificationView), required=True)


class ProofRequest(PersonKey):
    """A claim to own a qualification: the certificate code or the exam ticket number."""

    kind = fields.String(required=True, validate=OneOf(("certificate_code", "ticket")))
    value = Sealed(required=True)


class ProofAnswer(WireSchema):
    """The qualification that the proof shows; None for wrong, foreign, failed and unpublished alike (E15–E18)."""

    qualification = fields.Nested(QualificationView, allow_none=True, required=True)


class PublishWaitingRequest(PersonKey):
    """Self-service update by ticket number (自助更新): serves an UPDATED row of this very person only."""

    ticket = Sealed(required=True)


class QualificationsRequest(WireSchema):
    """Qualifications by identifier, as known now."""

    ids = fields.List(fields.UUID(), required=True, validate=Length(max=20))


class StartImportRequest(WireSchema):
    """A result file that the gateway or a command has received into `incoming/`."""

    year = fields.Integer(required=True, validate=Range(1999, 2100))
    round = fields.Integer(required=True, validate=Range(1, 2))
    reference = fields.String(required=True, validate=Length(max=200))
    sha256 = fields.String(required=True, validate=Length(equal=64))
    size = fields.Integer(required=True)
    filename = fields.String(load_default="", validate=Length(max=200))


class BatchView(WireSchema):
    """One delivered result file and how far it is: counts by state and by defect."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    year = fields.Integer(required=True)
    round = fields.Integer(required=True)
    state = fields.String(required=True)  # RECEIVED VALIDATED MATCHED UPDATED PUBLISHING PUBLISHED UNDONE FAILED
    received_at = fields.AwareDateTime(required=True)
    published_at = fields.AwareDateTime(allow_none=True, load_default=None)
    rows = fields.Integer(required=True)
    done = fields.Integer(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    reasons = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class BatchPage(WireSchema):
    """A page of batches, newest first."""

    items = fields.List(fields.Nested(BatchView), required=True)
    next = fields.String(allow_none=True, load_default=None)


class RowReport(WireSchema):
    """One row that was refused or held back, by its line in the file; no personal data."""

    line = fields.Integer(required=True)
    state = fields.String(required=True)
    reasons = fields.List(fields.String(), required=True)


class BatchReport(WireSchema):
    """The report of a batch: every reason with its exact number, and the rows themselves by page."""

    batch = fields.Nested(BatchView, required=True)
    items = fields.List(fields.Nested(RowReport), required=True)
    next = fields.String(allow_none=True, load_default=None)


class BatchReportRequest(PageRequest):
    """The report of one batch."""

    id = fields.UUID(required=True)


class BatchAct(WireSchema):
    """An act on a batch in the version its operator saw."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)


class GateView(WireSchema):
    """The publication gate of an exam region (开放时间) for one exam year and round."""

    region = fields.String(required=True, validate=PROVINCE)
    year = fields.Integer(required=True)
    round = fields.Integer(required=True)
    is_open = fields.Boolean(required=True)
    planned_at = fields.AwareDateTime(allow_none=True, load_default=None)
    opened_at = fields.AwareDateTime(allow_none=True, load_default=None)


class GateRequest(WireSchema):
    """Open the gate of a region now, or plan its moment (`planned_at`). `region="*"` means every region."""

    region = fields.String(required=True, validate=Length(1, 2))
    year = fields.Integer(required=True, validate=Range(1999, 2100))
    round = fields.Integer(required=True, validate=Range(1, 2))
    planned_at = fields.AwareDateTime(allow_none=True, load_default=None)


class Calendar(WireSchema):
    """When which region's results are open: the public calendar that stands beside every neutral refusal (E18)."""

    gates = fields.List(fields.Nested(GateView), required=True)


class QuarantineRow(WireSchema):
    """A held row as a work item; the ID is masked."""

    id = fields.UUID(required=True)
    batch_id = fields.UUID(required=True)
    line = fields.Integer(required=True)
    reasons = fields.List(fields.String(), required=True)
    name = Sealed(required=True)
    masked_id = fields.String(required=True)
    since = fields.AwareDateTime(required=True)


class RevealRequest(WireSchema):
    """A held row's name and ID number in full; the reason is told to whoever asks who looked (E71)."""

    id = fields.UUID(required=True)
    reason = Sealed(fields.String(validate=Length(5, 200)), required=True)


class RevealedRow(WireSchema):
    """What an officer compares with the paper."""

    id = fields.UUID(required=True)
    name = Sealed(required=True)
    id_number = Sealed(required=True)


class HeldRowDecision(WireSchema):
    """An officer's decision on a held row: `use` it as it is, or `dismiss` it; `decision` names what it rests on."""

    id = fields.UUID(required=True)
    outcome = fields.String(required=True, validate=OneOf(("use", "dismiss")))
    decision = fields.String(required=True, validate=Length(2, 200))


class QualificationDecision(WireSchema):
    """An officer's act on a qualification (domain §6.7). `corrections` belong to `correct` alone."""

    id = fields.UUID(required=True)
    act = fields.String(required=True, validate=OneOf(("correct", "freeze", "unfreeze", "annul")))
    decision = fields.String(required=True, validate=Length(2, 200))
    corrections = fields.Dict(
        keys=fields.String(validate=OneOf(("education", "school", "major"))),
        values=fields.String(validate=Length(max=100)),
        load_default=dict,
    )


class QuarantinePage(WireSchema):
    """Held rows, oldest first."""

    items = fields.List(fields.Nested(QuarantineRow), required=True)
    next = fields.String(allow_none=True, load_default=None)
    total = fields.Nested(Tally, required=True)


MATCH = RpcMethod("sync", "match", PersonKey, QualificationList)
VERIFY_PROOF = RpcMethod("sync", "verify_proof", ProofRequest, ProofAnswer)
PUBLISH_WAITING = RpcMethod("sync", "publish_waiting", PublishWaitingRequest, QualificationList, writes=True)
QUALIFICATIONS = RpcMethod("sync", "qualifications", QualificationsRequest, QualificationList)
# The file is taken over and its digest checked within the call: three seconds for a million rows.
START_IMPORT = RpcMethod(
    "sync", "start_import", StartImportRequest, BatchView, writes=True, deadline=60.0, varies=("reference",)
)
BATCH = RpcMethod("sync", "batch", ById, BatchView)
BATCHES = RpcMethod("sync", "batches", PageRequest, BatchPage)
BATCH_REPORT = RpcMethod("sync", "batch_report", BatchReportRequest, BatchReport)
PUBLISH_BATCH = RpcMethod("sync", "publish_batch", BatchAct, BatchView, writes=True)
UNDO_BATCH = RpcMethod("sync", "undo_batch", BatchAct, BatchView, writes=True)
OPEN_GATE = RpcMethod("sync", "open_gate", GateRequest, Calendar, writes=True)
CALENDAR = RpcMethod("sync", "calendar", Empty, Calendar)
QUARANTINE = RpcMethod("sync", "quarantine", PageRequest, QuarantinePage)
REVEAL_HELD_ROW = RpcMethod("sync", "reveal_held_row", RevealRequest, RevealedRow)
DECIDE_HELD_ROW = RpcMethod("sync", "decide_held_row", HeldRowDecision, BatchView, writes=True)
CHANGE_QUALIFICATION = RpcMethod("sync", "change_qualification", QualificationDecision, QualificationView, writes=True)


class BatchPublished(WireSchema):
    """A batch is open to its candidates."""

    batch_id = fields.UUID(required=True)
    year = fields.Integer(required=True)
    round = fields.Integer(required=True)
    published = fields.Integer(required=True)


class QualificationPublished(WireSchema):
    """A qualification became visible to its owner; `id_number` lets `accounts` find an account, if there is one."""

    qualification_id = fields.UUID(required=True)
    id_number = Sealed(required=True)
    name = Sealed(required=True)
    level = fields.String(required=True)
    category = fields.String(required=True)
    year = fields.Integer(required=True)
    published_on = fields.Date(required=True)


class QualificationChanged(WireSchema):
    """A qualification was corrected or annulled; owners of copies fetch it anew."""

    qualification_id = fields.UUID(required=True)
    reason = fields.String(required=True)


class HeldRowViewed(WireSchema):
    """Somebody had a held row's personal data shown in full (E71)."""

    row_id = fields.UUID(required=True)
    id_number = Sealed(required=True)
    role = fields.String(required=True)
    organisation_id = fields.UUID(allow_none=True, required=True)
    what = fields.String(required=True)
    reason = Sealed(required=True)


class GateOpened(WireSchema):
    """The publication gate of an exam region is open."""

    region = fields.String(required=True)
    year = fields.Integer(required=True)
    round = fields.Integer(required=True)


BATCH_PUBLISHED = EventType("sync.batch_published.v1", "batch", BatchPublished)
QUALIFICATION_PUBLISHED = EventType(
    "sync.qualification_published.v1", "qualification", QualificationPublished, bulk=True
)
QUALIFICATION_CORRECTED = EventType("sync.qualification_corrected.v1", "qualification", QualificationChanged)
QUALIFICATION_ANNULLED = EventType("sync.qualification_annulled.v1", "qualification", QualificationChanged)
GATE_OPENED = EventType("sync.gate_opened.v1", "gate", GateOpened)
SYNC_DATA_VIEWED = EventType("sync.personal_data_viewed.v1", "view", HeldRowViewed)

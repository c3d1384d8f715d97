"""What `applications` answers and announces: readiness, drafts, submissions, the register, certificates, look-ups."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from shared.contracts.common import (
    BUSINESS_TYPES,
    PROVINCE,
    ById,
    InstitutionSnapshot,
    PageRequest,
    PolicyPin,
    ReasonItem,
    rule_outcomes,
    words,
)
from shared.platform.contract import EventType, Figure, RpcMethod
from shared.platform.schemas import Empty, Sealed, WireSchema

TYPE = OneOf(BUSINESS_TYPES)
SHA256 = Regexp(r"^[0-9a-f]{64}$")
DEPARTURES = ("transfer", "retirement", "resignation", "dismissal", "other")
"""Why a physician left (医师执业注册管理办法 art.19)."""
DOCUMENT_KINDS = (
    "cover_sheet",
    "acceptance",
    "supplement",
    "non_acceptance",
    "approval",
    "cancellation",
    "refusal",
    "filing_receipt",
    "filing_end_receipt",
    "change_out_certificate",
)
"""What an application is answered with on paper (domain §3.0–3.9); the practice certificate is asked for by itself."""
STARTERS = ("physician", "institution", "authority", "system")
"""Who may start a business: an institution reports, an authority acts ex officio, a nightly job proposes (§3.6)."""


# --- business types and readiness -----------------------------------------------------------------------------------


class MaterialKind(WireSchema):
    """A document that a kind of business asks for, and the bounds of its file (sizes in bytes)."""

    kind = fields.String(required=True)
    required = fields.Boolean(required=True)
    paper_original = fields.Boolean(required=True)
    media_types = fields.List(fields.String(), required=True)
    max_size = fields.Integer(required=True)


class FieldSpec(WireSchema):
    """One field of a form step: what kind of value, its choices, whether it is locked (known from a registry)."""

    name = fields.String(required=True)
    kind = fields.String(
        required=True,
        validate=OneOf(("text", "date", "choice", "choices", "institution", "qualification", "boolean", "locked")),
    )
    required = fields.Boolean(required=True)
    choices = fields.List(fields.String(), load_default=list)
    max_length = fields.Integer(allow_none=True, load_default=None)
    max_choices = fields.Integer(allow_none=True, load_default=None)


class StepSpec(WireSchema):
    """One question page of a form, in order; `materials` is the step that takes files."""

    name = fields.String(required=True)
    fields_ = fields.List(fields.Nested(FieldSpec), required=True, data_key="fields", attribute="fields")


class KindView(WireSchema):
    """One sub-kind of a type of business: what it is about, who may start it, its form, materials and documents."""

    sub_kind = fields.String(required=True)  # "" where the type has none
    about = fields.String(required=True, validate=OneOf(("qualification", "registration", "filing")))
    starters = fields.List(fields.String(validate=OneOf(STARTERS)), required=True)
    names_institution = fields.Boolean(required=True)  # else the registration's or the filing's own confirms
    steps = fields.List(fields.Nested(StepSpec), required=True)
    materials = fields.List(fields.Nested(MaterialKind), required=True)
    documents = fields.List(fields.String(), load_default=list)


class BusinessTypeView(WireSchema):
    """A type of business with its sub-kinds (domain §3), and the working days in which it is decided.

    `sub_kinds`, `available`, `steps` and `materials` are those of the first kind, for readers that know no `kinds`.
    """

    type = fields.String(required=True, validate=TYPE)
    kinds = fields.List(fields.Nested(KindView), load_default=list)
    sub_kinds = fields.List(fields.String(), required=True)
    available = fields.Boolean(required=True)
    steps = fields.List(fields.Nested(StepSpec), required=True)
    materials = fields.List(fields.Nested(MaterialKind), required=True)
    decision_days = fields.Integer(required=True)


class BusinessTypeList(WireSchema):
    """All nine, in the order of the source page."""

    items = fields.List(fields.Nested(BusinessTypeView), required=True)


class ReadinessRequest(WireSchema):
    """What would stand in the way of this business now, for a qualification, or for the registration it is about."""

    type = fields.String(required=True, validate=TYPE)
    sub_kind = fields.String(load_default="", validate=Length(max=20))
    qualification_id = fields.UUID(load_default=None, allow_none=True)
    registration_id = fields.UUID(load_default=None, allow_none=True)
    filing_id = fields.UUID(load_default=None, allow_none=True)
    institution_id = fields.UUID(load_default=None, allow_none=True)


class ReadinessCard(WireSchema):
    """办理条件自查: every rule with what it saw and what would change it; all run, none hides another."""

    type = fields.String(required=True)
    sub_kind = fields.String(load_default="")
    ready = fields.Boolean(required=True)
    outcomes = rule_outcomes()
    policy = fields.Nested(PolicyPin, required=True)
    materials = fields.List(fields.Nested(MaterialKind), required=True)
    decision_days = fields.Integer(required=True)


# --- drafts and applications ----------------------------------------------------------------------------------------


class StartRequest(WireSchema):
    """Begin a draft (one open application per registration, domain §3.0).

    What it is about: the qualification that is to be registered, or the registration (and filing) that is to change.
    """

    type = fields.String(required=True, validate=TYPE)
    sub_kind = fields.String(load_default="", validate=Length(max=20))
    qualification_id = fields.UUID(load_default=None, allow_none=True)
    registration_id = fields.UUID(load_default=None, allow_none=True)
    filing_id = fields.UUID(load_default=None, allow_none=True)


class SaveStepRequest(WireSchema):
    """Save one step of the form; `values` is checked against the step's own schema (field errors by name)."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    step = fields.String(required=True, validate=Length(max=40))
    values = fields.Dict(keys=fields.String(), required=True)


class GrantUploadRequest(WireSchema):
    """May a file of this kind be uploaded to this draft or supplement? Asked before a byte is taken (design D14)."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=Length(max=40))
    size = fields.Integer(required=True, validate=Range(min=1))
    media_type = fields.String(required=True, validate=Length(max=100))


class UploadGrant(WireSchema):
    """Leave to upload: the most bytes taken, and until when."""

    max_size = fields.Integer(required=True)
    expires_at = fields.AwareDateTime(required=True)


class AttachMaterialRequest(WireSchema):
    """A received file to adopt as a material; its owner checks real type, size and legibility in a child process."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    kind = fields.String(required=True, validate=Length(max=40))
    reference = Sealed(required=True)
    sha256 = fields.String(required=True, validate=SHA256)
    size = fields.Integer(required=True)
    filename = Sealed(required=True)
    media_type = fields.String(required=True)


class SubmitRequest(WireSchema):
    """Submit with the declaration of truth (承诺). `submission` n+1 after a return goes on with the same case."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    declaration = fields.Boolean(required=True, validate=OneOf((True,)))


class SupplementRequest(WireSchema):
    """The papers that a supplement notice asked for are there (补正)."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    note = words(500)


class MaterialView(WireSchema):
    """A stored material of an application."""

    kind = fields.String(required=True)
    filename = Sealed(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    pages = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)


class StepState(WireSchema):
    """How far a step is: `done`, `started`, `open`, `blocked`."""

    name = fields.String(required=True)
    state = fields.String(required=True, validate=OneOf(("done", "started", "open", "blocked")))


class FilingView(WireSchema):
    """A filed further institution (多机构备案)."""

    id = fields.UUID(required=True)
    registration_id = fields.UUID(allow_none=True, load_default=None)
    institution_id = fields.UUID(allow_none=True, load_default=None)
    institution_name = fields.String(required=True)
    scopes = fields.List(fields.String(), load_default=list)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(allow_none=True, load_default=None)
    status = fields.String(required=True)


class RegistrationBrief(WireSchema):
    """A registration as an application that is about it shows it."""

    id = fields.UUID(required=True)
    practice_code = fields.String(required=True)
    status = fields.String(required=True)
    level = fields.String(required=True)
    category = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    practice_place = fields.String(required=True)
    institution_id = fields.UUID(required=True)
    institution_name = fields.String(required=True)
    authority_name = fields.String(required=True)
    since = fields.Date(required=True)


class ApplicationView(WireSchema):
    """An application as its owner, the institution and the competent authority may see it (masked where personal)."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    number = fields.String(required=True)  # 办件编号, e.g. ZC20261120-0318
    type = fields.String(required=True)
    sub_kind = fields.String(required=True)
    state = fields.String(required=True)
    submission = fields.Integer(required=True)
    person_id = fields.UUID(required=True)
    applicant_name = Sealed(required=True)
    masked_id = fields.String(required=True)
    masked_phone = fields.String(required=True)
    sex = fields.String(required=True)
    birth_date = Sealed(allow_none=True, load_default=None)
    qualification_id = fields.UUID(required=True)
    level = fields.String(required=True)
    category = fields.String(required=True)
    qualification_year = fields.Integer(required=True)
    qualification_region = fields.String(required=True)
    masked_code = fields.String(required=True)
    form = fields.Dict(keys=fields.String(), required=True)  # step name -> values
    institution = fields.Nested(InstitutionSnapshot, allow_none=True, load_default=None)
    steps = fields.List(fields.Nested(StepState), required=True)
    materials = fields.List(fields.Nested(MaterialView), required=True)
    needed = fields.List(fields.Nested(MaterialKind), load_default=list)  # to upload, by its policy and outcomes
    outcomes = rule_outcomes()
    policy = fields.Nested(PolicyPin, allow_none=True, load_default=None)
    reasons = fields.List(fields.Nested(ReasonItem), load_default=list)  # of the last return, supplement or refusal
    acts_next = fields.String(load_default="")  # applicant | institution | window | authority | none
    act_until = fields.Date(allow_none=True, load_default=None)
    created_at = fields.AwareDateTime(required=True)
    submitted_at = fields.AwareDateTime(allow_none=True, load_default=None)
    keeps_until = fields.Date(allow_none=True, load_default=None)  # drafts: 30 days after the last edit
    registration_id = fields.UUID(allow_none=True, load_default=None)  # what it came to
    subject = fields.Nested(RegistrationBrief, allow_none=True, load_default=None)  # what it is about, as it stands
    filing = fields.Nested(FilingView, allow_none=True, load_default=None)
    releasing = fields.Nested(InstitutionSnapshot, allow_none=True, load_default=None)
    started_by = fields.String(load_default="physician")


class ApplicationRow(WireSchema):
    """An application in a list."""

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    type = fields.String(required=True)
    sub_kind = fields.String(required=True)
    state = fields.String(required=True)
    institution_name = fields.String(required=True)
    updated_at = fields.AwareDateTime(required=True)
    acts_next = fields.String(required=True)


class ApplicationPage(WireSchema):
    """The caller's own applications, newest first."""

    items = fields.List(fields.Nested(ApplicationRow), required=True)
    next = fields.String(allow_none=True, load_default=None)


class ReadMaterialRequest(WireSchema):
    """A material's bytes, for its owner and those who review it; `reason` is logged for staff."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=Length(max=40))
    reason = words(200)


class FileGrant(WireSchema):
    """A reference that holds for 60 seconds; the gateway streams the file behind it (design D14)."""

    reference = Sealed(required=True)
    filename = Sealed(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)


# --- register, certificates, public ---------------------------------------------------------------------------------


class RegistrationView(WireSchema):
    """A registration (执业注册) as it was on `as_of`, as known at `known_at`."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    person_id = fields.UUID(required=True)
    status = fields.String(required=True)
    practice_code = fields.String(required=True)  # 15 digits
    level = fields.String(required=True)
    category = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    practice_place = fields.String(required=True, validate=Regexp(r"^\d{2,6}$"))
    institution_id = fields.UUID(required=True)
    institution_name = fields.String(required=True)
    authority_id = fields.UUID(required=True)
    authority_name = fields.String(required=True)
    started_on = fields.Date(required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(allow_none=True, load_default=None)
    known_at = fields.AwareDateTime(required=True)
    decision_number = fields.String(required=True)
    filings = fields.List(fields.Nested(FilingView), load_default=list)
    ground = fields.String(allow_none=True, load_default=None)  # of an end, for those who may see the registration
    until = fields.Date(allow_none=True, load_default=None)  # the last day of a suspension
    replaces = fields.UUID(allow_none=True, load_default=None)
    replaced_by = fields.UUID(allow_none=True, load_default=None)


class RegistrationRequest(WireSchema):
    """A registration on any day (`as_of`), as known on any day (`known_at`); both default to now."""

    id = fields.UUID(required=True)
    as_of = fields.Date(load_default=None, allow_none=True)
    known_at = fields.AwareDateTime(load_default=None, allow_none=True)


class ReportRequest(WireSchema):
    """A business that an organisation starts and submits in one step: its papers are handed in at the window.

    CANCEL/BY_REPORT by the institution, CANCEL/EX_OFFICIO by an authority (domain §3.6), MULTI_DEL by the further
    institution (§3.8). `values` are those of the kind's one page.
    """

    type = fields.String(required=True, validate=OneOf(("CANCEL", "MULTI_DEL")))
    sub_kind = fields.String(load_default="", validate=Length(max=20))
    registration_id = fields.UUID(load_default=None, allow_none=True)
    filing_id = fields.UUID(load_default=None, allow_none=True)
    values = fields.Dict(keys=fields.String(), required=True)


class DepartureRequest(WireSchema):
    """离岗备案: the institution reports that a physician left (医师执业注册管理办法 art.19); it holds at once."""

    registration_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    left_on = fields.Date(required=True)
    reason = fields.String(required=True, validate=OneOf(DEPARTURES))


class SuspensionRequest(WireSchema):
    """暂停执业, entered by the authority that keeps the registration: penalty or failed assessment (domain §3.12)."""

    registration_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    since = fields.Date(required=True)
    until = fields.Date(required=True)  # its last day
    cause = fields.String(required=True, validate=OneOf(("penalty", "assessment")))
    decision_number = fields.String(required=True, validate=Length(1, 60))


class AssessmentRequest(WireSchema):
    """The result of a periodic assessment 定期考核; passed, it lets a suspension end on its day (E49)."""

    registration_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    assessed_on = fields.Date(required=True)
    passed = fields.Boolean(required=True)


class RosterRequest(WireSchema):
    """The registrations at the caller's institution, main and further, or those that the caller's authority keeps."""

    name = Sealed(load_default="")  # exact full name; empty for all
    after = fields.String(load_default=None, allow_none=True)
    limit = fields.Integer(load_default=20, validate=Range(min=1, max=100))


class RosterRow(WireSchema):
    """A physician on the roster."""

    registration_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    name = Sealed(required=True)
    practice_code = fields.String(required=True)
    status = fields.String(required=True)
    level = fields.String(required=True)
    category = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    institution_name = fields.String(required=True)
    since = fields.Date(required=True)
    filing = fields.Nested(FilingView, allow_none=True, load_default=None)  # where the institution is a further one


class Roster(WireSchema):
    """A page of the roster, in the order in which registrations were opened."""

    items = fields.List(fields.Nested(RosterRow), required=True)
    next = fields.String(allow_none=True, load_default=None)


class CareerStretch(WireSchema):
    """How one registration stood for a while."""

    registration_id = fields.UUID(required=True)
    practice_code = fields.String(required=True)
    level = fields.String(required=True)
    category = fields.String(required=True)
    status = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    practice_place = fields.String(required=True)
    institution_name = fields.String(required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(allow_none=True, load_default=None)  # the first day on which it stood otherwise
    decision_number = fields.String(required=True)


class Career(WireSchema):
    """The whole of a physician's registrations and filings, the earliest first."""

    stretches = fields.List(fields.Nested(CareerStretch), required=True)
    filings = fields.List(fields.Nested(FilingView), required=True)


class StatusProof(WireSchema):
    """How a registration stood on a day, as known at a moment, signed: whoever has the public key can check it."""

    registration = fields.Nested(RegistrationView, required=True)
    statement = fields.String(required=True)  # the canonical JSON that is signed
    signature = fields.String(required=True)  # base64, ECDSA P-256 with SHA-256 over it
    chain = fields.List(fields.String(), required=True)  # PEM, the signer's certificate first


class RegistrationList(WireSchema):
    """All registrations of a person, newest first."""

    items = fields.List(fields.Nested(RegistrationView), required=True)


class CertificateView(WireSchema):
    """A practice certificate (医师执业证书): facts, check code, and whether its document is there yet."""

    id = fields.UUID(required=True)
    registration_id = fields.UUID(required=True)
    practice_code = fields.String(required=True)
    check_code = fields.String(required=True)
    status = fields.String(required=True, validate=OneOf(("valid", "void")))
    issued_on = fields.Date(required=True)
    document_ready = fields.Boolean(required=True)
    name = Sealed(required=True)
    sex = fields.String(required=True)
    birth_date = Sealed(required=True)
    masked_id = fields.String(required=True)
    masked_code = fields.String(required=True)
    level = fields.String(required=True)
    category = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    practice_place = fields.String(required=True)
    institution_name = fields.String(required=True)
    authority_name = fields.String(required=True)
    filings = fields.List(fields.Nested(FilingView), load_default=list)
    verify_url = fields.String(required=True)


class CertificateList(WireSchema):
    """The caller's certificates, newest first."""

    items = fields.List(fields.Nested(CertificateView), required=True)


class DocumentAnswer(WireSchema):
    """The grant for a document, or None while it is being rendered (HTTP 202)."""

    grant = fields.Nested(FileGrant, allow_none=True, required=True)


class IssuedDocument(WireSchema):
    """A document that an application was answered with; of several of a kind (notices), `serial` tells which."""

    kind = fields.String(required=True, validate=OneOf(DOCUMENT_KINDS))
    serial = fields.Integer(required=True)
    number = fields.String(required=True)
    issued_on = fields.Date(required=True)
    ready = fields.Boolean(required=True)  # its file is there


class IssuedDocumentList(WireSchema):
    """The documents of an application that the caller may have, oldest first."""

    items = fields.List(fields.Nested(IssuedDocument), required=True)


class DocumentRequest(WireSchema):
    """A document of an application, by kind: the newest, unless `serial` names another."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=Length(max=40))
    serial = fields.Integer(load_default=None, allow_none=True, validate=Range(1, 10_000))


class PhysicianSearch(WireSchema):
    """Public look-up (执业医师查询): exact full name and province, captcha passed, institution optional (domain §1)."""

    name = Sealed(required=True)
    province = fields.String(required=True, validate=PROVINCE)
    institution = fields.String(load_default="", validate=Length(max=60))


class PublicPhysician(WireSchema):
    """Only what `public_lookup.fields` lists: never ID number, 27-character code, phone or birth date.

    What the policy keeps back is empty: "" or an empty list, and None where "none" and "no" would say something.
    """

    name = Sealed(required=True)
    sex = fields.String(required=True)
    level = fields.String(required=True)
    category = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    practice_place = fields.String(required=True)
    institution_name = fields.String(required=True)
    filed_institutions = fields.List(fields.String(), allow_none=True, required=True)
    practice_code = fields.String(required=True)
    authority_name = fields.String(required=True)
    valid = fields.Boolean(allow_none=True, required=True)


class PublicPhysicianList(WireSchema):
    """Everybody of that exact name (E01: each with institution), capped; `more` says that the cap was reached."""

    items = fields.List(fields.Nested(PublicPhysician), required=True)
    more = fields.Boolean(required=True)
    checked_at = fields.AwareDateTime(required=True)


class CheckCodeRequest(WireSchema):
    """The opaque check code of a certificate, from its QR code."""

    check_code = fields.String(required=True, validate=Length(8, 64))


class CertificateCheck(WireSchema):
    """What the public may know of a certificate: valid, changed, void, or unknown."""

    verdict = fields.String(required=True, validate=OneOf(("valid", "changed", "cancelled", "unknown")))
    physician = fields.Nested(PublicPhysician, allow_none=True, load_default=None)
    issued_on = fields.Date(allow_none=True, load_default=None)
    checked_at = fields.AwareDateTime(required=True)


class SeniorityRequest(WireSchema):
    """What the statement may rest on beside the register: the day of a residency certificate, as its holder states it.

    No record is held of these certificates; the day is used for this answer, marked as not verified, and not kept.
    """

    residency_on = fields.Date(load_default=None, allow_none=True)


class SeniorityStretch(WireSchema):
    """Some days of a registration, and whether they count; `until` is exclusive, None while it lasts."""

    practice_code = fields.String(required=True)
    status = fields.String(required=True)
    since = fields.Date(required=True)
    until = fields.Date(allow_none=True, required=True)
    counts = fields.Boolean(required=True)


class SeniorityClock(WireSchema):
    """A seniority clock (年限) as a statement with its inputs (domain §7).

    `started_on` is the day from which its years are counted, `counted_days` are those before the statement's day.
    """

    clock = fields.String(
        required=True, validate=OneOf(("assistant_to_licensed", "licensed_to_attending", "own_practice"))
    )
    started_on = fields.Date(required=True)
    years_required = fields.Integer(allow_none=True, required=True)
    reached_on = fields.Date(allow_none=True, required=True)
    exam_year = fields.Integer(allow_none=True, required=True)
    counted_days = fields.Integer(load_default=None, allow_none=True)  # the release before tells neither of these two
    stretches = fields.List(fields.Nested(SeniorityStretch), load_default=list)
    inputs = fields.Dict(keys=fields.String(), required=True)


class SeniorityStatement(WireSchema):
    """All clocks of a person today."""

    as_of = fields.Date(required=True)
    clocks = fields.List(fields.Nested(SeniorityClock), required=True)


BUSINESS_TYPE_LIST = RpcMethod("applications", "business_types", Empty, BusinessTypeList)
READINESS = RpcMethod("applications", "readiness", ReadinessRequest, ReadinessCard)
START = RpcMethod("applications", "start", StartRequest, ApplicationView, writes=True)
APPLICATION = RpcMethod("applications", "application", ById, ApplicationView)
APPLICATIONS = RpcMethod("applications", "applications", PageRequest, ApplicationPage)
SAVE_STEP = RpcMethod("applications", "save_step", SaveStepRequest, ApplicationView, writes=True)
GRANT_UPLOAD = RpcMethod("applications", "grant_upload", GrantUploadRequest, UploadGrant)
ATTACH_MATERIAL = RpcMethod(
    "applications", "attach_material", AttachMaterialRequest, ApplicationView, writes=True, varies=("reference",)
)
READ_MATERIAL = RpcMethod("applications", "read_material", ReadMaterialRequest, FileGrant)
SUBMIT = RpcMethod("applications", "submit", SubmitRequest, ApplicationView, writes=True)
SUPPLEMENT = RpcMethod("applications", "supplement", SupplementRequest, ApplicationView, writes=True)
REGISTRATION = RpcMethod("applications", "registration", RegistrationRequest, RegistrationView)
REGISTRATIONS = RpcMethod("applications", "registrations", ById, RegistrationList)  # id = person
REPORT = RpcMethod("applications", "report", ReportRequest, ApplicationView, writes=True)
FILE_DEPARTURE = RpcMethod("applications", "file_departure", DepartureRequest, RegistrationView, writes=True)
SUSPEND = RpcMethod("applications", "suspend", SuspensionRequest, RegistrationView, writes=True)
ENTER_ASSESSMENT = RpcMethod("applications", "enter_assessment", AssessmentRequest, RegistrationView, writes=True)
ROSTER = RpcMethod("applications", "roster", RosterRequest, Roster)
CAREER = RpcMethod("applications", "career", Empty, Career)
STATUS_PROOF = RpcMethod("applications", "status_proof", RegistrationRequest, StatusProof)
CERTIFICATES = RpcMethod("applications", "certificates", Empty, CertificateList)
CERTIFICATE_DOCUMENT = RpcMethod("applications", "certificate_document", ById, DocumentAnswer)
DOCUMENTS = RpcMethod("applications", "documents", ById, IssuedDocumentList)  # id = application
DOCUMENT = RpcMethod("applications", "document", DocumentRequest, DocumentAnswer)
SEARCH_PHYSICIANS = RpcMethod("applications", "search_physicians", PhysicianSearch, PublicPhysicianList)
CHECK_CERTIFICATE = RpcMethod("applications", "check_certificate", CheckCodeRequest, CertificateCheck)
SENIORITY = RpcMethod("applications", "seniority", SeniorityRequest, SeniorityStatement)


# --- events ---------------------------------------------------------------------------------------------------------


class ApplicationSubmitted(WireSchema):
    """An application was submitted (first or again): all that `review` needs to open the case and route it."""

    application_id = fields.UUID(required=True)
    number = fields.String(required=True)
    type = fields.String(required=True)
    sub_kind = fields.String(required=True)
    submission = fields.Integer(required=True)
    person_id = fields.UUID(required=True)
    qualification_id = fields.UUID(load_default=None, allow_none=True)
    applicant_name = Sealed(required=True)
    level = fields.String(required=True)
    category = fields.String(required=True)
    institution = fields.Nested(InstitutionSnapshot, required=True)  # confirms; its authority decides
    # The institution on the other side: which is left (CHANGE, ADD_PLACE), or whose physician it is (MULTI_ADD).
    releasing = fields.Nested(InstitutionSnapshot, allow_none=True, load_default=None)
    started_by = fields.String(load_default="physician", validate=OneOf(STARTERS))
    starter_id = fields.UUID(allow_none=True, load_default=None)  # the organisation, where one started it
    outcomes = rule_outcomes()
    materials = fields.List(fields.String(), required=True)
    paper_materials = fields.List(fields.String(), required=True)
    policy = fields.Nested(PolicyPin, required=True)


class ApplicationSupplemented(WireSchema):
    """The applicant handed in what a supplement notice asked for."""

    application_id = fields.UUID(required=True)
    notice = fields.Integer(required=True)  # which notice of the case it answers; an older one changes nothing
    materials = fields.List(fields.String(), required=True)
    paper_materials = fields.List(fields.String(), required=True)
    outcomes = rule_outcomes()
    note = words()


class ApplicationReassessed(WireSchema):
    """All rules ran again under the policy pinned at receipt; new failures become a supplement, never a silent loss."""

    application_id = fields.UUID(required=True)
    policy = fields.Nested(PolicyPin, required=True)
    outcomes = rule_outcomes()
    newly_failed = fields.List(fields.String(), required=True)
    missing_materials = fields.List(fields.String(), required=True)  # to upload, under the policy of the receipt
    paper_materials = fields.List(fields.String(), required=True)  # all that the window has to receive under it


class QualificationLost(WireSchema):
    """The qualification that an open application rests on was annulled: the application ends (domain §6.7, E55)."""

    application_id = fields.UUID(required=True)
    qualification_id = fields.UUID(required=True)


class EffectBlocked(WireSchema):
    """An approval could not take effect because a condition changed meanwhile (办理受阻)."""

    application_id = fields.UUID(required=True)
    outcomes = rule_outcomes()
    reasons = fields.List(fields.Nested(ReasonItem), required=True)


class RegistrationChanged(WireSchema):
    """The register changed: a registration was opened, replaced, suspended or closed."""

    registration_id = fields.UUID(required=True)
    application_id = fields.UUID(allow_none=True, required=True)
    application_number = fields.String(load_default="")
    person_id = fields.UUID(required=True)
    qualification_id = fields.UUID(load_default=None, allow_none=True)
    change = fields.String(required=True)  # opened | changed | superseded | cancelled | …
    status = fields.String(required=True)
    practice_code = fields.String(required=True)
    level = fields.String(required=True)
    category = fields.String(required=True)
    practice_place = fields.String(required=True)
    institution_id = fields.UUID(required=True)
    institution_name = fields.String(required=True)
    authority_id = fields.UUID(required=True)
    authority_name = fields.String(required=True)
    decided_on = fields.Date(required=True)
    decision_number = fields.String(required=True)
    business = fields.String(load_default="")  # the type of business behind it, "" for acts without an application
    informs_institutions = fields.List(fields.UUID(), load_default=list)  # those to be told besides the one above
    informs_authorities = fields.List(fields.UUID(), load_default=list)
    until = fields.Date(allow_none=True, load_default=None)  # the last day of a suspension


class FilingChanged(WireSchema):
    """A further institution was filed on a registration, its filing ends soon, or holds no more (domain §3.7, §3.8)."""

    filing_id = fields.UUID(required=True)
    registration_id = fields.UUID(required=True)
    application_id = fields.UUID(allow_none=True, required=True)
    application_number = fields.String(load_default="")
    person_id = fields.UUID(required=True)
    change = fields.String(required=True, validate=OneOf(("filed", "ends_soon", "ended")))
    reason = fields.String(load_default="")  # of an end: expired | withdrawn | registration_ended | …
    institution_id = fields.UUID(required=True)
    institution_name = fields.String(required=True)
    main_institution_id = fields.UUID(required=True)
    authority_id = fields.UUID(required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(required=True)
    holds_until = fields.Date(required=True)  # the first day on which it holds no more
    decision_number = fields.String(required=True)


class LapseNear(WireSchema):
    """A registration that was left will have been inactive for two years soon (医师执业注册管理办法 art.19)."""

    registration_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    institution_id = fields.UUID(required=True)  # the last one
    authority_id = fields.UUID(required=True)
    since = fields.Date(required=True)
    lapses_on = fields.Date(required=True)
    days = fields.Integer(required=True)  # 90 or 30


class CertificateEvent(WireSchema):
    """A certificate was issued or made void."""

    certificate_id = fields.UUID(required=True)
    registration_id = fields.UUID(required=True)
    application_id = fields.UUID(allow_none=True, required=True)
    person_id = fields.UUID(required=True)
    practice_code = fields.String(required=True)
    issued_on = fields.Date(required=True)


class PersonalDataViewed(WireSchema):
    """Staff looked at somebody's personal data: who, in which role and organisation, what and why (E71)."""

    person_id = fields.UUID(required=True)
    role = fields.String(required=True)
    organisation_id = fields.UUID(allow_none=True, required=True)
    what = fields.String(required=True)
    reason = Sealed(required=True)


APPLICATION_SUBMITTED = EventType(
    "applications.application_submitted.v1",
    "application",
    ApplicationSubmitted,
    figure=Figure("yizhu_applications_submitted", "Applications submitted, those submitted again too", ("type",)),
)
APPLICATION_SUPPLEMENTED = EventType("applications.application_supplemented.v1", "application", ApplicationSupplemented)
APPLICATION_REASSESSED = EventType("applications.application_reassessed.v1", "application", ApplicationReassessed)
QUALIFICATION_LOST = EventType("applications.qualification_lost.v1", "application", QualificationLost)
EFFECT_BLOCKED = EventType("applications.effect_blocked.v1", "application", EffectBlocked)
REGISTRATION_CHANGED = EventType(
    "applications.registration_changed.v1",
    "registration",
    RegistrationChanged,
    figure=Figure(
        "yizhu_registrations_changed", "Changes of the register; `opened` is a new registration", ("change",)
    ),
)
LAPSE_NEAR = EventType("applications.lapse_near.v1", "registration", LapseNear)
FILING_CHANGED = EventType(
    "applications.filing_changed.v1",
    "filing",
    FilingChanged,
    figure=Figure("yizhu_filings_changed", "Filings of further institutions, by what became of them", ("change",)),
)
CERTIFICATE_ISSUED = EventType(
    "applications.certificate_issued.v1",
    "certificate",
    CertificateEvent,
    figure=Figure("yizhu_certificates_issued", "Practice certificates issued"),
)
CERTIFICATE_VOIDED = EventType("applications.certificate_voided.v1", "certificate", CertificateEvent)
APPLICATIONS_DATA_VIEWED = EventType("applications.personal_data_viewed.v1", "view", PersonalDataViewed)

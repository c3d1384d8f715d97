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


class BusinessTypeView(WireSchema):
    """A kind of business: may it start, its steps, its materials, its statutory days (domain §3)."""

    type = fields.String(required=True, validate=TYPE)
    sub_kinds = fields.List(fields.String(), required=True)
    available = fields.Boolean(required=True)
    steps = fields.List(fields.Nested(StepSpec), required=True)
    materials = fields.List(fields.Nested(MaterialKind), required=True)
    decision_days = fields.Integer(required=True)


class BusinessTypeList(WireSchema):
    """All nine, in the order of the source page."""

    items = fields.List(fields.Nested(BusinessTypeView), required=True)


class ReadinessRequest(WireSchema):
    """What would stand in the way of this business now, optionally with a qualification and an institution in mind."""

    type = fields.String(required=True, validate=TYPE)
    qualification_id = fields.UUID(load_default=None, allow_none=True)
    institution_id = fields.UUID(load_default=None, allow_none=True)


class ReadinessCard(WireSchema):
    """办理条件自查: every rule with what it saw and what would change it; all run, none hides another."""

    type = fields.String(required=True)
    ready = fields.Boolean(required=True)
    outcomes = rule_outcomes()
    policy = fields.Nested(PolicyPin, required=True)
    materials = fields.List(fields.Nested(MaterialKind), required=True)
    decision_days = fields.Integer(required=True)


# --- drafts and applications ----------------------------------------------------------------------------------------


class StartRequest(WireSchema):
    """Begin a draft (one open application per registration, domain §3.0)."""

    type = fields.String(required=True, validate=TYPE)
    sub_kind = fields.String(load_default="FIRST", validate=Length(max=20))
    qualification_id = fields.UUID(required=True)


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
    registration_id = fields.UUID(allow_none=True, load_default=None)


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


class FilingView(WireSchema):
    """A filed further institution (多机构备案)."""

    id = fields.UUID(required=True)
    institution_name = fields.String(required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(allow_none=True, load_default=None)
    status = fields.String(required=True)


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


class RegistrationRequest(WireSchema):
    """A registration on any day (`as_of`), as known on any day (`known_at`); both default to now."""

    id = fields.UUID(required=True)
    as_of = fields.Date(load_default=None, allow_none=True)
    known_at = fields.AwareDateTime(load_default=None, allow_none=True)


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


class PhysicianSearch(WireSchema):
    """Public look-up (执业医师查询): exact full name and province, captcha passed, institution optional (domain §1)."""

    name = Sealed(required=True)
    province = fields.String(required=True, validate=PROVINCE)
    institution = fields.String(load_default="", validate=Length(max=60))


class PublicPhysician(WireSchema):
    """Only what `public_lookup.fields` lists: never ID number, 27-character code, phone or birth date."""

    name = Sealed(required=True)
    sex = fields.String(required=True)
    level = fields.String(required=True)
    category = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    practice_place = fields.String(required=True)
    institution_name = fields.String(required=True)
    filed_institutions = fields.List(fields.String(), required=True)
    practice_code = fields.String(required=True)
    authority_name = fields.String(required=True)
    valid = fields.Boolean(required=True)


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


class SeniorityClock(WireSchema):
    """A seniority clock (年限) as a statement with its inputs (domain §7)."""

    clock = fields.String(
        required=True, validate=OneOf(("assistant_to_licensed", "licensed_to_attending", "own_practice"))
    )
    started_on = fields.Date(required=True)
    years_required = fields.Integer(allow_none=True, required=True)
    reached_on = fields.Date(allow_none=True, required=True)
    exam_year = fields.Integer(allow_none=True, required=True)
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
CERTIFICATES = RpcMethod("applications", "certificates", Empty, CertificateList)
CERTIFICATE_DOCUMENT = RpcMethod("applications", "certificate_document", ById, DocumentAnswer)
SEARCH_PHYSICIANS = RpcMethod("applications", "search_physicians", PhysicianSearch, PublicPhysicianList)
CHECK_CERTIFICATE = RpcMethod("applications", "check_certificate", CheckCodeRequest, CertificateCheck)
SENIORITY = RpcMethod("applications", "seniority", Empty, SeniorityStatement)


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
    institution = fields.Nested(InstitutionSnapshot, required=True)
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
CERTIFICATE_ISSUED = EventType(
    "applications.certificate_issued.v1",
    "certificate",
    CertificateEvent,
    figure=Figure("yizhu_certificates_issued", "Practice certificates issued"),
)
CERTIFICATE_VOIDED = EventType("applications.certificate_voided.v1", "certificate", CertificateEvent)
APPLICATIONS_DATA_VIEWED = EventType("applications.personal_data_viewed.v1", "view", PersonalDataViewed)

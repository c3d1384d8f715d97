"""What `accounts` answers and announces: captcha, sign-up, sessions and contexts, activation, organisations, staff."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range

from shared.contracts.common import (
    DIVISION,
    EXAM_SCOPES,
    PROVINCE,
    TIERS,
    AuthorityBrief,
    ById,
    InstitutionSnapshot,
    PageRequest,
    Tally,
)
from shared.contracts.sync import QualificationView
from shared.platform.contract import EventType, Figure, RpcMethod
from shared.platform.schemas import Empty, Sealed, WireSchema

# resident ID, residence permits of Hong Kong, Macao and Taiwan residents, their travel permits, passport
ID_TYPES = ("resident_id", "residence_permit_hmt", "travel_permit_hmt", "passport")
ACCOUNT_STATES = ("CREATED", "UNMATCHED", "MATCHED", "PHONE_BOUND", "ACTIVATED", "DISABLED")
ROLES = ("physician", "clerk", "window", "officer", "head", "examiner", "administrator", "security")


class AddressRequest(WireSchema):
    """The client's network address as the gateway sees it; only its keyed hash goes on (design D11)."""

    address = Sealed(required=True)


class ContextView(WireSchema):
    """A signed caller context (5 minutes) that the gateway forwards with each call."""

    token = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


class CaptchaRequest(WireSchema):
    """A new captcha; `audio` asks for the spoken version of a new answer."""

    audio = fields.Boolean(load_default=False)


class CaptchaView(WireSchema):
    """A captcha to solve within five minutes, once. `media` is base64 of a PNG, or of a WAV for `audio`."""

    id = fields.UUID(required=True)
    media_type = fields.String(required=True)
    media = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


class CaptchaAnswer(WireSchema):
    """The answer to a captcha; right or wrong, it is used up (E07)."""

    captcha_id = fields.UUID(required=True)
    captcha_answer = fields.String(required=True, validate=Length(1, 12))


class SignUpIdentityRequest(CaptchaAnswer):
    """Step 2 of opening an account (身份信息). `purpose` is asked of those whose ID is not a mainland one."""

    name = Sealed(required=True)
    id_type = fields.String(load_default="resident_id", validate=OneOf(ID_TYPES))
    id_number = Sealed(required=True)
    purpose = fields.String(load_default="register", validate=OneOf(("register", "recognition", "short_term")))
    consent_version = fields.String(required=True, validate=Length(1, 40))


class SignUpToken(WireSchema):
    """Proof of a passed identity step, for 15 minutes; nothing else is stored (E08)."""

    signup_token = Sealed(required=True)
    expires_at = fields.AwareDateTime(required=True)
    masked_id = fields.String(required=True)


class SignUpAccountRequest(WireSchema):
    """Step 3 of opening an account: contact and credentials."""

    signup_token = Sealed(required=True)
    phone = Sealed(required=True)
    email = Sealed(load_default=None, allow_none=True)
    login_name = fields.String(required=True, validate=Length(max=40))
    password = Sealed(required=True)


class AccountOpenedView(WireSchema):
    """The account exists and is not activated (step 4)."""

    account_id = fields.UUID(required=True)
    login_name = fields.String(required=True)
    masked_phone = fields.String(required=True)


class OpenSessionRequest(CaptchaAnswer):
    """Login (step 6) of a person or of a staff member; a bound phone may stand for the login name."""

    method = fields.String(load_default="password", validate=OneOf(("password",)))
    login = Sealed(required=True)
    password = Sealed(required=True)
    address = Sealed(required=True)
    device = fields.String(load_default="", validate=Length(max=200))
    # What the device was given at an earlier login and brings along, so that it is known again; "" if it has nothing.
    device_token = Sealed(fields.String(validate=Length(max=200)), load_default="")


class SessionView(WireSchema):
    """An open session: its secret goes into the gateway's cookie only; `factors` are those passed."""

    session_token = Sealed(required=True)
    context = fields.Nested(ContextView, required=True)
    expires_at = fields.AwareDateTime(required=True)
    kind = fields.String(required=True, validate=OneOf(("person", "staff")))
    role = fields.String(required=True, validate=OneOf(ROLES))
    factors = fields.List(fields.String(), required=True)


class RenewContextRequest(WireSchema):
    """Exchange the session's secret for a fresh caller context; fails once the session has ended."""

    session_token = Sealed(required=True)
    address = Sealed(required=True)


class RenewedContext(ContextView):
    """A fresh context and what the gateway shows of its holder."""

    kind = fields.String(required=True)
    role = fields.String(required=True)
    session_expires_at = fields.AwareDateTime(required=True)


class SessionRequest(WireSchema):
    """A session by its secret."""

    session_token = Sealed(required=True)


class OrganisationBrief(WireSchema):
    """The organisation that a staff member acts for."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=OneOf(("institution", "authority", "exam_centre")))
    name = fields.String(required=True)


class MeView(WireSchema):
    """The caller's own account, masked; `next_step` is what domain §2.1 asks next of a person."""

    account_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    role = fields.String(required=True)
    state = fields.String(required=True)
    name = Sealed(required=True)
    login_name = fields.String(required=True)
    person_id = fields.UUID(allow_none=True, load_default=None)
    masked_id = fields.String(load_default="")
    masked_phone = fields.String(load_default="")
    masked_email = fields.String(load_default="")
    sex = fields.String(load_default="")
    next_step = fields.String(
        required=True, validate=OneOf(("none", "check_qualification", "update_qualification", "bind_phone", "activate"))
    )
    qualifications = fields.List(fields.Nested(QualificationView), load_default=list)
    organisation = fields.Nested(OrganisationBrief, allow_none=True, load_default=None)


class TicketRequest(WireSchema):
    """Self-service update by ticket number (step 8b)."""

    ticket = Sealed(required=True)


class SendCodeRequest(WireSchema):
    """Send a binding code to the account's phone, or to a new one."""

    phone = Sealed(load_default=None, allow_none=True)


class CodeSent(WireSchema):
    """Where a code went and how long it holds (10 minutes)."""

    masked_phone = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)
    resend_after = fields.Integer(required=True)


class BindPhoneRequest(WireSchema):
    """The code that arrived by SMS (step 8)."""

    code = Sealed(required=True)


class ActivateRequest(WireSchema):
    """Proof of the qualification (step 9). Without `proof` the ticket of step 8b is used again, once confirmed."""

    route = fields.String(required=True, validate=OneOf(("certificate_code", "ticket")))
    proof = Sealed(load_default=None, allow_none=True)


class PaperCertificateRequest(WireSchema):
    """The 27-character code of a paper certificate that the person holds; the registration gate reads it."""

    code = Sealed(required=True)


class PersonView(WireSchema):
    """A person for the services that must know who applies: identity sealed, qualifications by id."""

    person_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)
    activated = fields.Boolean(required=True)
    name = Sealed(required=True)
    id_type = fields.String(required=True)
    id_number = Sealed(required=True)
    sex = fields.String(required=True)
    birth_date = Sealed(required=True)
    phone = Sealed(required=True)
    email = Sealed(allow_none=True, load_default=None)
    qualification_ids = fields.List(fields.UUID(), required=True)
    paper_certificates = fields.List(fields.UUID(), required=True)  # qualifications whose paper certificate was entered


class InstitutionSearch(PageRequest):
    """Institutions by a part of the name, or by licence number, optionally below a division."""

    q = fields.String(load_default="", validate=Length(max=60))
    division = fields.String(load_default=None, allow_none=True, validate=DIVISION)


class InstitutionPage(WireSchema):
    """Institutions that fit, nearest name first."""

    items = fields.List(fields.Nested(InstitutionSnapshot), required=True)
    next = fields.String(allow_none=True, load_default=None)
    total = fields.Nested(Tally, required=True)


class AuthorityView(AuthorityBrief):
    """An authority with those above it, nearest first."""

    superiors = fields.List(fields.Nested(AuthorityBrief), required=True)


class AccessLogRow(WireSchema):
    """Who looked at the person's record and why (谁查看过)."""

    at = fields.AwareDateTime(required=True)
    service = fields.String(required=True)
    role = fields.String(required=True)
    organisation = fields.String(required=True)
    what = fields.String(required=True)
    reason = Sealed(required=True)


class AccessLogPage(WireSchema):
    """The person's access log, newest first."""

    items = fields.List(fields.Nested(AccessLogRow), required=True)
    next = fields.String(allow_none=True, load_default=None)


class ExcludedCaseView(WireSchema):
    """One of the four cases that go offline (domain §3.10), with where to go."""

    case = fields.Integer(required=True, validate=Range(1, 4))
    code = fields.String(required=True)


class ReportOldPolicyRequest(WireSchema):
    """A person without a record says that the certificate is older than the national exam (excluded case 1)."""

    certificate_year = fields.Integer(load_default=None, allow_none=True)


VISITOR_CONTEXT = RpcMethod("accounts", "visitor_context", AddressRequest, ContextView)
NEW_CAPTCHA = RpcMethod("accounts", "new_captcha", CaptchaRequest, CaptchaView)
PASS_CAPTCHA = RpcMethod("accounts", "pass_captcha", CaptchaAnswer, ContextView)
SIGN_UP_IDENTITY = RpcMethod("accounts", "sign_up_identity", SignUpIdentityRequest, SignUpToken)
SIGN_UP_ACCOUNT = RpcMethod("accounts", "sign_up_account", SignUpAccountRequest, AccountOpenedView, writes=True)
OPEN_SESSION = RpcMethod("accounts", "open_session", OpenSessionRequest, SessionView)
RENEW_CONTEXT = RpcMethod("accounts", "renew_context", RenewContextRequest, RenewedContext)
CLOSE_SESSION: RpcMethod[SessionRequest, Empty] = RpcMethod("accounts", "close_session", SessionRequest)
ME = RpcMethod("accounts", "me", Empty, MeView)
CHECK_QUALIFICATION = RpcMethod("accounts", "check_qualification", Empty, MeView, writes=True)
UPDATE_QUALIFICATION = RpcMethod("accounts", "update_qualification", TicketRequest, MeView, writes=True)
SEND_PHONE_CODE = RpcMethod("accounts", "send_phone_code", SendCodeRequest, CodeSent, writes=True)
BIND_PHONE = RpcMethod("accounts", "bind_phone", BindPhoneRequest, MeView, writes=True)
ACTIVATE = RpcMethod("accounts", "activate", ActivateRequest, MeView, writes=True)
ENTER_PAPER_CERTIFICATE = RpcMethod("accounts", "enter_paper_certificate", PaperCertificateRequest, MeView, writes=True)
REPORT_OLD_POLICY = RpcMethod("accounts", "report_old_policy", ReportOldPolicyRequest, ExcludedCaseView, writes=True)
PERSON = RpcMethod("accounts", "person", ById, PersonView)
INSTITUTION = RpcMethod("accounts", "institution", ById, InstitutionSnapshot)
INSTITUTIONS = RpcMethod("accounts", "institutions", InstitutionSearch, InstitutionPage)
AUTHORITY = RpcMethod("accounts", "authority", ById, AuthorityView)
ACCESS_LOG = RpcMethod("accounts", "access_log", PageRequest, AccessLogPage)


class AccountEvent(WireSchema):
    """Something happened to a person's account."""

    account_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)


class RecognisedExam(WireSchema):
    """Where and when the exam of a recognised qualification was passed: whose gate concerns its holder."""

    qualification_id = fields.UUID(required=True)
    region = fields.String(required=True, validate=PROVINCE)
    year = fields.Integer(required=True)


class QualificationRecognised(AccountEvent):
    """The system found the qualifications of an account's holder."""

    qualification_ids = fields.List(fields.UUID(), required=True)
    exams = fields.List(fields.Nested(RecognisedExam), load_default=list)  # one for each of them


class NewDevice(WireSchema):
    """Somebody logged in with the right password from a device that the account had not been used from before.

    The first login of an account is none. Nothing tells which device or from where.
    """

    subject_kind = fields.String(required=True, validate=OneOf(("person", "staff")))
    subject_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)


class AccountActivated(AccountEvent):
    """The holder proved to own a qualification; business may be filed from now on."""

    route = fields.String(required=True)
    qualification_id = fields.UUID(required=True)


class ActivationFailed(AccountEvent):
    """The third failed proof in a row (E15): the holder and the security desk are told."""

    failures = fields.Integer(required=True)


class ContactChanged(WireSchema):
    """The contact points of a person or of a staff member; `notices` keeps them sealed as its read model."""

    subject_kind = fields.String(required=True, validate=OneOf(("person", "staff")))
    subject_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)
    name = Sealed(required=True)
    phone = Sealed(allow_none=True, load_default=None)
    phone_verified = fields.Boolean(required=True)
    # How it is known to be theirs: by a code that arrived there, or since their organisation says so; "" if it isn't.
    phone_proof = fields.String(load_default="", validate=OneOf(("", "code", "organisation")))
    email = Sealed(allow_none=True, load_default=None)


class StaffChanged(WireSchema):
    """Who acts for an organisation, in which role."""

    staff_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)
    organisation_id = fields.UUID(required=True)
    organisation_kind = fields.String(required=True)
    role = fields.String(required=True, validate=OneOf(ROLES))
    active = fields.Boolean(required=True)


class ContactSnapshot(ContactChanged):
    """How somebody is reached, as it is: for a consumer that came after the news of it."""


class StaffSnapshot(StaffChanged):
    """Who acts for an organisation and in which role, as it is: for a consumer that came after the news of it."""


class OrganisationChanged(WireSchema):
    """An institution or authority was entered or changed."""

    organisation_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    division = fields.String(required=True)
    tier = fields.String(allow_none=True, load_default=None, validate=OneOf(TIERS))
    scope = fields.String(allow_none=True, load_default=None, validate=OneOf(EXAM_SCOPES))  # of exam centre desks
    version = fields.Integer(required=True)


class OrganisationSnapshot(OrganisationChanged):
    """An institution or authority as it is, for a consumer that came after the news of it."""

    licence_status = fields.String(allow_none=True, required=True)  # None: an authority has no licence


class LicenceStatusChanged(WireSchema):
    """An institution's licence became valid, suspended or cancelled (E45)."""

    institution_id = fields.UUID(required=True)
    status = fields.String(required=True)
    since = fields.Date(required=True)


ACCOUNT_OPENED = EventType("accounts.account_opened.v1", "account", AccountEvent)
QUALIFICATION_RECOGNISED = EventType("accounts.qualification_recognised.v1", "account", QualificationRecognised)
PHONE_BOUND = EventType("accounts.phone_bound.v1", "account", AccountEvent)
ACCOUNT_ACTIVATED = EventType(
    "accounts.account_activated.v1",
    "account",
    AccountActivated,
    figure=Figure("yizhu_accounts_activated", "Accounts activated, by the proof's route", ("route",)),
)
ACTIVATION_FAILED = EventType("accounts.activation_failed.v1", "account", ActivationFailed)
ACCOUNT_DISABLED = EventType("accounts.account_disabled.v1", "account", AccountEvent)
NEW_DEVICE = EventType("accounts.new_device.v1", "account", NewDevice)
CONTACT_CHANGED = EventType("accounts.contact_changed.v1", "contact", ContactChanged)
STAFF_CHANGED = EventType("accounts.staff_changed.v1", "staff", StaffChanged)
ORGANISATION_CHANGED = EventType("accounts.organisation_changed.v1", "organisation", OrganisationChanged)
LICENCE_STATUS_CHANGED = EventType("accounts.licence_status_changed.v1", "organisation", LicenceStatusChanged)
CONTACT_SNAPSHOT = EventType("accounts.contact_snapshot.v1", "contact", ContactSnapshot, bulk=True, snapshot=True)
STAFF_SNAPSHOT = EventType("accounts.staff_snapshot.v1", "staff", StaffSnapshot, bulk=True, snapshot=True)
ORGANISATION_SNAPSHOT = EventType(
    "accounts.organisation_snapshot.v1", "organisation", OrganisationSnapshot, bulk=True, snapshot=True
)

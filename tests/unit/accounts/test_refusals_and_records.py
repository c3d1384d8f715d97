"""What an account, an organisation and a login hold after each step, and what each refusal says word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.accounts.domain.account import (
    AccountState,
    activate,
    calls_for_alert,
    disable,
    enter_paper_certificate,
    fail_proof,
    keep_ticket,
)
from services.accounts.domain.captchas import captcha_failed, comparable
from services.accounts.domain.credentials import FORGOTTEN_AFTER, LoginForm, LoginLock, read_login_form
from services.accounts.domain.field_faults import field_fault
from services.accounts.domain.identity import Identity, kind_of_id, old_policy_case, read_identity
from services.accounts.domain.knobs import AccountKnobs
from services.accounts.domain.organisations import (
    ExamScope,
    check_authority,
    check_institution,
    differs,
    order_by_tree,
    searchable,
)
from services.accounts.domain.phone_codes import TRIES, PhoneCode, check_code, new_code, refuse_early_resend
from services.accounts.domain.proofs import CERTIFICATE_CODE, TICKET, Proof, read_proof
from services.accounts.domain.sessions import Session, continue_session
from services.accounts.domain.staff import check_role
from shared.platform.errors import DomainError, InvalidInput, RuleViolated, TooManyAttempts, Unauthenticated
from shared.trade.divisions import Tier
from shared.trade.names import PersonName
from shared.trade.resident_id import ResidentId

from .makers import (
    ACCOUNT_ID,
    CITY,
    CODE_OF_A,
    FIRST,
    KNOBS,
    NOW,
    PROVINCE,
    RESIDENCE_PERMIT,
    SECOND,
    TODAY,
    A,
    an_account,
    an_authority,
    an_institution,
)
from .makers import TICKET as TICKET_OF_A


def refusal(act) -> tuple[type[DomainError], str, dict]:
    """Kind, code and facts of what an act is refused with."""
    with pytest.raises(DomainError) as refused:
        act()
    return type(refused.value), refused.value.code, dict(refused.value.facts)


def wrong(field: str, *codes: str) -> tuple[type[DomainError], str, dict]:
    """The refusal of a form for one field."""
    return InvalidInput, "invalid_input", {"fields": {field: list(codes)}}


def a_code(**changes) -> PhoneCode:
    """A code that was sent just now."""
    return replace(PhoneCode(ACCOUNT_ID, "13800000001", "right", NOW, NOW + timedelta(minutes=10)), **changes)


BOUND = an_account(state=AccountState.PHONE_BOUND, qualification_ids=(FIRST,), phone_bound=True)
FORM = {"phone": "13800000001", "email": None, "login_name": "xiaoming", "password": "Secret-123"}


# --- the account ------------------------------------------------------------------------------------------------------


def test_a_ticket_is_kept_until_it_has_served():
    """Policy key `activation.reuse_ticket`; domain §2.3."""
    kept = keep_ticket(BOUND, TICKET_OF_A)
    assert kept == replace(BOUND, ticket=TICKET_OF_A)
    done = activate(replace(kept, failed_proofs=2), route="ticket", qualification_id=SECOND, now=NOW)
    assert done == replace(
        BOUND,
        state=AccountState.ACTIVATED,
        qualification_ids=(FIRST, SECOND),
        activated_at=NOW,
        activation_route="ticket",
        activated_with=SECOND,
        failed_proofs=0,
        ticket=None,
    )


def test_failed_proofs_are_counted_one_by_one_and_told_at_every_third():
    """Domain §2.4, E15–E18: the third in a row, the sixth; where every one is told, the first is, too."""
    account, told = BOUND, []
    for number in range(1, 8):
        account = fail_proof(account)
        assert account == replace(BOUND, failed_proofs=number)
        told.append(calls_for_alert(account, 3))
    assert told == [False, False, True, False, False, True, False]
    assert calls_for_alert(fail_proof(BOUND), 1)
    assert not calls_for_alert(BOUND, 1)


def test_a_paper_certificate_is_noted_once_and_ends_the_row_of_failures():
    """Domain §6.4 (E25)."""
    noted = enter_paper_certificate(replace(BOUND, failed_proofs=2), FIRST)
    assert noted == replace(BOUND, paper_certificates=(FIRST,), failed_proofs=0)
    assert enter_paper_certificate(noted, FIRST) == noted


def test_a_disabled_account_keeps_when_and_why():
    """个人信息保护法 art.44: its holder may ask; the phone is free for somebody else."""
    account = replace(BOUND, ticket=TICKET_OF_A)
    assert disable(account, reason=" 本人申请 ", now=NOW) == replace(
        account,
        state=AccountState.DISABLED,
        phone_bound=False,
        ticket=None,
        disabled_at=NOW,
        disabled_because="本人申请",
    )


# --- identity and login -----------------------------------------------------------------------------------------------


def test_an_identity_is_what_was_typed_in_its_one_form():
    """Domain §4.1 (GB 11643-1999)."""
    found = read_identity(" 王小明 ", "resident_id", A, today=TODAY, knobs=KNOBS)
    assert found == Identity(PersonName.parse("王小明"), "resident_id", ResidentId.parse(A))


def test_the_age_is_that_of_the_day_within_the_policys_range():
    """Policy key `id.age_range`: born 1995-03-07, so eighteen on 2013-03-07 and not a day before."""

    def read(today: date, knobs: AccountKnobs = KNOBS):
        return read_identity("王小明", "resident_id", A, today=today, knobs=knobs)

    assert read(date(2013, 3, 7)).number.value == A
    assert refusal(lambda: read(date(2013, 3, 6))) == wrong("id_number", "id_age")
    assert refusal(lambda: read(TODAY, replace(KNOBS, age_range=(30, 60)))) == wrong("id_number", "id_age")


@pytest.mark.parametrize(
    ("id_type", "prefix", "expected"),
    [
        ("resident_id", "810000", "residence_permit_hmt"),
        ("resident_id", "820000", "residence_permit_hmt"),
        ("resident_id", "830000", "residence_permit_hmt"),
        ("resident_id", "430199", "resident_id"),
        ("travel_permit_hmt", "810000", "travel_permit_hmt"),
        ("passport", "E12345", "passport"),
    ],
)
def test_the_three_prefixes_of_a_residence_permit(id_type, prefix, expected):
    """Domain §3.10, §4.1: Hong Kong, Macao, Taiwan; another document stays what it is."""
    assert kind_of_id(id_type, prefix + RESIDENCE_PERMIT[6:]) == expected


def test_a_login_form_is_kept_whole():
    """Domain §2.1 step 3: nothing of it is lost before the password is hashed."""
    assert read_login_form(**FORM, knobs=KNOBS) == LoginForm("13800000001", None, "xiaoming", "Secret-123")


def test_a_password_has_the_length_and_the_classes_of_the_policy():
    """Policy keys `account.password_length`, `account.password_classes`."""
    longer = replace(KNOBS, password_length=12)
    assert refusal(lambda: read_login_form(**FORM, knobs=longer)) == wrong("password", "password_length")
    more = replace(KNOBS, password_classes=4)
    plain = {**FORM, "password": "Secret123"}
    assert read_login_form(**plain, knobs=KNOBS).password == "Secret123"
    assert refusal(lambda: read_login_form(**plain, knobs=more)) == wrong("password", "password_classes")


def test_a_lock_is_over_in_its_very_moment_and_a_day_is_a_whole_day():
    """Domain §2.2: 15 minutes; failures exactly a day apart still stand together."""
    locked = LoginLock("k", 5, NOW, NOW + KNOBS.lock_for)
    assert refusal(lambda: locked.refuse_while_locked(NOW)) == (TooManyAttempts, "login_locked", {"retry_after": 900})
    last = NOW + KNOBS.lock_for - timedelta(milliseconds=1)
    assert refusal(lambda: locked.refuse_while_locked(last))[2] == {"retry_after": 1}
    assert locked.after_failure(NOW + KNOBS.lock_for, KNOBS).failures == 1
    assert LoginLock("k", 1, NOW).after_failure(NOW + FORGOTTEN_AFTER, KNOBS).failures == 2


def test_an_answer_is_folded_from_the_first_to_the_last_wide_character():
    """U+FF01 to U+FF5E: what an input method makes of the same keys."""
    assert comparable("！ａｂ～") == "!AB~"
    assert searchable("！Ａ～") == "!a~"


def test_a_code_has_a_million_values():
    """Six digits by chance: within two hundred some are above the first sixty (domain §2.4)."""
    assert max(int(new_code()) for _ in range(200)) >= 60


def test_the_last_second_of_a_wait_is_a_second():
    """`retry_after` is never nought."""
    wait = refusal(lambda: refuse_early_resend(a_code(), NOW + timedelta(seconds=59, milliseconds=900)))
    assert wait == (TooManyAttempts, "code_sent_recently", {"retry_after": 1})


@pytest.mark.parametrize(
    ("code", "given", "left", "refused"),
    [
        (None, "right", None, ("code_expired", {})),
        (a_code(), "wrong", a_code(tries=1), ("code_wrong", {"tries_left": 4})),
        (a_code(tries=TRIES - 1), "wrong", None, ("code_expired", {})),
        (a_code(expires_at=NOW), "right", None, ("code_expired", {})),
    ],
)
def test_what_becomes_of_a_code_that_did_not_serve(code, given, left, refused):
    """Domain §2.4: five tries, ten minutes."""
    kept, said = check_code(code, given, NOW)
    assert kept == left
    assert (said.code, said.facts) == refused


def test_a_proof_is_what_was_typed_in_its_one_form():
    """Domain §2.3, E14: a ticket of the policy's pattern, a code with the ID it holds."""
    assert read_proof(TICKET, f" {TICKET_OF_A} ", this_year=2022, knobs=KNOBS) == Proof(TICKET, TICKET_OF_A)
    assert read_proof(CERTIFICATE_CODE, CODE_OF_A, this_year=2022, knobs=KNOBS) == Proof(
        CERTIFICATE_CODE, CODE_OF_A, ResidentId.parse(A)
    )
    other = replace(KNOBS, ticket_pattern=r"\d{14}")
    assert refusal(lambda: read_proof(TICKET, TICKET_OF_A, this_year=2022, knobs=other)) == wrong(
        "proof", "ticket_format"
    )


ENDED = Session(ACCOUNT_ID, ACCOUNT_ID, "person", (), NOW, NOW, ended_at=NOW)


@pytest.mark.parametrize(
    ("act", "refused"),
    [
        (lambda: enter_paper_certificate(BOUND, SECOND), (RuleViolated, "proof_not_found", {})),
        (lambda: disable(BOUND, reason=" ", now=NOW), (RuleViolated, "reason_required", {})),
        (lambda: old_policy_case(1999), (RuleViolated, "certificate_not_old_policy", {"last_year": 1998})),
        (lambda: read_login_form(**{**FORM, "phone": "1"}, knobs=KNOBS), wrong("phone", "phone_format")),
        (lambda: continue_session(ENDED, NOW), (Unauthenticated, "session_ended", {})),
        (lambda: check_role("clerk", "unheard_of"), wrong("role", "role_not_of_organisation")),
        (lambda: check_institution(an_institution(beds=-1), PROVINCE), wrong("beds", "negative")),
    ],
)
def test_a_refused_step_says_why(act, refused):
    """One code a reason, with the facts that its sentence needs."""
    assert refusal(act) == refused


def test_the_refusal_of_one_field_and_of_a_captcha():
    """E07: the form's own code, so that a page shows it beside the field."""
    fault, captcha = field_fault("role", "role_not_of_organisation"), captcha_failed()
    assert (fault.code, fault.facts) == ("invalid_input", {"fields": {"role": ["role_not_of_organisation"]}})
    assert (captcha.code, captcha.facts) == ("captcha_failed", {"fields": {"captcha_answer": ["captcha_failed"]}})


# --- organisations ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authority", "superior", "fields"),
    [
        # no tier, yet something above it; above it stands what has no tier itself
        (
            an_authority(kind="exam_centre", tier=None, division="43", scope=ExamScope.REGION),
            PROVINCE,
            {"tier": ["exam_centre_stands_alone"]},
        ),
        (an_authority(), an_authority(tier=None, division="43"), {"superior": ["superior_not_above"]}),
        # only a county's tier is taken over by a city, and only by a city
        (an_authority(tier=Tier.COUNTY, division="43"), PROVINCE, {"tier": ["tier_not_of_division"]}),
        (an_authority(tier=Tier.PROVINCE, division="43/4301"), None, {"tier": ["tier_not_of_division"]}),
    ],
)
def test_an_authority_stands_in_for_no_tier_but_the_county(authority, superior, fields):
    """Policy key `division.county_fallback`; 医师法 art.13: which authority decides follows from the tier."""
    assert refusal(lambda: check_authority(authority, superior)) == (InvalidInput, "invalid_input", {"fields": fields})


def test_an_institution_without_beds_is_an_institution():
    """Clinics have none (医疗机构管理条例); what is doubtful about the number is a warning (domain §4.6)."""
    assert check_institution(an_institution(beds=0), an_authority()) == ()
    pseudo = an_institution(licence_number="PDY00001143010211A1001")
    assert check_institution(pseudo, an_authority()) == ("licence_check_character",)


def test_since_when_a_licence_stands_is_no_difference_by_itself():
    """The file names the day of the last change, which is told with what changed."""
    assert differs(an_institution(), an_institution(status_since=date(2020, 1, 1))) == ()


def test_a_long_chain_is_loaded_from_the_top():
    """Each superior before those below it, and one whose superior is in no file at once."""
    rows = [("D", "C"), ("C", "B"), ("B", "A"), ("A", "elsewhere")]
    assert list(order_by_tree(rows)) == ["A", "B", "C", "D"]
    assert list(order_by_tree([("A", ""), ("B", "A"), ("C", "A"), ("E", "C"), ("F", "B")])) == ["A", "B", "C", "E", "F"]
    assert CITY.tier is Tier.CITY

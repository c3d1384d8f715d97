"""Who is told what, by event: domain.md §9.1."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.notices.domain import account_news, case_news, mailboxes, qualification_news, register_news
from services.notices.domain.notice import Notice
from services.notices.domain.qualification_news import Use
from services.notices.domain.reminders import Reminder, overdue
from shared.contracts.accounts import ROLES
from tests.unit.notices import facts
from tests.unit.notices.facts import AUTHORITY, HEAD, INSTITUTION, NOW, OFFICER, ORG, PERSON, WINDOW, P


def told(notices: list[Notice]) -> set[tuple[str, str]]:
    assert len({(notice.template, notice.recipient) for notice in notices}) == len(notices)
    return {(notice.template, notice.recipient) for notice in notices}


@pytest.mark.parametrize(
    ("from_state", "to_state", "expected"),
    [
        ("ORG_REVIEW", "ORG_RETURNED", {("org_returned", P)}),
        ("ORG_REVIEW", "ORG_REJECTED", {("org_rejected", P)}),
        ("ORG_REVIEW", "ORG_CONFIRMED", {("org_confirmed", P)}),
        ("RECEIVED", "SUPPLEMENT", {("supplement", P), ("supplement", ORG)}),
        ("RECEIVED", "ACCEPTED", {("accepted", P), ("accepted", ORG)}),
        ("RECEIVED", "NOT_ACCEPTED", {("not_accepted", P), ("not_accepted", ORG)}),
        ("APPROVED", "EFFECT_BLOCKED", {("effect_blocked", P)}),
        ("ACCEPTED", "WITHDRAWN", {("withdrawn", P), ("withdrawn", ORG)}),
        ("EFFECT_BLOCKED", "TERMINATED", {("terminated", P), ("terminated", ORG)}),
        ("SUBMITTED", "ORG_REVIEW", set()),
        ("ORG_CONFIRMED", "RECEIVED", set()),
        ("ACCEPTED", "PRE_REVIEW", set()),
        ("ACCEPTED", "APPROVED", set()),
        ("ACCEPTED", "REFUSED", set()),
    ],
)
def test_each_step_of_a_case_is_told_to_those_whom_it_concerns(from_state, to_state, expected):
    assert told(case_news.case_advanced(facts.advanced(from_state, to_state))) == expected


def test_a_case_that_comes_back_from_pre_review_is_not_accepted_again():
    assert case_news.case_advanced(facts.advanced("PRE_REVIEW", "ACCEPTED")) == []


def test_an_action_that_leaves_the_state_as_it_is_tells_nobody():
    assert case_news.case_advanced(facts.advanced("SUPPLEMENT", "SUPPLEMENT")) == []


def test_what_a_rule_adds_to_a_supplement_notice_is_told_with_the_whole_list():
    """The policy pinned at receipt asks for more: a new failure becomes a supplement, never a silent loss."""
    step = facts.advanced("SUPPLEMENT", "SUPPLEMENT", action="reassess")
    assert told(case_news.case_advanced(step)) == {("supplement", P), ("supplement", ORG)}
    for state in ("ACCEPTED", "PRE_REVIEW"):
        assert case_news.case_advanced(facts.advanced(state, state, action="reassess")) == []


def test_acceptance_by_silence_is_told_in_its_own_words():
    """行政许可法 art.32(4): silence for five working days counts as acceptance from the day of receipt."""
    step = facts.advanced("RECEIVED", "ACCEPTED", action="deem_accepted")
    assert told(case_news.case_advanced(step)) == {("accepted_by_silence", P), ("accepted_by_silence", ORG)}


def test_a_refusal_goes_to_applicant_and_institution():
    """医师法 art.16, 行政许可法 art.38: written, with reasons, to both."""
    assert told(case_news.case_decided(facts.decided("refused"))) == {("refused", P), ("refused", ORG)}


def test_an_approval_is_told_when_the_register_has_it_and_not_before():
    assert case_news.case_decided(facts.decided("approved")) == []
    assert told(register_news.registration_changed(facts.registration("opened"))) == {
        ("approved", P),
        ("approved", ORG),
    }


@pytest.mark.parametrize(
    ("change", "template"),
    [
        ("superseded", "registration_superseded"),
        ("cancelled", "registration_ended"),
        ("revoked", "registration_ended"),
        ("withdrawn", "registration_ended"),
    ],
)
def test_the_end_of_a_registration_is_told_to_doctor_and_institution(change, template):
    notices = register_news.registration_changed(facts.registration(change))
    assert told(notices) == {(template, P), (template, ORG)}


def test_certificates_are_told_to_their_holder():
    assert told(register_news.certificate_issued(facts.certificate())) == {("certificate_issued", P)}
    assert told(register_news.certificate_voided(facts.certificate())) == {("certificate_voided", P)}


def test_the_applicant_hears_of_the_submission_and_the_clerk_of_the_task():
    assert told(case_news.submitted(facts.submission())) == {("submitted", P)}
    assert told(case_news.task_opened(facts.task("confirm", "clerk", INSTITUTION))) == {("to_confirm", ORG)}
    assert told(case_news.task_opened(facts.task("receive", "window", AUTHORITY))) == {("to_receive", WINDOW)}
    assert told(case_news.task_opened(facts.task("resolve", "officer", AUTHORITY))) == {("to_resolve", OFFICER)}


@pytest.mark.parametrize("step", ["accept", "decide", "pre_review", "await_supplement"])
def test_a_task_that_the_work_list_shows_is_not_told_besides(step):
    assert case_news.task_opened(facts.task(step, "officer", AUTHORITY)) == []


@pytest.mark.parametrize(("days", "template"), [(5, "deadline_near"), (2, "deadline_near"), (0, "deadline_today")])
def test_officer_and_head_are_reminded_before_a_limit(days, template):
    notices = case_news.deadline_near(facts.deadline("officer", AUTHORITY, days))
    assert told(notices) == {(template, OFFICER), (template, HEAD)}


def test_the_institution_is_reminded_without_a_head():
    assert told(case_news.deadline_near(facts.deadline("clerk", INSTITUTION, 2))) == {("deadline_near", ORG)}


def test_a_head_who_acts_is_reminded_once():
    assert told(case_news.deadline_passed(facts.deadline("head", AUTHORITY, -1))) == {("deadline_passed", HEAD)}


@pytest.mark.parametrize(("is_staffed", "desk"), [(True, "security:43"), (False, "administrators:43")])
def test_failed_activation_goes_to_the_holder_and_the_security_desk(is_staffed, desk):
    """E15: three wrong proofs in a row; where a province has named no 安全管理员, its administrators stand in."""
    notices = account_news.activation_failed(
        PERSON, facts.CASE, 3, NOW, mailboxes.of_security_desk("43", is_staffed=is_staffed)
    )
    assert told(notices) == {("activation_failed", P), ("activation_failed_desk", desk)}
    assert notices[0].is_sent_by_sms
    assert not notices[1].is_sent_by_sms


def test_an_open_gate_is_told_to_those_who_passed_there_and_to_institutions_and_authorities_of_the_region():
    recipients = {notice.recipient for notice in account_news.gate_opened("43", 2026, 1)}
    assert recipients == {"passed:43:2026", "institutions:43", "authorities:43"}


@pytest.mark.parametrize(
    ("born_in", "exams", "hears_of_it"),
    [
        ("44", [("43", 2026)], True),  # born elsewhere, passed here
        ("43", [("44", 2026)], False),  # born here, passed elsewhere
        ("43", [("43", 2025)], False),  # passed in another year
        ("44", [("44", 2025), ("43", 2026)], True),
        ("43", [], False),  # nothing recognised: the recognition itself will be told
    ],
)
def test_the_exam_region_decides_whom_a_gate_concerns_and_not_the_province_of_the_id(born_in, exams, hears_of_it):
    """domain.md §6.4: the publication gate belongs to the exam region."""
    gate = {notice.recipient for notice in account_news.gate_opened("43", 2026, 1)}
    boxes = mailboxes.read_by(
        subject=P, role="physician", organisation_id=None, organisation_kind=None, province=born_in, exams=exams
    )
    assert bool(gate & set(boxes)) is hears_of_it


def test_a_clerk_reads_their_own_their_desks_and_their_provinces_mailbox():
    boxes = mailboxes.read_by(
        subject="staff:1",
        role="clerk",
        organisation_id=INSTITUTION,
        organisation_kind="institution",
        province="43",
    )
    assert boxes == ("staff:1", ORG, "institutions:43")


def test_a_doctor_reads_no_desk():
    boxes = mailboxes.read_by(subject=P, role="physician", organisation_id=None, organisation_kind=None, province="43")
    assert boxes == (P,)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", ["institution", "authority", "exam_centre"])
def test_the_security_desk_is_read_by_its_role_at_an_authority_of_the_province(role, kind):
    """domain.md §10.1: those who look after security are others than the administrators, who only stand in."""
    boxes = mailboxes.read_by(
        subject="staff:1", role=role, organisation_id=AUTHORITY, organisation_kind=kind, province="43"
    )
    desks = {mailboxes.of_security_desk(province, is_staffed=True) for province in ("43", "44")}
    stand_ins = {mailboxes.of_security_desk(province, is_staffed=False) for province in ("43", "44")}
    at_authority = kind == "authority"
    assert desks & set(boxes) == ({"security:43"} if at_authority and role == "security" else set())
    assert stand_ins & set(boxes) == ({"administrators:43"} if at_authority and role == "administrator" else set())


def test_an_institution_that_is_late_hears_of_it_and_so_does_the_applicant():
    """domain.md §9.1: ten working days, then reminders; silence is never a confirmation."""
    assert told(case_news.deadline_passed(facts.deadline("clerk", INSTITUTION, -1))) == {
        ("deadline_passed", ORG),
        ("institution_overdue", P),
    }


@pytest.mark.parametrize("role", ["window", "officer", "head"])
def test_what_an_authority_is_late_with_is_not_told_to_the_applicant_as_the_institutions(role):
    notices = case_news.deadline_passed(facts.deadline(role, AUTHORITY, -1))
    assert {template for template, _ in told(notices)} == {"deadline_passed"}


def test_each_reminder_goes_to_the_clerks_alone_and_counts():
    reminder = a_reminder()
    assert told(overdue(reminder)) == {("overdue_reminder", ORG)}
    assert overdue(reminder)[0].facts["count"] == 1
    assert overdue(replace(reminder, told=4))[0].facts["count"] == 5
    assert overdue(reminder)[0].is_sent_by_sms


def test_a_reminder_that_is_made_twice_is_one_and_the_next_is_another():
    """The mailbox takes one message an occasion, so the occasion has to follow from the count alone."""
    first, second = a_reminder(), replace(a_reminder(), told=1)
    assert first.occasion == a_reminder().occasion
    assert len({first.occasion.id, second.occasion.id, first.passed_event}) == 3
    assert replace(first, passed_event=UUID(int=99)).occasion != first.occasion


@pytest.mark.parametrize(
    ("from_state", "to_state", "leaves", "ends"),
    [
        ("ORG_REVIEW", "ORG_CONFIRMED", True, False),
        ("ORG_REVIEW", "ORG_RETURNED", True, False),
        ("ORG_REVIEW", "ORG_REJECTED", True, True),
        ("ORG_REVIEW", "WITHDRAWN", True, True),
        ("ORG_REVIEW", "TERMINATED", True, True),
        ("ORG_REVIEW", "ORG_REVIEW", False, False),
        ("RECEIVED", "NOT_ACCEPTED", True, True),
        ("ACCEPTED", "REFUSED", True, True),
        ("ACCEPTED", "APPROVED", True, False),
    ],
)
def test_a_step_ends_reminders_when_the_case_leaves_the_desk(from_state, to_state, leaves, ends):
    step = facts.advanced(from_state, to_state)
    assert case_news.leaves_the_desk(step) is leaves
    assert case_news.has_ended(step) is ends


@pytest.mark.parametrize("change", ["opened", "changed", "superseded", "cancelled", "revoked", "withdrawn"])
def test_a_registration_that_has_ended_rests_on_nothing(change):
    assert register_news.has_ended(facts.registration(change)) is (change not in ("opened", "changed"))


USES = (
    Use("registration", "110430000000018", INSTITUTION, AUTHORITY),
    Use("application", "ZC20261120-0318", UUID(int=20), AUTHORITY),
)
OTHER_ORG = f"desk:{UUID(int=20)}:clerk"


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("corrected", {(P, ""), (ORG, "_staff"), (OTHER_ORG, "_staff"), (OFFICER, "_staff")}),
        ("annulled", {(P, ""), (ORG, "_staff"), (OTHER_ORG, "_staff"), (OFFICER, "_staff"), (HEAD, "_staff")}),
        ("frozen", set()),  # a step of an inquiry
        ("unfrozen", set()),
    ],
)
def test_a_changed_qualification_is_told_to_its_holder_and_wherever_something_rests_on_it(reason, expected):
    """domain.md §6.7, §9.1: P, Orgs, Auths, each once."""
    notices = qualification_news.qualification_changed(reason, PERSON, USES, NOW)
    assert told(notices) == {(f"qualification_{reason}{suffix}", recipient) for recipient, suffix in expected}


def test_a_holder_without_an_account_cannot_be_told_but_the_others_are():
    notices = qualification_news.qualification_changed("annulled", None, USES, NOW)
    assert {notice.recipient for notice in notices} == {ORG, OTHER_ORG, OFFICER, HEAD}
    assert qualification_news.qualification_changed("annulled", None, (), NOW) == []


def test_each_desk_hears_of_what_concerns_it_alone():
    notices = {
        notice.recipient: notice.facts
        for notice in qualification_news.qualification_changed("annulled", PERSON, USES, NOW)
    }
    assert (notices[ORG]["practice_codes"], notices[ORG]["numbers"]) == ("110430000000018", "")
    assert (notices[OTHER_ORG]["practice_codes"], notices[OTHER_ORG]["numbers"]) == ("", "ZC20261120-0318")
    assert (notices[HEAD]["practice_codes"], notices[HEAD]["numbers"]) == ("110430000000018", "ZC20261120-0318")


def test_an_annulment_names_the_remedies_and_a_correction_has_none():
    """行政许可法 art.38 for what is annulled."""
    annulled, corrected = (
        qualification_news.qualification_changed(reason, PERSON, (), NOW)[0] for reason in ("annulled", "corrected")
    )
    assert annulled.facts["remedies"] == qualification_news.REMEDIES
    assert not corrected.facts["remedies"]


@pytest.mark.parametrize("owner", [P, "staff:00000000-0000-0000-0000-000000000009"])
def test_a_new_device_is_told_to_the_accounts_owner_alone(owner):
    notices = account_news.new_device(owner, NOW)
    assert told(notices) == {("new_device", owner)}
    assert notices[0].is_sent_by_sms


def a_reminder() -> Reminder:
    """The first reminder of a case that the institution has let lie."""
    return Reminder(
        case_id=facts.CASE,
        passed_event=facts.EVENT,
        application_id=facts.APPLICATION,
        organisation_id=INSTITUTION,
        number="ZC20261120-0318",
        type="REG",
        clock="institution",
        due_on=date(2026, 12, 4),
        province="43",
        next_at=NOW,
    )

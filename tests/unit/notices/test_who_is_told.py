"""Who is told what, by event: domain.md §9.1."""

from __future__ import annotations

import pytest

from services.notices.domain import account_news, case_news, mailboxes, register_news
from services.notices.domain.notice import Notice
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


def test_failed_activation_goes_to_the_holder_and_the_security_desk():
    """E15: three wrong proofs in a row."""
    notices = account_news.activation_failed(PERSON, facts.CASE, 3, NOW)
    assert told(notices) == {("activation_failed", P), ("activation_failed_desk", mailboxes.SECURITY_DESK)}
    assert notices[0].is_sent_by_sms
    assert not notices[1].is_sent_by_sms


def test_an_open_gate_is_told_to_people_institutions_and_authorities_of_the_region():
    recipients = {notice.recipient for notice in account_news.gate_opened("43", 2026, 1)}
    assert recipients == {"physicians:43", "institutions:43", "authorities:43"}


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
    assert boxes == (P, "physicians:43")


def test_only_administrators_read_the_security_desk():
    for role in ("physician", "clerk", "window", "officer", "head", "examiner", "administrator"):
        boxes = mailboxes.read_by(
            subject="staff:1", role=role, organisation_id=AUTHORITY, organisation_kind="authority", province="43"
        )
        assert (mailboxes.SECURITY_DESK in boxes) == (role == "administrator")

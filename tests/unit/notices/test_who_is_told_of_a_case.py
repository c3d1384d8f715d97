"""Who is told of a case that others started, or in which the other side is asked: domain.md §3.5, §3.6, §3.8."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.notices.domain import case_news
from services.notices.domain.reminders import overdue
from shared.contracts.applications import STARTERS
from tests.unit.notices import facts
from tests.unit.notices.facts import FORMER, FORMER_ORG, INSTITUTION, ORG, OTHER_AUTHORITY, OTHER_OFFICER, P
from tests.unit.notices.test_who_is_told import a_reminder, told

OTHER_HEAD = f"desk:{OTHER_AUTHORITY}:head"
REPORTED = {"type": "CANCEL", "sub_kind": "BY_REPORT", "started_by": "institution"}


@pytest.mark.parametrize(
    ("started_by", "template"),
    [
        ("physician", "submitted"),
        ("institution", "reported_by_institution"),
        ("authority", "reported_by_authority"),
        ("system", "proposed_by_system"),
    ],
)
def test_a_physician_is_told_who_has_started_it(started_by, template):
    """domain.md §3.6: the doctor is notified and may object; these are not their own words."""
    notices = case_news.submitted(facts.submission(type="CANCEL", started_by=started_by))
    assert told(notices) == {(template, P)}
    assert notices[0].is_sent_by_sms is (started_by != "physician")


def test_every_starter_has_words_and_an_earlier_release_knows_the_physician_alone():
    assert set(case_news.ON_START) == set(STARTERS)
    assert told(case_news.submitted(facts.submission())) == {("submitted", P)}
    assert not case_news.started_by_others(facts.advanced("RECEIVED", "ACCEPTED"))


@pytest.mark.parametrize(
    ("from_state", "to_state", "acts_next", "expected"),
    [
        ("SUBMITTED", "ORG_CONFIRMED", "institution", {("report_papers", ORG)}),
        ("SUBMITTED", "ORG_CONFIRMED", "none", set()),  # no paper is awaited
        ("RECEIVED", "SUPPLEMENT", "institution", {("supplement", ORG)}),
        ("RECEIVED", "ACCEPTED", "authority", {("accepted", ORG)}),
        ("RECEIVED", "NOT_ACCEPTED", "none", {("not_accepted", ORG), ("report_closed", P)}),
        ("RECEIVED", "WITHDRAWN", "none", {("withdrawn", ORG), ("report_closed", P)}),
        ("EFFECT_BLOCKED", "TERMINATED", "none", {("terminated", ORG), ("report_closed", P)}),
        ("ACCEPTED", "REFUSED", "none", {("report_closed", P)}),
        ("ACCEPTED", "APPROVED", "none", set()),
    ],
)
def test_of_its_own_report_the_institution_hears_as_an_applicant_would(from_state, to_state, acts_next, expected):
    step = facts.advanced(from_state, to_state, acts_next=acts_next, **REPORTED)
    assert told(case_news.case_advanced(step)) == expected


@pytest.mark.parametrize("started_by", ["authority", "system"])
@pytest.mark.parametrize(
    ("from_state", "to_state", "expected"),
    [
        ("SUBMITTED", "ACCEPTED", set()),
        ("ACCEPTED", "TERMINATED", {("report_closed", P)}),
        ("ACCEPTED", "REFUSED", {("report_closed", P)}),
        ("APPROVED", "EFFECT_BLOCKED", set()),
    ],
)
def test_what_an_authority_began_has_no_applicant(started_by, from_state, to_state, expected):
    step = facts.advanced(from_state, to_state, started_by=started_by, type="CANCEL")
    assert told(case_news.case_advanced(step)) == expected


@pytest.mark.parametrize(
    ("started_by", "expected"),
    [
        ("physician", {("refused", P), ("refused", ORG)}),
        ("institution", {("refused", ORG)}),
        ("authority", set()),
        ("system", set()),
    ],
)
def test_a_refusal_is_written_to_whoever_applied(started_by, expected):
    """医师法 art.16, 行政许可法 art.38; whose case others started hears that it has ended."""
    assert told(case_news.case_decided(facts.decided("refused", started_by=started_by))) == expected


@pytest.mark.parametrize(
    ("from_state", "action", "acts_next", "expected"),
    [
        ("ORG_REVIEW", "confirm", "applicant", {("org_confirmed", P)}),
        ("ORG_REVIEW", "confirm", "none", {("org_confirmed_goes_on", P)}),  # no paper, or the other side is asked first
        ("ORG_REVIEW", "confirm_by_silence", "applicant", {("confirmed_without_answer", P)}),
        ("ORG_REVIEW", "pass_over", "applicant", {("confirmed_without_answer", P)}),
        ("RELEASE", "release", "applicant", {("papers_awaited", P)}),
        ("RELEASE", "release", "none", set()),
        ("RELEASE", "release_by_silence", "applicant", {("papers_awaited", P)}),
        ("RELEASE", "object_to_release", "applicant", {("papers_awaited", P), ("release_objected", P)}),
    ],
)
def test_a_confirmation_says_what_comes_next_and_is_told_once(from_state, action, acts_next, expected):
    step = facts.advanced(from_state, "ORG_CONFIRMED", action=action, acts_next=acts_next)
    assert told(case_news.case_advanced(step)) == expected


def test_both_of_the_other_side_are_told_when_they_are_asked():
    """domain.md §3.5: O-Org and O-Auth, with the day until which their silence is awaited."""
    assert told(case_news.task_opened(facts.task("release", "clerk", FORMER))) == {("to_release", FORMER_ORG)}
    assert told(case_news.task_opened(facts.task("release", "officer", OTHER_AUTHORITY))) == {
        ("to_release_authority", OTHER_OFFICER)
    }


def test_an_objection_is_told_to_the_applicant_in_the_mailbox_alone():
    """E47: it is recorded and decides nothing; the next of the other side is asked all the same."""
    notices = case_news.case_advanced(facts.advanced("RELEASE", "RELEASE", action="object_to_release"))
    assert told(notices) == {("release_objected", P)}
    assert not notices[0].is_sent_by_sms
    for action in ("release", "release_by_silence", "pass_over", "recompute_deadlines"):
        assert case_news.case_advanced(facts.advanced("RELEASE", "RELEASE", action=action)) == []


@pytest.mark.parametrize(
    ("action", "leaves"),
    [
        ("release", True),
        ("object_to_release", True),
        ("release_by_silence", True),
        ("pass_over", True),
        ("recompute_deadlines", False),
    ],
)
def test_an_answer_ends_the_reminders_of_whoever_was_asked(action, leaves):
    assert case_news.leaves_the_desk(facts.advanced("RELEASE", "RELEASE", action=action)) is leaves


@pytest.mark.parametrize(
    ("role", "organisation_id", "expected"),
    [
        ("clerk", FORMER, {("answer_overdue", FORMER_ORG)}),
        ("officer", OTHER_AUTHORITY, {("answer_overdue", OTHER_OFFICER), ("answer_overdue", OTHER_HEAD)}),
    ],
)
def test_the_other_sides_silence_is_not_told_as_the_new_institutions(role, organisation_id, expected):
    assert told(case_news.deadline_passed(facts.deadline(role, organisation_id, -1, clock="release"))) == expected


def test_where_the_wish_is_enough_an_institutions_silence_is_no_delay():
    """domain.md §3.8: ten working days' silence, and the doctor's wish alone is enough."""
    late = facts.deadline("clerk", INSTITUTION, -1, clock="institution", type="MULTI_DEL")
    assert told(case_news.deadline_passed(late)) == {("answer_overdue", ORG)}
    asked = facts.task("confirm", "clerk", INSTITUTION, type="MULTI_DEL")
    assert told(case_news.task_opened(asked)) == {("to_confirm_or_be_silent", ORG)}
    others = facts.deadline("clerk", INSTITUTION, -1, clock="institution")
    assert told(case_news.deadline_passed(others)) == {("deadline_passed", ORG), ("institution_overdue", P)}


def test_a_reminder_asks_for_what_is_awaited():
    assert told(overdue(replace(a_reminder(), clock="release"))) == {("overdue_answer_reminder", ORG)}
    assert told(overdue(a_reminder())) == {("overdue_reminder", ORG)}

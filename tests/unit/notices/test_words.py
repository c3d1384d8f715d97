"""The words of each notice: what happened, what to do, by when, where (ui.md §10)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from services.notices import catalogue
from services.notices.domain import account_news, case_news, mailboxes, qualification_news, register_news
from services.notices.domain.notice import BY_SMS, Notice
from services.notices.domain.reminders import overdue
from services.notices.rendering import code_text, render
from shared.contracts.common import BUSINESS_TYPES
from shared.trade.levels import Level
from tests.unit.notices import facts
from tests.unit.notices.facts import AUTHORITY, INSTITUTION, NOW, PERSON, P
from tests.unit.notices.test_who_is_told import USES, a_reminder

REASONS = [
    {"code": "employment_proof_missing_seal", "target": "employment_proof", "note": "第2页"},
    {"code": "photo_unfit", "target": "photo", "note": ""},
]
WORKFLOW = tomllib.loads(Path("services/review/workflows/REG.toml").read_text(encoding="utf-8"))
ALL = [
    *account_news.account_opened(PERSON, NOW),
    *account_news.qualification_recognised(PERSON, 2),
    *account_news.phone_bound(PERSON, NOW, "138****0001"),
    *account_news.account_activated(PERSON, NOW),
    *account_news.activation_failed(PERSON, facts.CASE, 3, NOW, "security:43"),
    *account_news.new_device(P, NOW),
    *account_news.account_disabled(PERSON, NOW),
    *account_news.batch_published(("43", "44"), 2026, 1, 2000),
    *account_news.gate_opened("43", 2026, 1),
    *case_news.submitted(facts.submission()),
    *case_news.task_opened(facts.task("confirm", "clerk", INSTITUTION)),
    *case_news.task_opened(facts.task("receive", "window", AUTHORITY)),
    *case_news.task_opened(facts.task("resolve", "officer", AUTHORITY)),
    *(
        notice
        for state in case_news.ON_STATE
        for notice in case_news.case_advanced(facts.advanced("RECEIVED", state, reasons=REASONS))
    ),
    *case_news.case_advanced(facts.advanced("RECEIVED", "ACCEPTED", action="deem_accepted")),
    *case_news.case_decided(facts.decided("refused")),
    *case_news.deadline_near(facts.deadline("officer", AUTHORITY, 5)),
    *case_news.deadline_near(facts.deadline("officer", AUTHORITY, 0)),
    *case_news.deadline_passed(facts.deadline("officer", AUTHORITY, -1)),
    *case_news.deadline_passed(facts.deadline("clerk", INSTITUTION, -1)),
    *overdue(a_reminder()),
    *(
        notice
        for reason in qualification_news.ON_REASON
        for notice in qualification_news.qualification_changed(reason, PERSON, USES, NOW)
    ),
    *(
        notice
        for change in register_news.ON_CHANGE
        for notice in register_news.registration_changed(facts.registration(change))
    ),
    *register_news.certificate_issued(facts.certificate()),
    *register_news.certificate_voided(facts.certificate()),
]


@pytest.mark.parametrize("notice", ALL, ids=lambda notice: f"{notice.template}-{notice.recipient.split(':')[0]}")
def test_every_notice_is_said_plainly(notice: Notice):
    words = render(notice)
    said = words.title + words.body + words.sms
    assert words.title
    assert len(words.title) <= 200
    assert not words.title.endswith("。")
    assert not re.search(r"[{}！!]|None|你|驳回|非法|节点|请勿", said), said
    assert not re.search(r"\b[A-Z]{3,}_|_[a-z]", said), "a code stands where a word belongs"
    assert all(line.strip() for line in words.body.splitlines())
    assert bool(words.sms) == (notice.template in BY_SMS)
    assert len(words.sms) <= 140


def test_every_template_of_the_catalogue_is_used_and_rendered_here():
    templates = {notice.template for notice in ALL}
    written = {name.removesuffix(".title") for name in catalogue.sentences() if name.endswith(".title")}
    assert written == templates
    assert templates >= BY_SMS


def test_every_reason_target_and_clock_of_the_workflow_has_its_word():
    missing = [name for name in WORKFLOW["reasons"] if f"reason.{name}" not in catalogue.sentences()]
    missing += [
        target
        for reason in WORKFLOW["reasons"].values()
        for target in reason.get("targets", ())
        if f"target.{target}" not in catalogue.sentences()
    ]
    missing += [clock for clock in WORKFLOW["clocks"] if f"clock.{clock}" not in catalogue.sentences()]
    assert missing == []


def test_every_business_and_every_level_has_its_word():
    assert all(f"type.{kind}" in catalogue.sentences() for kind in BUSINESS_TYPES)
    assert all(catalogue.sentence(f"level.{level.value}") == level.term for level in Level)


def test_a_supplement_lists_everything_at_once_with_the_article():
    """行政许可法 art.32(4): 一次告知申请人需要补正的全部内容."""
    step = facts.advanced("RECEIVED", "SUPPLEMENT", reasons=REASONS, act_until=None)
    body = render(case_news.case_advanced(step)[0]).body
    assert "1. 聘用证明：缺少机构公章（第2页）\n2. 证件照：不符合证件照要求" in body
    assert "第三十二条" in body
    assert "最晚" not in body


def test_acceptance_tells_its_day_and_the_last_day_of_the_decision():
    """行政许可法 art.32: a dated slip; 医师法 art.13: twenty working days."""
    body = render(case_news.case_advanced(facts.advanced("RECEIVED", "ACCEPTED"))[0]).body
    assert "2026年11月20日受理首次注册申请" in body
    assert "最晚2026年12月18日作出决定" in body


def test_a_wrong_authority_names_the_right_one():
    """行政许可法 art.32(2), E31."""
    step = facts.advanced("RECEIVED", "NOT_ACCEPTED", right_authority={"id": AUTHORITY, "name": "测试区卫生健康局"})
    assert "测试区卫生健康局" in render(case_news.case_advanced(step)[0]).body
    nobody = facts.advanced("RECEIVED", "NOT_ACCEPTED")
    assert "请向有权办理的机关" not in render(case_news.case_advanced(nobody)[0]).body


def test_a_refusal_states_reasons_and_remedies():
    """行政许可法 art.38: reasons, and the right to review or suit."""
    body = render(case_news.case_decided(facts.decided("refused"))[0]).body
    assert "第十六条第二项" in body
    assert "60日内依法申请行政复议" in body
    assert "6个月内依法向人民法院提起行政诉讼" in body


def test_an_annulment_states_the_remedies():
    """行政许可法 art.38: review or suit; what becomes of a registration is decided on its own."""
    words = render(qualification_news.qualification_changed("annulled", PERSON, USES, NOW)[0])
    assert "依法申请行政复议" in words.body
    assert "行政诉讼" in words.body
    assert "另行作出决定" in words.body


def test_a_desk_is_told_what_is_concerned_and_no_line_stands_empty():
    told = {
        notice.recipient: render(notice).body
        for notice in qualification_news.qualification_changed("corrected", None, USES, NOW)
    }
    assert "涉及的执业注册：110430000000018。" in told[facts.ORG]
    assert "涉及的申请" not in told[facts.ORG]


def test_a_reminder_says_how_often_it_was_said_and_that_silence_is_no_confirmation():
    """domain.md §9.1."""
    body = render(overdue(a_reminder())[0]).body
    assert "第1次提醒" in body
    assert "不会视为同意" in body


def test_an_officers_words_lose_long_numbers():
    reasons = [{"code": "other", "target": "", "note": "证件43019919900101001X不一致"}]
    step = facts.advanced("RECEIVED", "SUPPLEMENT", reasons=reasons, note="电话13800138000")
    body = render(case_news.case_advanced(step)[0]).body
    assert "430199" not in body
    assert "13800138000" not in body


def test_an_unknown_reason_is_told_as_another_reason_with_its_note():
    reasons = [{"code": "of_a_later_release", "target": "of_a_later_release", "note": "见附件"}]
    body = render(case_news.case_advanced(facts.advanced("RECEIVED", "SUPPLEMENT", reasons=reasons))[0]).body
    assert "1. 其他原因（见附件）" in body


def test_moments_are_told_in_chinese_time():
    assert "2026年11月20日 10:30" in render(account_news.account_opened(PERSON, NOW)[0]).body


def test_a_phone_that_is_not_known_yet_leaves_its_line_out():
    body = render(account_news.phone_bound(PERSON, NOW, "")[0]).body
    assert "绑定的号码" not in body
    assert render(Notice("phone_bound", P, {"at": NOW, "phone": "138****0001"})).body.count("138****0001") == 1


@pytest.mark.parametrize("purpose", ["bind_phone", "login", "reset_password"])
def test_a_code_says_what_it_is_for_and_how_long_it_lasts(purpose):
    text = code_text(purpose, "123456", 10)
    assert "123456" in text
    assert "10分钟" in text
    assert "不要告诉他人" in text


def test_a_published_batch_is_told_in_every_province_served():
    """domain.md §9.1: the province's authorities hear of it; results come for the whole country at once."""
    told = account_news.batch_published(("43", "44"), 2026, 1, 2000)
    assert [notice.recipient for notice in told] == [
        mailboxes.of_group("authority", "43"),
        mailboxes.of_group("authority", "44"),
    ]


def test_an_approval_names_the_practice_place_in_words():
    """ui.md §10: people read names, not codes."""
    told = register_news.registration_changed(facts.registration("opened"))
    assert {notice.facts["practice_place"] for notice in told} == {"湖南省"}

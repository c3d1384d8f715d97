"""The words of each notice: what happened, what to do, by when, where (ui.md §10)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.applications.domain.filing import EndReason
from services.notices import catalogue
from services.notices.domain import account_news, case_news, filing_news, mailboxes, qualification_news, register_news
from services.notices.domain.notice import BY_SMS, Notice
from services.notices.domain.register_news import Known
from services.notices.domain.reminders import overdue
from services.notices.rendering import code_text, render
from services.review.workflow_files import Workflows
from shared.contracts.common import BUSINESS_TYPES
from shared.trade.levels import Level
from tests.unit.notices import facts
from tests.unit.notices.facts import AUTHORITY, INSTITUTION, NOW, PERSON, P
from tests.unit.notices.test_who_is_told import USES, a_reminder
from tests.unit.notices.test_who_is_told_of_a_case import REPORTED

REASONS = [
    {"code": "employment_proof_missing_seal", "target": "employment_proof", "note": "第2页"},
    {"code": "photo_unfit", "target": "photo", "note": ""},
]
WORKFLOWS = [tomllib.loads(Workflows.load().current(name).content) for name in BUSINESS_TYPES]
# What a decision tells of others: who was left, who decided it, what else it opened or ended, and until when.
KNOWN = Known(
    former_institution_id=facts.FORMER,
    decided_by=facts.OTHER_AUTHORITY,
    partners=("110440000000007",),
    lapses_on=date(2028, 12, 1),
)
INFORMS = {"informs_institutions": [facts.FORMER, facts.FURTHER], "informs_authorities": [UUID(int=33)]}
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
    *(
        notice
        for starter in case_news.ON_START
        for notice in case_news.submitted(facts.submission(type="CANCEL", started_by=starter))
    ),
    *case_news.task_opened(facts.task("confirm", "clerk", INSTITUTION)),
    *case_news.task_opened(facts.task("confirm", "clerk", INSTITUTION, type="MULTI_DEL", sub_kind="")),
    *case_news.task_opened(facts.task("release", "clerk", facts.FORMER, type="CHANGE")),
    *case_news.task_opened(facts.task("release", "officer", facts.OTHER_AUTHORITY, type="CHANGE")),
    *case_news.task_opened(facts.task("receive", "window", AUTHORITY)),
    *case_news.task_opened(facts.task("resolve", "officer", AUTHORITY)),
    *(
        notice
        for state in case_news.ON_STATE
        for notice in case_news.case_advanced(facts.advanced("RECEIVED", state, reasons=REASONS))
    ),
    *case_news.case_advanced(facts.advanced("RECEIVED", "ACCEPTED", action="deem_accepted")),
    *case_news.case_advanced(facts.advanced("ORG_REVIEW", "ORG_CONFIRMED")),
    *case_news.case_advanced(facts.advanced("ORG_REVIEW", "ORG_CONFIRMED", acts_next="none")),
    *case_news.case_advanced(facts.advanced("ORG_REVIEW", "ORG_CONFIRMED", action="confirm_by_silence")),
    *case_news.case_advanced(facts.advanced("RELEASE", "ORG_CONFIRMED", action="object_to_release")),
    *case_news.case_advanced(facts.advanced("SUBMITTED", "ORG_CONFIRMED", acts_next="institution", **REPORTED)),
    *case_news.case_advanced(facts.advanced("RECEIVED", "NOT_ACCEPTED", reasons=REASONS, **REPORTED)),
    *case_news.case_decided(facts.decided("refused")),
    *case_news.deadline_near(facts.deadline("officer", AUTHORITY, 5)),
    *case_news.deadline_near(facts.deadline("officer", AUTHORITY, 0)),
    *case_news.deadline_passed(facts.deadline("officer", AUTHORITY, -1)),
    *case_news.deadline_passed(facts.deadline("clerk", INSTITUTION, -1)),
    *case_news.deadline_passed(facts.deadline("clerk", facts.FORMER, -1, clock="release")),
    *overdue(a_reminder()),
    *overdue(replace(a_reminder(), clock="release")),
    *(
        notice
        for reason in qualification_news.ON_REASON
        for notice in qualification_news.qualification_changed(reason, PERSON, USES, NOW)
    ),
    *(
        notice
        for change in register_news.ON_CHANGE
        for notice in register_news.registration_changed(facts.registration(change, **INFORMS), KNOWN)
    ),
    *(
        notice
        for change in filing_news.ON_CHANGE
        for notice in filing_news.filing_changed(facts.filing(change, reason="registration_ended"))
    ),
    *register_news.lapse_near(facts.lapse(30), "110430000000018", 2, 6),
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


def test_every_clock_of_the_workflows_has_its_word():
    clocks = {f"clock.{name}" for workflow in WORKFLOWS for name in workflow["clocks"]}
    assert clocks - set(catalogue.sentences()) == set()
    assert "clock.institution" in clocks


def test_every_business_with_its_refusal_and_every_level_has_its_word():
    assert all({f"type.{kind}", f"refusal.{kind}"} <= set(catalogue.sentences()) for kind in BUSINESS_TYPES)
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


def body_for(recipient: str, notices: list[Notice]) -> str:
    """What one of those who are told reads."""
    return next(render(notice).body for notice in notices if notice.recipient == recipient)


def test_an_institution_and_an_authority_that_were_left_read_where_to():
    """domain.md §9.1: O-Org and O-Auth in words of their own."""
    moved = facts.registration("changed", institution_name="测试市新医院", **INFORMS)
    notices = register_news.registration_changed(moved, KNOWN)
    assert "不再以贵机构为主要执业机构" in body_for(facts.FORMER_ORG, notices)
    for recipient in (facts.FORMER_ORG, facts.FURTHER_ORG, f"desk:{UUID(int=33)}:officer"):
        body = body_for(recipient, notices)
        assert "变更后的主要执业机构：测试市新医院。" in body
        assert "贵机构" in body or "本机关" in body
    assert "贵机构" not in body_for(P, notices)


def test_a_replaced_registration_names_both_codes_as_far_as_they_are_known():
    """domain.md §9.1: assistant registration superseded, both codes."""
    for change, own in (("superseded", "原执业注册110430000000018"), ("opened", "执业证书编码：110430000000018。")):
        both = body_for(P, register_news.registration_changed(facts.registration(change), KNOWN))
        assert own in both
        assert "110440000000007" in both
        one = body_for(P, register_news.registration_changed(facts.registration(change)))
        assert own in one
        assert "：。" not in one
        assert "：，" not in one


def test_a_departure_says_what_it_means_and_names_the_day_after_two_years():
    """domain.md §9.1, 医师执业注册管理办法 art.19."""
    body = body_for(P, register_news.registration_changed(facts.registration("left"), KNOWN))
    for words in ("测试市第一医院报告您已离岗", "自2026年12月1日起", "不得执业", "请在2028年12月1日前", "第十九条"):
        assert words in body


def test_a_suspension_says_until_when_and_the_remedies():
    """行政许可法 art.38; domain.md §3.12, E49: in force again only when an assessment was passed."""
    body = body_for(P, register_news.registration_changed(facts.registration("suspended"), KNOWN))
    for words in ("暂停到2027年5月31日为止", "考核合格后恢复执业", "行政复议", "行政诉讼"):
        assert words in body


@pytest.mark.parametrize("change", ["cancelled", "revoked", "withdrawn"])
def test_the_end_of_a_registration_states_the_remedies(change):
    """domain.md §9.1: cancelled, revoked, withdrawn ★ decision."""
    words = render(register_news.registration_changed(facts.registration(change), KNOWN)[0])
    assert catalogue.sentence(f"change.{change}") in words.title
    assert "行政复议" in words.body
    assert "行政诉讼" in words.body


@pytest.mark.parametrize("change", sorted(register_news.ON_CHANGE))
def test_what_became_of_a_registration_is_told_in_words(change):
    for notice in register_news.registration_changed(facts.registration(change, **INFORMS), KNOWN):
        assert not re.search(r"[a-z]{3,}", render(notice).title + render(notice).body)


@pytest.mark.parametrize(
    ("kind", "sub_kind", "word", "refusal"),
    [
        ("REG", "FIRST", "首次注册申请", "不予注册"),
        ("REG", "ADD_PLACE", "增加注册申请", "不予注册"),
        ("REG", "OF_A_LATER_RELEASE", "执业注册申请", "不予注册"),
        ("CHANGE", "SCOPE", "变更执业范围申请", "不予变更注册"),
        ("CANCEL", "VOLUNTARY", "注销注册申请", "不予注销注册"),
        ("MULTI_ADD", "", "多执业机构备案申请", "不予备案"),
        ("MULTI_DEL", "", "取消多执业机构备案申请", "不予取消备案"),
    ],
)
def test_a_refusal_of_any_kind_is_named_and_keeps_reasons_and_remedies(kind, sub_kind, word, refusal):
    """行政许可法 art.38: whatever was applied for."""
    words = render(case_news.case_decided(facts.decided("refused", type=kind, sub_kind=sub_kind))[0])
    assert words.title == f"{refusal}决定"
    assert f"{word}（办件编号ZC20261120-0318）{refusal}。" in words.body
    assert f"已作出{refusal}决定" in words.sms
    for told in ("第十六条第二项", "行政复议", "行政诉讼"):
        assert told in words.body


@pytest.mark.parametrize("kind", BUSINESS_TYPES)
@pytest.mark.parametrize("action", ["confirm", "confirm_by_silence"])
def test_a_confirmation_without_paper_asks_for_none(kind, action):
    step = facts.advanced("ORG_REVIEW", "ORG_CONFIRMED", action=action, type=kind, sub_kind="")
    without, with_paper = (
        render(case_news.case_advanced(step | {"acts_next": acts_next})[0]) for acts_next in ("none", "applicant")
    )
    assert "纸质材料" not in without.title + without.body + without.sms
    assert "请携带纸质材料" in with_paper.body
    for words in (without, with_paper):
        assert catalogue.sentence(f"type.{kind}") in words.body


@pytest.mark.parametrize("starter", ["institution", "authority", "system"])
def test_whoever_did_not_apply_reads_what_was_started_and_that_they_may_object(starter):
    """domain.md §3.6: the doctor is notified and may object."""
    words = render(case_news.submitted(facts.submission(type="CANCEL", sub_kind="", started_by=starter))[0])
    assert "注销注册" in words.title
    assert "提出异议" in words.body
    assert "异议" in words.sms
    assert "测试市卫生健康委员会" in words.body
    for own in ("您的注销注册申请", "已提交"):
        assert own not in words.title + words.body + words.sms


@pytest.mark.parametrize(("role", "addressed"), [("clerk", "贵机构"), ("officer", "本机关")])
def test_the_other_side_reads_what_is_asked_and_until_when(role, addressed):
    """domain.md §3.5, E47."""
    task = facts.task("release", role, facts.FORMER, type="CHANGE", sub_kind="ORG_IN_PROVINCE")
    body = render(case_news.task_opened(task)[0]).body
    for words in (addressed, "变更主要执业机构", "等待答复到2026年12月4日", "视为没有异议", "测试市第一医院"):
        assert words in body


def test_an_objection_does_not_decide():
    """E47."""
    objected = case_news.case_advanced(facts.advanced("RELEASE", "RELEASE", action="object_to_release", type="CHANGE"))
    body = render(objected[0]).body
    assert "不会单凭异议就不予准予" in body
    assert "不需要您办理" in body


@pytest.mark.parametrize("reason", [reason.value for reason in EndReason])
def test_the_end_of_a_filing_says_why_and_from_which_day(reason):
    body = body_for(P, filing_news.filing_changed(facts.filing("ended", reason=reason)))
    assert "自2027年12月1日起不再有效" in body
    assert f"结束的原因：{catalogue.sentence(f'filing_end.{reason}')}。" in body


def test_a_filing_names_its_last_day():
    """domain.md §3.7: valid from, valid to."""
    assert "2026年12月1日至2027年11月30日" in body_for(P, filing_news.filing_changed(facts.filing("filed")))
    assert "最后一天是2027年11月30日" in body_for(P, filing_news.filing_changed(facts.filing("ends_soon")))


def test_a_lapse_names_the_day_and_the_training_that_a_return_takes():
    """domain.md §9.1: the training path (医师执业注册管理办法 art.12)."""
    for notice in register_news.lapse_near(facts.lapse(90), "110430000000018", 3, 9):
        words = render(notice)
        assert "90天内" in words.title
        assert "2028年12月1日" in words.body
        assert "满3年" in words.body
        assert "不少于9个月" in words.body
        assert "110430000000018" in words.body
    unknown = render(register_news.lapse_near(facts.lapse(90), "", 2, 6)[1]).body
    assert "涉及的执业注册" not in unknown


def test_a_reminder_of_an_answer_asks_for_no_confirmation():
    """ADR 0013: the other side is asked, and confirms nothing."""
    body = render(overdue(replace(a_reminder(), clock="release"))[0]).body
    assert "答复期限" in body
    assert "确认" not in body

"""What is printed on issued documents: words instead of codes, masked numbers, nothing that stands empty."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from services.applications.catalogue import CATALOGUE, sentence_for
from services.applications.domain.application import Reason
from services.applications.domain.business import KINDS
from services.applications.domain.issued import DocumentKind
from services.applications.domain.letters import for_approval, for_refusal
from services.applications.printed import document_texts, own_words, title_of
from services.applications.rendering import TEMPLATES, texts_of
from shared.trade import words
from shared.trade.statuses import ApplicationState as State
from shared.trade.statuses import BusinessType, CancelKind, CancellationGround, ChangeKind, RegistrationKind
from tests.support.letters import DECIDED, a_registration, an_applicants, document_of, examples, step_letter

EXAMPLES = examples()
ID_NUMBER = "430199199708150249"
SUB_KINDS = {
    BusinessType.REG: tuple(RegistrationKind),
    BusinessType.CHANGE: tuple(ChangeKind),
    BusinessType.CANCEL: tuple(CancelKind),
}
ALL_KINDS = [(kind.value, str(sub)) for kind in BusinessType for sub in SUB_KINDS.get(kind, ("",))]


def printed(name: str) -> str:
    """All that stands on an example, in one text."""
    return "\n".join(texts_of(document_texts(EXAMPLES[name])))


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_document_speaks_in_words(name):
    """`ui.md` §10: 您, no codes, no plain number of the person."""
    text = printed(name)
    assert ID_NUMBER not in text
    assert not re.search(r"[{}！!]|None|你|驳回|_[a-z]", text), text
    assert not re.search(r"\b(REG|FIRST|MULTI_ADD|C11|X6)\b", text.replace(EXAMPLES[name].number, "")), text
    texts = document_texts(EXAMPLES[name])
    assert texts["body"], "the sentence that says what it is about"
    assert all(value for _, value in texts["rows"])


def test_every_kind_has_an_example_and_a_template():
    assert {document.kind for document in EXAMPLES.values()} == set(DocumentKind)
    templates = {path.stem for path in TEMPLATES.glob("*.typ")} - {"letter", "practice_certificate"}
    assert templates == {kind.value for kind in DocumentKind}


@pytest.mark.parametrize(("kind", "sub_kind"), ALL_KINDS)
def test_every_business_has_its_words_on_every_decision(kind, sub_kind):
    """准予, 注销, 备案, 不予: worded by type and sub-kind, each with the law that it rests on."""
    application = {"type": kind, "sub_kind": sub_kind, "form": {"report": {"ground": "X6"}}}
    refused = replace(DECIDED, reasons=(Reason("conditions_not_met", "application", "见附件"),))
    letters = [
        *for_approval(an_applicants(**application), DECIDED, a_registration()),
        *for_refusal(an_applicants(**application), refused),
    ]
    for letter in letters:
        texts = document_texts(document_of(letter, **application))
        said = "".join(texts["body"])
        assert texts["title"].endswith(("决定书", "凭证", "回执", "证明"))
        assert said
        assert kind not in said
    assert "《" in "".join(document_texts(document_of(letters[0], **application))["body"]) or kind in (
        "MULTI_DEL",
        "PLACE_DEL",
    )


@pytest.mark.parametrize(
    ("kind", "sub_kind", "words_of_it"),
    [
        ("REG", "FIRST", "首次医师执业注册申请"),
        ("REG", "RE", "准予重新注册"),
        ("REG", "ADD_PLACE", "准予增加注册"),
        ("UPGRADE", "", "执业助理医师注册自2026年12月11日起同时失效"),
        ("MIL_OUT", "", "自2026年12月11日起转出"),
        ("CHANGE", "SCOPE", "变更执业范围申请"),
        ("CHANGE", "ORG_IN_PROVINCE", "变更主要执业机构申请"),
        ("CANCEL", "VOLUNTARY", "本机关决定注销您的以下执业注册"),
        ("CANCEL", "BY_REPORT", "存在应当注销的情形：中止医师执业活动满二年"),
        ("PLACE_DEL", "", "您在其他执业地点的注册不受影响"),
    ],
)
def test_an_approval_says_what_was_approved(kind, sub_kind, words_of_it):
    application = {"type": kind, "sub_kind": sub_kind, "form": {"report": {"ground": "X6"}}}
    letter = for_approval(an_applicants(**application), DECIDED, a_registration())[0]
    assert words_of_it in "".join(document_texts(document_of(letter, **application))["body"])


def test_a_supplement_lists_everything_at_once():
    """行政许可法 art.32(4): 一次告知需要补正的全部内容."""
    texts = document_texts(EXAMPLES["supplement"])
    assert [point["text"] for point in texts["points"]] == [
        "聘用证明：缺少机构公章",
        "证件照：不符合证件照要求",
        "健康体检表：已超过有效期",
    ]
    assert texts["points"][1]["note"] == "背景应为白色"
    assert "第三十二条第一款第四项" in texts["body"][0]
    assert not any("前补正" in line for line in texts["after"]), "no day is named where the case sets none"


def test_a_refusal_states_reasons_article_and_remedies():
    """行政许可法 art.38; 行政复议法 art.20, 行政诉讼法 art.46 °."""
    texts = document_texts(EXAMPLES["refusal"])
    assert texts["points"][0]["article"] == "《中华人民共和国医师法》第十六条第二项"
    assert "六十日" in texts["remedies"][0]
    assert "《中华人民共和国行政复议法》第二十条" in texts["remedies"][0]
    assert "六个月" in texts["remedies"][1]
    assert "《中华人民共和国行政诉讼法》第四十六条" in texts["remedies"][1]
    assert texts["addressee"] == "沈若溪："


def test_the_institutions_copy_names_no_sensitive_reason():
    """医师法 art.16: the institution is told in writing; 个人信息保护法 art.28: not of punishments."""
    text = printed("refusal-for-institution")
    assert text.count("示例区人民医院：") == 1
    assert "具体理由已书面告知申请人" in text
    assert "执业范围：超出机构登记的诊疗科目" in text
    for told_to_the_applicant_alone in ("刑", "第十六条第二项", "2025"):
        assert told_to_the_applicant_alone not in text


def test_silence_is_told_as_acceptance_from_the_day_of_receipt():
    """行政许可法 art.32(4)."""
    body = document_texts(EXAMPLES["acceptance-by-silence"])["body"]
    assert "即2026年11月16日起即为受理" in body[0]
    assert not any("最晚" in line for line in body)


def test_an_acceptance_names_the_last_day_of_the_decision():
    assert "最晚于2026年12月21日作出决定" in document_texts(EXAMPLES["acceptance"])["body"][1]


def test_the_right_authority_is_named_with_its_address():
    """行政许可法 art.32(2)."""
    (after,) = document_texts(EXAMPLES["non-acceptance"])["after"]
    assert "示例市卫生健康委员会，示例大道8号政务服务中心" in after
    alone = step_letter(State.NOT_ACCEPTED, reasons=(Reason("no_licence_needed", "application"),))
    assert document_texts(document_of(alone))["after"] == []


def test_a_cover_sheet_names_each_paper():
    assert document_texts(EXAMPLES["cover-sheet"])["papers"] == [
        "申请表",
        "证件照",
        "聘用证明",
        "身份证件复印件",
        "医师资格证书",
    ]


def test_every_paper_that_may_be_asked_for_has_its_word():
    """A paper without a word would be listed as 其他材料."""
    papers = {item.kind for kind in KINDS.values() for item in kind.materials if item.paper_only or item.paper_original}
    assert [paper for paper in sorted(papers) if not words.target(paper)] == []


def test_every_ground_of_cancellation_has_its_word():
    """`domain.md` §3.13."""
    assert [sentence_for(f"ground.{ground.value}") for ground in CancellationGround]


def test_an_officers_own_words_lose_long_numbers_and_line_breaks():
    assert own_words("见附件\n 电话13800138000\x1c") == "见附件 电话[masked]"


def test_the_file_is_named_by_its_title():
    assert title_of(EXAMPLES["filing-receipt"]) == "医师多执业机构备案凭证"


def test_no_sentence_of_the_catalogue_is_idle_in_form():
    """Braces name known facts only: a wrong name would stop a rendering."""
    known = set(re.findall(r'"(\w+)":', Path("services/applications/printed.py").read_text(encoding="utf-8")))
    for name, text in words.sentences_of(CATALOGUE).items():
        assert set(re.findall(r"{(\w+)}", text)) <= known | {"year", "month", "day", "start", "end", "name"}, name

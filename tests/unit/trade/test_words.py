"""The words that notices and letters share: one for everything that a workflow lets an officer raise."""

from __future__ import annotations

import re
import tomllib

import pytest

from services.review.workflow_files import Workflows
from shared.contracts.common import BUSINESS_TYPES
from shared.trade import words

REASONS = {
    code: reason
    for name in BUSINESS_TYPES
    for code, reason in tomllib.loads(Workflows.load().current(name).content)["reasons"].items()
}
_DIGITS = "零一二三四五六七八九"


def numeral(number: int) -> str:
    """A number below a hundred as laws write it: 16 is 十六."""
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _DIGITS[tens]) + ("十" if tens else "") + (_DIGITS[ones] if ones else "")


def cited(article: str) -> list[str]:
    """The parts of `医师法 art.16(2)` as a citation writes them."""
    law, _, place = article.partition(" art.")
    found = [law]
    for number, item in re.findall(r"(\d+)(?:\((\d+)\))?", place):
        found += [f"第{numeral(int(number))}条"] + ([f"第{numeral(int(item))}项"] if item else [])
    return found


def test_every_reason_and_target_of_every_workflow_has_its_word():
    known = words.sentences_of(words.CATALOGUE)
    targets = {target for reason in REASONS.values() for target in reason.get("targets", ())}
    assert [f"reason.{code}" for code in REASONS if f"reason.{code}" not in known] == []
    assert [f"target.{name}" for name in sorted(targets) if f"target.{name}" not in known] == []


@pytest.mark.parametrize("code", [code for code, reason in REASONS.items() if reason.get("article")])
def test_a_reason_with_a_ground_in_law_cites_the_article_of_its_workflow(code):
    """行政许可法 art.38: a refusal states reasons; the printed article is the one of the table."""
    said = words.article(code)
    assert said.startswith("《")
    for part in cited(REASONS[code]["article"]):
        assert part in said, (part, said)


def test_what_has_no_ground_of_its_own_cites_none():
    assert {code for code in REASONS if words.article(code)} == {
        code for code, reason in REASONS.items() if reason.get("article")
    }


def test_an_unknown_code_is_another_reason_and_an_unknown_target_is_left_out():
    """A later release may raise what this one doesn't know."""
    assert (words.reason("of_a_later_release"), words.target("of_a_later_release")) == ("其他原因", "")

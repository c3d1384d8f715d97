"""What a rule found and what somebody raised, in sentences: outcome, remedy, legal basis, reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .. import catalogue
from ..translations import gettext as _
from .facts import readable
from .words import word, word_or

_ARTICLE = re.compile(r"\s*art\.\s*(?P<articles>\d+(?:,\s*\d+)*)(?:\((?P<paragraph>\d+)\))?")
_POLICY_KEY = re.compile(r"[a-z_]+\.[a-z_.]+")


def outcome(found: Mapping[str, Any]) -> str:
    """What a rule found, in one sentence: `rule.<code>.<result>`, else `rule.<code>`."""
    facts = {**readable(found.get("remedy", {})), **readable(found.get("seen", {}))}
    specific = f"rule.{found['code']}.{found['result']}"
    if catalogue.has(specific):
        return catalogue.sentence(specific, facts)
    return word_or(f"rule.{found['code']}", word(f"rule_result.{found['result']}"), **facts)


def remedy(found: Mapping[str, Any]) -> str:
    """What would change a rule's finding, where that can be said."""
    facts = {**readable(found.get("seen", {})), **readable(found.get("remedy", {}))}
    return word_or(f"remedy.{found['code']}", "", **facts)


def article(text: str) -> str:
    """The legal basis of a rule as a citation, `医师法 art.16(1)` as 医师法第16条第1项; no policy keys."""
    parts = [part.strip() for part in text.split(";")]
    return _("；").join(_citation(part) for part in parts if not _POLICY_KEY.fullmatch(part))


def _citation(text: str) -> str:
    def replaced(found: re.Match[str]) -> str:
        articles = _("、").join(re.findall(r"\d+", found["articles"]))
        paragraph = found["paragraph"]
        whole = _("第%(articles)s条", articles=articles)
        return _("%(whole)s第%(number)s项", whole=whole, number=paragraph) if paragraph else whole

    return _ARTICLE.sub(replaced, text)


def distinct_outcomes(outcomes: Iterable[Mapping[str, Any]]) -> list[str]:
    """The sentences of several findings, each once: many rules wait for the same choice."""
    return list(dict.fromkeys(outcome(found) for found in outcomes))


def needs_eye(found: Mapping[str, Any]) -> bool:
    """Whether an officer has to look: everything but a passed rule."""
    return str(found["result"]) != "passed"


def reason(item: Mapping[str, Any]) -> str:
    """One point that was raised: the document or field, what is wrong with it, and the officer's words."""
    said = word_or(f"reason.{item['code']}", word_or(f"rule.{item['code']}", word("reason.other")))
    about = target(str(item.get("target", "")))
    head = _("%(about)s：%(said)s", about=about, said=said) if about and about not in said else said
    return _("%(head)s（%(note)s）", head=head, note=item["note"]) if item.get("note") else head


def target(name: str) -> str:
    """The document, step or field that a reason speaks of."""
    if not name:
        return ""
    short = name.rsplit(".", 1)[-1].rsplit(":", 1)[-1]
    for prefix in ("material", "step", "label"):
        if catalogue.has(f"{prefix}.{short}"):
            return catalogue.sentence(f"{prefix}.{short}")
    return ""


def concerns(item: Mapping[str, Any], step: Mapping[str, Any]) -> bool:
    """Whether a reason speaks of this step or of one of its fields."""
    named = str(item.get("target", ""))
    return bool(named) and named.split(".")[0] in (step["name"], *(field["name"] for field in step["fields"]))


def step_of(item: Mapping[str, Any], business: Mapping[str, Any]) -> str:
    """The page of the form that a reason is about, "" where it is about none that may be changed after a notice."""
    steps = [step for step in business["steps"] if step["name"] != "institution"]
    return next((str(step["name"]) for step in steps if concerns(item, step)), "")


def material_of(item: Mapping[str, Any], needed: Iterable[Mapping[str, Any]]) -> str:
    """The document to upload that a reason is about, "" where it is about something else."""
    kinds = {found["kind"] for found in needed}
    return str(item["target"]) if item.get("target") in kinds else ""

"""The texts of an issued document as they are printed: words instead of codes, numbers of the person masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from shared.platform.masked_text import masked_text
from shared.trade import words
from shared.trade.categories import Category
from shared.trade.divisions import full_name
from shared.trade.levels import Level
from shared.trade.masking import mask_id
from shared.trade.scopes import SCOPES

from .catalogue import filled, has, lines, sentence, sentence_for
from .domain.application import Reason
from .domain.documents import grouped_code
from .domain.issued import Audience, DocumentKind, IssuedDocument, LetterFacts, Stated

Rows = list[tuple[str, str]]


def document_texts(document: IssuedDocument) -> dict[str, Any]:
    """What stands on a document, in the form that its template `documents/<kind>.typ` reads."""
    facts, kind = document.facts, document.kind
    business = (facts.type, facts.sub_kind)
    variant = _variant(document)
    said = _said(facts)
    body = sentence_for(f"body.{kind}", *([variant] if variant else business))
    after = f"after.{kind}"
    return {
        "title": sentence_for(f"title.{kind}", *business),
        "number": document.number,
        "application_number": facts.application_number,
        "authority": facts.authority_name,
        "issued": _dated(document.issued_on),
        "addressee": _addressee(document),
        "body": lines(body, said),
        "rows": [[sentence(f"label.{label}"), value] for label, value in _ROWS.get(kind, _no_rows)(facts) if value],
        "points": [_point(reason) for reason in facts.reasons],
        "after": lines(sentence_for(after, *business), said) if has(after) else [],
        "remedies": [sentence(f"remedy.{remedy}") for remedy in facts.remedies],
        "papers": [words.target(paper) or sentence("paper.unknown") for paper in facts.papers],
        "check": {"code": facts.check_code, "text": sentence("check.approval")} if facts.check_code else None,
    }


def title_of(document: IssuedDocument) -> str:
    """The title that it bears, for the name of its file."""
    return sentence_for(f"title.{document.kind}", document.facts.type, document.facts.sub_kind)


def _variant(document: IssuedDocument) -> str:
    if document.kind is DocumentKind.ACCEPTANCE and document.facts.by_silence:
        return "by_silence"
    if document.kind is DocumentKind.REFUSAL and document.audience is Audience.INSTITUTION:
        return "for_institution"
    return ""


def _addressee(document: IssuedDocument) -> str:
    """Whom a letter speaks to: a certificate and a cover sheet speak to nobody."""
    if document.kind in (DocumentKind.CHANGE_OUT_CERTIFICATE, DocumentKind.COVER_SHEET):
        return ""
    to_institution = document.kind is DocumentKind.REFUSAL and document.audience is Audience.INSTITUTION
    return filled(sentence("to"), {"name": document.facts.institution_name if to_institution else document.facts.name})


def _said(facts: LetterFacts) -> Mapping[str, str]:
    """The facts that sentences may name; an empty one leaves its sentence out."""
    business = (facts.type, facts.sub_kind)
    return {
        "application_number": facts.application_number,
        "business": sentence_for("business", *business),
        "refused": sentence_for("refused", *business),
        "name": facts.name,
        "submitted_on": _day(facts.submitted_on),
        "effective_on": _day(facts.effective_on),
        "act_until": _day(facts.act_until),
        "note": own_words(facts.note),
        "window": _joined(facts.authority_name, facts.window_address, facts.window_phone),
        "right": _joined(facts.right_authority, facts.right_address),
        "ground": sentence(f"ground.{facts.ground}") if facts.ground else "",
    }


def own_words(text: str) -> str:
    """An officer's own words on one line, without long numbers: they may name anybody and anything."""
    return masked_text(" ".join(text.split()))


def _point(reason: Reason) -> dict[str, str]:
    """One point: the document or field, what is wrong with it, on which ground, and the officer's words."""
    withheld = has(f"reason.{reason.code}")
    wrong = sentence(f"reason.{reason.code}") if withheld else words.reason(reason.code)
    target = words.target(reason.target)
    return {
        "text": f"{target}：{wrong}" if target else wrong,
        "article": words.article(reason.code),
        "note": own_words(reason.note),
    }


def _no_rows(facts: LetterFacts) -> Rows:
    return []


def _person(facts: LetterFacts) -> Rows:
    return [("name", facts.name), ("masked_id", mask_id(facts.id_number))]


def _stated(facts: LetterFacts) -> Rows:
    """The registration as the decision states it."""
    stated = facts.stated
    return _person(facts) + ([] if stated is None else _registration(stated))


def _registration(stated: Stated) -> Rows:
    return [
        ("practice_code", grouped_code(stated.practice_code)),
        ("level", Level(stated.level).term),
        ("category", Category(stated.category).term),
        ("scopes", _scopes(stated.scopes)),
        ("practice_place", full_name(stated.practice_place) or stated.practice_place),
        ("institution", stated.institution_name),
    ]


def _filing(facts: LetterFacts) -> Rows:
    """The filing with its days; the registration that it rests on is named by its code where that is known."""
    end = _day(facts.valid_to)
    days = {"start": _day(facts.valid_from), "end": end}
    return [
        *_person(facts),
        ("practice_code", grouped_code(facts.stated.practice_code) if facts.stated else ""),
        ("filed_institution", facts.institution_name),
        ("filed_scopes", _scopes(facts.filed_scopes)),
        ("valid", filled(sentence("from_to" if end else "from"), days) if facts.valid_from else ""),
        ("ends_on", _day(facts.ends_on)),
    ]


def _cover(facts: LetterFacts) -> Rows:
    return [
        ("business", sentence_for("business", facts.type, facts.sub_kind)),
        *_person(facts),
        ("applied_institution", facts.institution_name),
        ("submitted_on", _day(facts.submitted_on)),
        ("window", _joined(facts.authority_name, facts.window_address)),
        ("phone", facts.window_phone),
    ]


_ROWS: Mapping[DocumentKind, Callable[[LetterFacts], Rows]] = {
    DocumentKind.COVER_SHEET: _cover,
    DocumentKind.APPROVAL: _stated,
    DocumentKind.CANCELLATION: _stated,
    DocumentKind.FILING_RECEIPT: _filing,
    DocumentKind.FILING_END_RECEIPT: _filing,
    DocumentKind.CHANGE_OUT_CERTIFICATE: _stated,
}


def _scopes(codes: tuple[str, ...]) -> str:
    return "、".join(SCOPES[code].term if code in SCOPES else code for code in codes)


def _joined(*texts: str) -> str:
    return "，".join(text for text in texts if text)


def _day(day: date | None) -> str:
    if day is None:
        return ""
    return filled(sentence("day"), {"year": str(day.year), "month": str(day.month), "day": str(day.day)})


def _dated(day: date) -> dict[str, Any]:
    return {"year": day.year, "month": day.month, "day": day.day, "text": _day(day)}

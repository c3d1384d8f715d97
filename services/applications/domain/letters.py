"""Which event of an application yields which document, made of which facts (`domain.md` §3.0–3.9, §9.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from shared.trade.statuses import ApplicationState as State
from shared.trade.statuses import BusinessType, CancelKind

from .application import Application, Reason
from .issued import Audience, DocumentKind, Letter, LetterFacts, Stated, is_sensitive, withheld
from .register import Registration

REMEDIES = ("administrative_review", "administrative_suit")
"""行政复议 and 行政诉讼, for whoever is refused or loses what they had (行政许可法 art.38)."""


@dataclass(frozen=True)
class Step:
    """A step of the case as a slip tells it: `told_on` is the day it happened on, `effective_on` the legal day."""

    told_on: date
    effective_on: date
    authority_name: str
    window_address: str
    reasons: tuple[Reason, ...]
    note: str
    notice: int = 0
    by_silence: bool = False
    act_until: date | None = None
    right_authority: str = ""
    right_address: str = ""


@dataclass(frozen=True)
class Decided:
    """A decision of the authority as its letter tells it."""

    number: str
    decided_on: date
    authority_name: str
    reasons: tuple[Reason, ...] = ()
    note: str = ""
    remedies: tuple[str, ...] = ()


def for_submission(application: Application, papers: Iterable[str], *, on: date) -> list[Letter]:
    """The cover sheet of the papers to bring, where any are awaited; a submission after a return has its own."""
    listed = tuple(papers)
    if not listed:
        return []
    institution = application.institution
    facts = _facts(application, institution.authority.name if institution else "", effective_on=on, papers=listed)
    return [Letter(DocumentKind.COVER_SHEET, on, facts, serial=application.submission)]


def for_step(before: Application, application: Application, step: Step) -> list[Letter]:
    """The slip of a step, for an application that has followed it; most steps have none.

    What stays where it is without a new notice, or comes back from a tier that looked first, has its slip already.
    """
    stays = application.state is before.state and application.notice == before.notice
    made = _ON_STATE.get(application.state)
    return [] if made is None or stays or before.state is State.PRE_REVIEW else [made(application, step)]


def for_refusal(application: Application, decided: Decided) -> list[Letter]:
    """A refusal, written to the applicant and to the institution (医师法 art.16); each is told what is theirs."""
    facts = replace(
        _decision_facts(application, decided), reasons=decided.reasons, note=decided.note, remedies=decided.remedies
    )
    return _for_each_side(DocumentKind.REFUSAL, facts, decided)


def for_approval(
    application: Application, decided: Decided, registration: Registration | None = None, *, check_code: str = ""
) -> list[Letter]:
    """What an approval hands out once the register has it; `registration` as it stands after the decision.

    A filing is no permission, it gets a receipt (医师执业注册管理办法 art.10); who goes to the military also gets the
    certificate that they show there (`domain.md` §3.4).
    """
    kind = BusinessType(application.type)
    facts = replace(_decision_facts(application, decided), stated=_stated(registration), check_code=check_code)
    if kind.is_filing:
        return [_receipt(kind, application, facts, decided)]
    if kind in (BusinessType.CANCEL, BusinessType.PLACE_DEL):
        return _cancellation(application, facts, decided)
    letters = [_letter(DocumentKind.APPROVAL, facts, decided)]
    if kind is BusinessType.MIL_OUT:
        letters.append(_letter(DocumentKind.CHANGE_OUT_CERTIFICATE, facts, decided))
    return letters


def _acceptance(application: Application, step: Step) -> Letter:
    facts = replace(_step_facts(application, step), by_silence=step.by_silence, act_until=step.act_until)
    return Letter(DocumentKind.ACCEPTANCE, step.told_on, facts)


def _supplement(application: Application, step: Step) -> Letter:
    facts = replace(_step_facts(application, step), reasons=step.reasons, note=step.note, act_until=step.act_until)
    return Letter(DocumentKind.SUPPLEMENT, step.told_on, facts, serial=max(step.notice, 1))


def _non_acceptance(application: Application, step: Step) -> Letter:
    facts = replace(
        _step_facts(application, step),
        reasons=step.reasons,
        note=step.note,
        right_authority=step.right_authority,
        right_address=step.right_address,
        remedies=REMEDIES,
    )
    return Letter(DocumentKind.NON_ACCEPTANCE, step.told_on, facts)


_ON_STATE: Mapping[State, Callable[[Application, Step], Letter]] = {
    State.ACCEPTED: _acceptance,
    State.SUPPLEMENT: _supplement,
    State.NOT_ACCEPTED: _non_acceptance,
}


def _receipt(kind: BusinessType, application: Application, facts: LetterFacts, decided: Decided) -> Letter:
    answers = _answers(application)
    if kind is BusinessType.MULTI_DEL:
        ended = replace(facts, ends_on=_day(answers.get("ends_on")) or decided.decided_on)
        return _letter(DocumentKind.FILING_END_RECEIPT, ended, decided)
    filed = replace(
        facts,
        filed_scopes=tuple(answers.get("scopes", ())),
        valid_from=_day(answers.get("valid_from")) or decided.decided_on,
        valid_to=_day(answers.get("valid_to")),
    )
    return _letter(DocumentKind.FILING_RECEIPT, filed, decided)


def _cancellation(application: Application, facts: LetterFacts, decided: Decided) -> list[Letter]:
    """Whoever didn't ask for it is told the ground and the remedies (行政许可法 art.38 by analogy)."""
    asked = application.type == BusinessType.PLACE_DEL or application.sub_kind in ("", CancelKind.VOLUNTARY)
    if not asked:
        facts = replace(facts, ground=str(_answers(application).get("ground", "")), remedies=REMEDIES)
    return _for_each_side(DocumentKind.CANCELLATION, facts, decided)


def _for_each_side(kind: DocumentKind, facts: LetterFacts, decided: Decided) -> list[Letter]:
    letter = _letter(kind, facts, decided)
    if not is_sensitive(facts):
        return [letter]
    return [
        replace(letter, audience=Audience.APPLICANT),
        replace(letter, audience=Audience.INSTITUTION, facts=withheld(facts)),
    ]


def _letter(kind: DocumentKind, facts: LetterFacts, decided: Decided) -> Letter:
    return Letter(kind, decided.decided_on, facts, decision_number=decided.number)


def _step_facts(application: Application, step: Step) -> LetterFacts:
    return _facts(application, step.authority_name, effective_on=step.effective_on, window_address=step.window_address)


def _decision_facts(application: Application, decided: Decided) -> LetterFacts:
    return _facts(application, decided.authority_name, effective_on=decided.decided_on)


def _facts(application: Application, authority_name: str, *, window_address: str = "", **more: Any) -> LetterFacts:
    institution = application.institution
    own = institution.authority if institution else None
    return LetterFacts(
        application_number=application.number,
        type=application.type,
        sub_kind=application.sub_kind,
        name=application.identity.name,
        id_number=application.identity.id_number,
        institution_name=institution.name if institution else "",
        authority_name=authority_name,
        window_address=window_address or (own.window_address if own else ""),
        window_phone=own.phone if own else "",
        **more,
    )


def _stated(registration: Registration | None) -> Stated | None:
    if registration is None:
        return None
    standing = registration.standing
    return Stated(
        practice_code=registration.practice_code,
        level=registration.level,
        category=standing.category,
        scopes=standing.scopes,
        practice_place=standing.practice_place,
        institution_name=standing.institution_name,
    )


def _answers(application: Application) -> dict[str, Any]:
    return {name: value for page in application.form.values() for name, value in page.items()}


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)

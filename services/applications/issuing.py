"""Issues the documents of an event, in the transaction that writes what the event changes (design D15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from shared.platform.events import Event
from shared.platform.working_days import local_date

from .domain.application import Application, Reason
from .domain.issued import Letter
from .domain.letters import Decided, Step, for_approval, for_refusal, for_step, for_submission
from .domain.register import Registration
from .unit_of_work import ApplicationsUnitOfWork

DEEM_ACCEPTED = "deem_accepted"
"""The action of the case by which silence counts as acceptance (行政许可法 art.32(4))."""


def issue_cover_sheet(uow: ApplicationsUnitOfWork, application: Application, papers: Iterable[str], on: date) -> None:
    """申请材料封面 of an application that was just submitted, with the papers that the window will ask for."""
    _issue(uow, application, for_submission(application, papers, on=on))


def issue_slips(uow: ApplicationsUnitOfWork, before: Application, application: Application, event: Event) -> None:
    """The slip of a step of the case, if it has one: accepted, not accepted, supplement."""
    news = event.data
    right = news["right_authority"] or {}
    step = Step(
        told_on=local_date(event.occurred_at),
        effective_on=news["effective_on"],
        authority_name=news["authority_name"],
        window_address=news["window_address"],
        reasons=_reasons(news),
        note=news["note"],
        notice=news["notice"],
        by_silence=news["action"] == DEEM_ACCEPTED,
        act_until=news["act_until"],
        right_authority=right.get("name", ""),
        right_address=right.get("window_address", ""),
    )
    _issue(uow, application, for_step(before, application, step))


def issue_refusal(uow: ApplicationsUnitOfWork, application: Application, news: Mapping[str, Any]) -> None:
    """不予决定书."""
    _issue(uow, application, for_refusal(application, _decided(news)))


def issue_approval(
    uow: ApplicationsUnitOfWork,
    application: Application,
    news: Mapping[str, Any],
    registration: Registration | None,
    *,
    check_code: str = "",
) -> None:
    """What an approval hands out, once it has taken effect: `registration` as it stands by now, if there is one.

    `check_code` is that of the certificate that it got with the approval.
    """
    _issue(uow, application, for_approval(application, _decided(news), registration, check_code=check_code))


def _issue(uow: ApplicationsUnitOfWork, application: Application, letters: Iterable[Letter]) -> None:
    submitted_on = None if application.submitted_at is None else local_date(application.submitted_at)
    for letter in letters:
        dated = replace(letter, facts=replace(letter.facts, submitted_on=submitted_on))
        uow.issued.issue(dated, application)


def _decided(news: Mapping[str, Any]) -> Decided:
    return Decided(
        number=news["decision_number"],
        decided_on=news["decided_on"],
        authority_name=news["deciding_authority"]["name"],
        reasons=_reasons(news),
        note=news["note"],
        remedies=tuple(news["remedies"]),
    )


def _reasons(news: Mapping[str, Any]) -> tuple[Reason, ...]:
    return tuple(Reason(item["code"], item["target"], item["note"]) for item in news["reasons"])

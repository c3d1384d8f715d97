"""业务选择 and 办理条件自查: which of the nine, which kind, on which registration, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from shared.contracts import applications
from shared.platform.errors import InvalidInput
from shared.trade.levels import Level
from shared.trade.statuses import RegistrationStatus

from .. import view_models as words
from ..authentication import needs_person
from ..calls import call
from ..csrf import submitted_key
from ..forms import Form
from ..http_errors import field_sentence
from ..translations import gettext as _
from .account import me
from .blueprint import pages
from .consequences import consequence_of
from .kinds import business_type, business_types, chosen_by_person, only_on_paper
from .rendering import form_page, page, see_other

#: What was left or moved out can still be changed to another institution, or cancelled (domain §3.5, §3.6).
_LEFT = (RegistrationStatus.LEFT_FILED, RegistrationStatus.MOVED_OUT)


@dataclass(frozen=True)
class Subject:
    """A registration or a filing that a kind may be about, as one choice of a list."""

    value: str
    title: str
    hint: str
    registration: dict[str, Any]
    filing: dict[str, Any] | None = None


@pages.get("/me/business")
@needs_person
def choose_business() -> Response:
    """业务选择: the nine types of business under their official titles."""
    return page("application/business.html", items=business_types())


@pages.get("/me/business/<kind>")
@needs_person
def readiness(kind: str) -> Response:
    """办理条件自查; before it, where there is a choice, which sub-kind and which registration or filing."""
    business = business_type(kind)
    offered = chosen_by_person(business)
    named = request.args.get("sub", "")
    chosen = next((found for found in offered if found["sub_kind"] == named), offered[0] if len(offered) == 1 else None)
    if chosen is None:
        return page("application/sub_kinds.html", business=business, offered=offered)
    account = me()
    if chosen["about"] == "qualification":
        return _card_page(chosen, account, None)
    subjects = subjects_of(chosen, call(applications.REGISTRATIONS, id=account["person_id"])["items"])
    if not subjects:
        return page("application/no_subject.html", kind=chosen)
    subject = next((found for found in subjects if found.value == request.args.get("subject")), None)
    if subject is None:
        return _subject_page(chosen, subjects)
    return _card_page(chosen, account, subject)


@pages.post("/me/business/<kind>")
@needs_person
def start(kind: str) -> Response:
    """开始办理: a draft."""
    view = call(
        applications.START,
        type=kind,
        sub_kind=request.form.get("sub", ""),
        qualification_id=_identifier("qualification"),
        registration_id=_identifier("registration"),
        filing_id=_identifier("filing"),
        key=submitted_key(),
    )
    return see_other(url_for("pages.task_list", application_id=view["id"]))


def subjects_of(kind: Mapping[str, Any], registrations: list[dict[str, Any]]) -> list[Subject]:
    """What the person has that the kind may be about; whether it will do, the rules say on the card."""
    if kind["about"] == "filing":
        return [
            _filing(filing, registration)
            for registration in registrations
            for filing in registration["filings"]
            if filing["status"] != "ended"
        ]
    return [_registration(found) for found in registrations if _admits(kind, found)]


def _admits(kind: Mapping[str, Any], registration: Mapping[str, Any]) -> bool:
    status, level = RegistrationStatus(registration["status"]), Level(registration["level"])
    if kind["type"] == "UPGRADE" and not level.is_assistant:
        return False
    if kind["sub_kind"] == "ADD_PLACE" and level.is_assistant:
        return False
    return status.is_registered or (status in _LEFT and kind["sub_kind"] in ("ORG_SAME_AUTH", "VOLUNTARY"))


def _registration(found: dict[str, Any]) -> Subject:
    hint = _(
        "%(level)s，%(category)s，%(place)s，证书编码 %(code)s，%(status)s",
        level=words.level(found["level"]),
        category=words.category(found["category"]),
        place=words.place(found["practice_place"]),
        code=words.practice_code(found["practice_code"]),
        status=words.registration_status(found["status"]),
    )
    return Subject(str(found["id"]), str(found["institution_name"]), hint, found)


def _filing(filing: dict[str, Any], registration: dict[str, Any]) -> Subject:
    hint = _(
        "%(first)s至%(last)s，主要执业机构：%(main)s",
        first=words.day(filing["valid_from"]),
        last=words.day(filing["valid_to"]),
        main=registration["institution_name"],
    )
    return Subject(str(filing["id"]), str(filing["institution_name"]), hint, registration, filing)


def _subject_page(kind: dict[str, Any], subjects: list[Subject]) -> Response:
    """Which one: a list of radios; where only one fits it is chosen already."""
    form = Form({"subject": subjects[0].value} if len(subjects) == 1 else None)
    if "asked" in request.args:
        name = "filing_id" if kind["about"] == "filing" else "registration_id"
        form.refuse("subject", field_sentence("required", name))
    return form_page("application/subject.html", form, kind=kind, subjects=subjects)


def _card_page(kind: dict[str, Any], account: dict[str, Any], subject: Subject | None) -> Response:
    own = [found for found in account["qualifications"] if found["status"] == "published"]
    qualification = _qualification(own, needed=subject is None)
    card = None
    if own:
        card = call(
            applications.READINESS,
            type=kind["type"],
            sub_kind=kind["sub_kind"],
            qualification_id=qualification["id"] if qualification else None,
            registration_id=subject.registration["id"] if subject else None,
            filing_id=subject.filing["id"] if subject and subject.filing else None,
        )
    return page(
        "application/readiness.html",
        account=account,
        kind=kind,
        card=card,
        subject=subject,
        qualifications=own if subject is None or _takes_another(kind) else [],
        qualification=qualification,
        on_paper=only_on_paper(kind),
        consequence=consequence_of(
            kind, subject.registration if subject else None, subject.filing if subject else None
        ),
    )


def _takes_another(kind: Mapping[str, Any]) -> bool:
    """Whether a kind about a registration asks for a qualification besides."""
    return any(step["name"] == "qualification" for step in kind["steps"])


def _qualification(own: list[dict[str, Any]], *, needed: bool) -> dict[str, Any] | None:
    """The one that was chosen; without a choice the newest, or the service's own pick where it isn't `needed`."""
    chosen = request.args.get("qualification", "")
    return next((found for found in own if str(found["id"]) == chosen), own[0] if own and needed else None)


def _identifier(field: str) -> UUID | None:
    given = request.form.get(field, "")
    try:
        return UUID(given) if given else None
    except ValueError:
        raise InvalidInput("body_unreadable") from None

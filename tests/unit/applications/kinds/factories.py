"""Builders for the nine kinds: facts on which nothing fails, registrations with filings, approvals and what they do.

The places: a district hospital (`factories.an_institution`), another hospital of the same authority, one of the city,
one of another county, a village room, a township centre, and a hospital of the neighbouring province.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from services.applications.domain.application import QualificationSnapshot
from services.applications.domain.business import kind_of
from services.applications.domain.effect import Approval, Changes
from services.applications.domain.facts import Applicant, Facts, Filed, Held, Qualification
from services.applications.domain.filing import Filing
from services.applications.domain.institution import Authority, Institution
from services.applications.domain.register import Registration
from services.applications.domain.rules import Result, run
from shared.trade.categories import Category
from shared.trade.levels import Level
from shared.trade.statuses import CancellationGround, RegistrationStatus
from tests.unit.applications.factories import (
    INSTITUTION,
    PERSON,
    QUALIFICATION,
    a_decision,
    a_qualification,
    a_standing,
    an_application,
    an_institution,
    fine_answers,
    numbered,
    policy,
)
from tests.unit.applications.factories import facts as first_facts

PASSED, FAILED, PROOF, HUMAN = Result.PASSED, Result.FAILED, Result.NEEDS_PROOF, Result.HUMAN_DECISION
Spoken = dict[str, tuple[Result, str]]

DECIDED = date(2026, 12, 5)
ASSISTANTS = numbered(0xB2)
"""A qualification as an assistant, gained before."""
SECOND = numbered(0xB3)
"""A qualification of another category."""
OWN, OTHER = numbered(0x51), numbered(0x52)
"""The registration that is spoken of, and another one of the same person."""


# --- institutions ----------------------------------------------------------------------------------------------------


def _authority(last: int, tier: str, division: str) -> Authority:
    return Authority(numbered(last), f"示例主管部门{division}", tier, division)


def neighbour(**changed: Any) -> Institution:
    """Another hospital of the same county and authority."""
    return an_institution(**{"id": numbered(0xC2), "name": "示例区第二医院"} | changed)


def of_the_city(**changed: Any) -> Institution:
    """A hospital in the same county that the city approved."""
    authority = _authority(0xE2, "city", "430100")
    return an_institution(**{"id": numbered(0xC3), "name": "示例市中心医院", "authority": authority} | changed)


def of_another_county(**changed: Any) -> Institution:
    """A hospital in another county of the same province."""
    authority = _authority(0xE3, "county", "430224")
    values = {"id": numbered(0xC4), "name": "示例县人民医院", "division": "430224", "authority": authority}
    return an_institution(**values | changed)


def of_the_province(**changed: Any) -> Institution:
    """A hospital that stands in no county: the province's own."""
    authority = _authority(0xE5, "province", "430000")
    values = {"id": numbered(0xC6), "name": "示例省人民医院", "division": "430000", "authority": authority}
    return an_institution(**values | changed)


def across(**changed: Any) -> Institution:
    """A hospital of the neighbouring province."""
    authority = _authority(0xE4, "county", "440106")
    values = {"id": numbered(0xC5), "name": "示例省外医院", "division": "440106", "authority": authority}
    return an_institution(**values | changed)


def village_room(**changed: Any) -> Institution:
    """A village room of the county (group 8 of §5.5)."""
    values = {"id": numbered(0xC7), "name": "示例村卫生室", "category": "08"}
    flags = {"is_township_or_village": True, "is_county_or_below": True}
    return an_institution(**values | flags | changed)


# --- what the register has -------------------------------------------------------------------------------------------


def a_held(**changed: Any) -> Held:
    """The licensed registration at the district hospital, in force since the beginning of 2024."""
    return replace(
        Held(
            registration_id=OWN,
            qualification_id=QUALIFICATION,
            level=Level.LICENSED,
            category=Category.CLINICAL,
            practice_place="43",
            status=RegistrationStatus.ACTIVE,
            since=date(2024, 1, 10),
            scopes=("C01",),
            institution_id=INSTITUTION,
            institution_name="示例区人民医院",
            authority_id=numbered(0xE1),
            province="43",
            practice_code="110430102000001",
            started_on=date(2024, 1, 10),
        ),
        **changed,
    )


def an_assistants(**changed: Any) -> Held:
    """An assistant's registration there: its place is the county."""
    values = {"qualification_id": ASSISTANTS, "level": Level.ASSISTANT, "practice_place": "430102"}
    return a_held(**values | changed)


def elsewhere(**changed: Any) -> Held:
    """Another registration of the same person, with another qualification."""
    return a_held(**{"registration_id": OTHER, "qualification_id": numbered(0xBA)} | changed)


def over(status: RegistrationStatus, since: date, ground: CancellationGround | None = None, **changed: Any) -> Held:
    """The registration as it stands since it came to stand so."""
    return a_held(status=status, since=since, ground=ground, **changed)


def filed(**changed: Any) -> Filed:
    """The neighbour, filed on the registration for a year around today."""
    values = Filed(
        filing_id=numbered(0x61),
        registration_id=OWN,
        institution_id=numbered(0xC2),
        institution_name="示例区第二医院",
        scopes=("C01",),
        valid_from=date(2026, 6, 1),
        valid_to=date(2027, 5, 31),
    )
    return replace(values, **changed)


def a_registration(**changed: Any) -> Registration:
    """The same registration as `a_held`, as an effect sees it; `standing` fields may be given by name."""
    names = set(a_standing().__dataclass_fields__)
    standing = a_standing(**{name: changed.pop(name) for name in list(changed) if name in names})
    return replace(
        Registration(
            id=OWN,
            version=1,
            person_id=PERSON,
            qualification_id=QUALIFICATION,
            practice_code="110430102000001",
            level="1",
            province="43",
            started_on=date(2024, 1, 10),
            standing=standing,
            standing_since=date(2024, 1, 10),
        ),
        **changed,
    )


def a_filing(**changed: Any) -> Filing:
    """The same filing as `filed`, as an effect sees it."""
    return replace(
        Filing(
            id=numbered(0x61),
            version=1,
            registration_id=OWN,
            person_id=PERSON,
            province="43",
            institution_id=numbered(0xC2),
            institution_name="示例区第二医院",
            authority_id=numbered(0xE1),
            authority_name="示例区卫生健康局",
            authority_path="43/4301/430102",
            scopes=("C01",),
            valid_from=date(2026, 6, 1),
            valid_to=date(2027, 5, 31),
            decision_number="示卫医备〔2026〕1号",
            application_id=numbered(0xD9),
        ),
        **changed,
    )


# --- facts on which nothing fails ------------------------------------------------------------------------------------


def applicant(**changed: Any) -> Applicant:
    """The applicant, with all the qualifications of these tests and no paper certificate."""
    return replace(Applicant(PERSON, True, frozenset({QUALIFICATION, ASSISTANTS, SECOND}), frozenset()), **changed)


def assistants_qualification(**changed: Any) -> Qualification:
    """A qualification as an assistant of the same category."""
    return a_qualification(**{"id": ASSISTANTS, "level": Level.ASSISTANT} | changed)


_HERE = {"subject": a_held(), "held": (a_held(),)}
_GROUND = fine_answers(
    ground=CancellationGround.HEALTH, happened_on=date(2026, 11, 1), known_on=date(2026, 11, 10), scopes=()
)
_TRAINEE = a_held(scopes=("C01", "C02"))

_FINE: dict[tuple[str, str], dict[str, Any]] = {
    ("REG", "FIRST"): {},
    ("REG", "RE"): {"held": (over(RegistrationStatus.CANCELLED, date(2026, 3, 2), CancellationGround.OWN_WISH),)},
    ("REG", "ADD_PLACE"): {
        **_HERE,
        "institution": across(),
        "applicant": applicant(paper_certificates=frozenset({QUALIFICATION})),
    },
    ("REG", "LICENSED"): {
        "held": (an_assistants(institution_id=numbered(0xC2)),),
        "answers": fine_answers(old_ends=True),
    },
    ("UPGRADE", ""): {"subject": an_assistants(), "held": (an_assistants(),)},
    ("MIL_IN", ""): {"answers": fine_answers(left_service_on=date(2026, 9, 1))},
    ("MIL_OUT", ""): {**_HERE, "answers": fine_answers(ends_on=date(2026, 12, 31))},
    ("CHANGE", "ORG_SAME_AUTH"): {**_HERE, "institution": neighbour()},
    ("CHANGE", "ORG_IN_PROVINCE"): {**_HERE, "institution": of_another_county()},
    ("CHANGE", "ORG_CROSS_PROVINCE"): {**_HERE, "institution": across()},
    ("CHANGE", "SCOPE"): {"subject": _TRAINEE, "held": (_TRAINEE,)},
    ("CHANGE", "CATEGORY"): {
        "subject": a_held(qualification_id=SECOND, category=Category.TCM, scopes=("T01",)),
        "held": (a_held(qualification_id=SECOND, category=Category.TCM, scopes=("T01",)),),
    },
    ("CHANGE", "PERSON"): {**_HERE, "person_changes": ("name",)},
    ("CANCEL", "VOLUNTARY"): _HERE,
    ("CANCEL", "BY_REPORT"): {**_HERE, "answers": _GROUND, "started_by": "institution"},
    ("CANCEL", "EX_OFFICIO"): {**_HERE, "answers": _GROUND, "started_by": "authority"},
    ("CANCEL", "PROPOSED"): {
        "subject": over(RegistrationStatus.LEFT_FILED, date(2024, 11, 23)),
        "held": (over(RegistrationStatus.LEFT_FILED, date(2024, 11, 23)),),
        "answers": replace(_GROUND, ground=CancellationGround.LEFT_TWO_YEARS),
        "started_by": "system",
    },
    ("MULTI_ADD", ""): {
        **_HERE,
        "institution": neighbour(),
        "releasing": an_institution(),
        "answers": fine_answers(valid_from=date(2026, 12, 1), valid_to=date(2027, 11, 30)),
    },
    ("MULTI_DEL", ""): {
        **_HERE,
        "institution": neighbour(),
        "filing": filed(),
        "filings": (filed(),),
        "answers": fine_answers(ends_on=date(2026, 12, 31)),
    },
    ("PLACE_DEL", ""): {
        "subject": a_held(),
        "held": (a_held(), a_held(registration_id=OTHER, practice_place="44", province="44")),
    },
}

FINE_KINDS = tuple(_FINE)


def fine(name: str, sub_kind: str = "", **changed: Any) -> Facts:
    """Facts on which nothing of a kind fails; any of them changed, knobs of the policy as `policy__…`."""
    kind = kind_of(name, sub_kind)
    knobs = {key.removeprefix("policy__"): changed.pop(key) for key in list(changed) if key.startswith("policy__")}
    values = {"applicant": applicant(), **_FINE[name, sub_kind], **changed}
    institution = values.get("institution", an_institution())
    division = institution.division if institution else "43"
    values.setdefault("policy", policy(kind, division=division, **knobs))
    return first_facts(**{"type": name, "sub_kind": sub_kind} | values)


def about(held: Held, **changed: Any) -> dict[str, Any]:
    """The facts of an application about a registration, and what else the person holds (`others`)."""
    others = changed.pop("others", ())
    return {"subject": held, "held": (held, *others), **changed}


def answered(name: str, sub_kind: str = "", **changed: Any) -> dict[str, Any]:
    """The form of the fine facts, with some answers changed."""
    return {"answers": replace(fine(name, sub_kind).answers, **changed)}


def spoken(found: Facts) -> Spoken:
    """Each rule of the kind that didn't simply pass, and what it said."""
    outcomes = run(kind_of(found.type, found.sub_kind).rules, found)
    return {one.rule: (one.result, one.code) for one in outcomes if one.result is not PASSED}


def said(found: Facts, rule: str) -> tuple[Result, str]:
    """What one rule of the kind said."""
    return next(
        (one.result, one.code) for one in run(kind_of(found.type, found.sub_kind).rules, found) if one.rule == rule
    )


def remedy(found: Facts, rule: str) -> dict[str, Any]:
    """What would change what one rule of the kind said."""
    return dict(next(one.remedy for one in run(kind_of(found.type, found.sub_kind).rules, found) if one.rule == rule))


# --- approvals -------------------------------------------------------------------------------------------------------


def approved(
    name: str,
    sub_kind: str = "",
    *,
    subject: Registration | None = None,
    others: tuple[Registration, ...] = (),
    filings: tuple[Filing, ...] = (),
    institution: Institution | None = None,
    form: dict[str, Any] | None = None,
    qualification: Qualification | None = None,
    decided_on: date = DECIDED,
    filing_id: UUID | None = None,
    **knobs: Any,
) -> Approval:
    """An approval of a kind, with what the register has of the person."""
    kind = kind_of(name, sub_kind)
    place = institution or an_institution()
    application = an_application(
        type=name,
        sub_kind=sub_kind,
        institution=place,
        qualification=QualificationSnapshot(qualification or a_qualification(), "202643110430199199708150249"),
        form={"scope": {"scopes": ["C01"]}} if form is None else form,
        subject_id=None if subject is None else subject.id,
        filing_id=filing_id,
    )
    decision = a_decision(
        number="示卫医许〔2026〕9号",
        decided_on=decided_on,
        authority_id=place.authority.id,
        authority_name=place.authority.name,
        authority_division=place.authority.division,
    )
    held = () if subject is None else (subject,)
    values = policy(kind, division=place.division, **knobs)
    return Approval(application, decision, subject, (*held, *others), filings, values)


def effect(name: str, sub_kind: str = "", **changed: Any) -> Changes:
    """What the approval of a kind does to the register."""
    return kind_of(name, sub_kind).effect(approved(name, sub_kind, **changed))


def summary(changes: Changes) -> dict[str, Any]:
    """What is done, in few words: what turns into what, what opens where, which filings end and why."""
    return {
        "turns": [
            (turn.registration.id, turn.standing.status.value, turn.change.value, turn.standing.ground)
            for turn in changes.turns
        ],
        "openings": [(one.standing.practice_place, one.level.value, one.replaces) for one in changes.openings],
        "endings": [(one.filing.id, one.on, one.reason.value) for one in changes.endings],
    }

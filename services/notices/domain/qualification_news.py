"""Who is told that a qualification was corrected or annulled (domain.md §6.7, §9.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from . import mailboxes
from .notice import Notice

REMEDIES = ("administrative_review", "administrative_suit")
# A freeze and its end are steps of an inquiry, not its result: they are told to nobody.
ON_REASON: Mapping[str, str] = {"corrected": "qualification_corrected", "annulled": "qualification_annulled"}
# In an authority the officers hear of both; that a registration may have to be withdrawn, their head hears too.
DESKS: Mapping[str, tuple[str, ...]] = {"corrected": ("officer",), "annulled": ("officer", "head")}


@dataclass(frozen=True)
class Use:
    """What rests on a qualification: a registration by its practice code, or an application by its number."""

    kind: str
    number: str
    institution_id: UUID
    authority_id: UUID


def qualification_changed(reason: str, person_id: UUID | None, uses: Iterable[Use], at: datetime) -> list[Notice]:
    """The holder, with the remedies if it was annulled; every institution and authority where something rests on it.

    A holder without an account can't be told. Staff are told which registrations and applications are concerned: what
    becomes of them, a person decides.
    """
    template = ON_REASON.get(reason)
    if template is None:
        return []
    notices = []
    if person_id is not None:
        remedies = REMEDIES if reason == "annulled" else ()
        notices.append(Notice(template, mailboxes.of_person(person_id), {"at": at, "remedies": remedies}))
    concerned: dict[str, list[Use]] = {}
    for use in uses:
        concerned.setdefault(mailboxes.of_desk(use.institution_id, "clerk"), []).append(use)
        for role in DESKS[reason]:
            concerned.setdefault(mailboxes.of_desk(use.authority_id, role), []).append(use)
    for desk, found in concerned.items():
        facts = {"at": at, "practice_codes": _listed("registration", found), "numbers": _listed("application", found)}
        notices.append(Notice(f"{template}_staff", desk, facts))
    return notices


def _listed(kind: str, uses: Iterable[Use]) -> str:
    return "、".join(sorted(use.number for use in uses if use.kind == kind))

"""Applications with their materials and assessments: sealed where they speak of a person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing
from shared.platform.database import save_versioned
from shared.platform.errors import Conflict, NotFound
from shared.platform.ids import new_id
from shared.platform.partly_sealed import open_items, seal_items
from shared.trade.statuses import ApplicationState

from ..domain.application import Application, Identity, QualificationSnapshot, Reason, StoredMaterial
from ..domain.assessment import Assessment, Occasion, Pin
from ..domain.business import kind_of
from ..domain.facts import Facts
from ..domain.institution import Institution
from ..domain.plain import from_plain, to_plain
from ..domain.rules import RuleOutcome
from ..models import CLOSED_IN_VAIN, ApplicationRow, AssessmentRow, MaterialRow

IDENTITY, QUALIFICATION, FORM = "application.identity", "application.qualification", "application.form"
FACTS, FILENAME, OUTCOME, NOTE = "assessment.facts", "material.filename", "outcome", "note"


def closed_in_vain(before: datetime) -> Select[ApplicationRow]:
    """Applications that ended before a moment without any decision and still have papers, for `each_due`.

    One that was approved, and only then could not take effect, was decided on.
    """
    decided = exists().where(
        AssessmentRow.application_id == ApplicationRow.id, AssessmentRow.occasion == Occasion.EFFECT.value
    )
    has_papers = exists().where(MaterialRow.application_id == ApplicationRow.id)
    return select(ApplicationRow).where(CLOSED_IN_VAIN, ApplicationRow.updated_at < before, has_papers, ~decided)


class Applications:
    """The applications of this service."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def add(self, application: Application) -> None:
        """Write a new draft; `Conflict("open_application")` where its registration has an open one already."""
        try:
            with self._session.begin_nested():
                self._session.execute(insert(ApplicationRow).values(self._values(application) | {"version": 1}))
        except IntegrityError as error:
            raise Conflict("open_application") from error

    def get(self, application_id: UUID, *, version: int | None = None) -> Application:
        """The application; `NotFound`, or `Conflict("application_changed")` where the caller saw another version."""
        row = self._session.get(ApplicationRow, application_id)
        if row is None:
            raise NotFound("application_not_found")
        if version is not None and row.version != version:
            raise Conflict("application_changed", version=row.version)
        return self._application(row, self._materials([application_id]).get(application_id, ()))

    def save(self, application: Application) -> Application:
        """Write it back, unless someone else wrote it since it was read; materials are added as they are attached."""
        version = save_versioned(
            self._session,
            ApplicationRow,
            application.id,
            application.version,
            self._values(application),
            "application_changed",
        )
        return replace(application, version=version)

    def save_material(self, application: Application, material: StoredMaterial) -> list[str]:
        """Make a material the current one of its kind; the files that are not kept for it any more.

        The one before stays on record if the application was ever submitted: somebody may have judged by it.
        """
        before = (
            MaterialRow.application_id == application.id,
            MaterialRow.kind == material.kind,
            MaterialRow.replaced_at.is_(None),
        )
        freed: list[str] = []
        if application.submission:
            self._session.execute(update(MaterialRow).where(*before).values(replaced_at=material.at))
        else:
            freed = list(self._session.scalars(delete(MaterialRow).where(*before).returning(MaterialRow.address)))
        self._session.execute(
            insert(MaterialRow).values(
                id=new_id(),
                application_id=application.id,
                kind=material.kind,
                address=material.address,
                filename=self._ring.seal(material.filename, purpose=FILENAME),
                media_type=material.media_type,
                size=material.size,
                pages=material.pages,
                at=material.at,
                replaced_at=None,
            )
        )
        return freed

    def open_numbers(self, person_id: UUID, exclusive_key: str, *, except_id: UUID | None) -> tuple[str, ...]:
        """The numbers of a person's other open applications for the same registration."""
        found = self._session.execute(
            select(ApplicationRow.id, ApplicationRow.number).where(
                ApplicationRow.person_id == person_id, ApplicationRow.exclusive_key == exclusive_key
            )
        )
        return tuple(number for application_id, number in found if application_id != except_id)

    def open_with(self, qualification_id: UUID) -> list[Application]:
        """The applications that were submitted with a qualification and are not over, oldest first."""
        query = select(ApplicationRow.id).where(
            ApplicationRow.qualification_id == qualification_id,
            ApplicationRow.submission > 0,
            ApplicationRow.state.in_([state.value for state in ApplicationState if state.is_open]),
        )
        return [self.get(application_id) for application_id in self._session.scalars(query.order_by(ApplicationRow.id))]

    def drafts_of(self, person_id: UUID) -> int:
        """How many drafts a person has begun and neither submitted nor let expire."""
        drafts = select(func.count()).where(
            ApplicationRow.person_id == person_id, ApplicationRow.state == ApplicationState.DRAFT.value
        )
        return self._session.scalar(drafts) or 0

    def of_person(self, person_id: UUID, *, after: UUID | None, limit: int) -> list[ApplicationRow]:
        """A page of a person's applications, newest first; one more than `limit`, to tell whether there are more."""
        query = select(ApplicationRow).where(ApplicationRow.person_id == person_id)
        if after is not None:
            query = query.where(ApplicationRow.id < after)
        return list(self._session.scalars(query.order_by(ApplicationRow.id.desc()).limit(limit + 1)))

    def expired_drafts(self, today: date, limit: int) -> list[UUID]:
        """Drafts whose time is over (`retention.draft_days`)."""
        return list(
            self._session.scalars(
                select(ApplicationRow.id)
                .where(ApplicationRow.keeps_until < today, ApplicationRow.state == ApplicationState.DRAFT.value)
                .limit(limit)
            )
        )

    def remove_draft(self, application_id: UUID, today: date) -> list[str] | None:
        """Forget a draft that is still one and whose time is still over; the files that it had, None if it stays."""
        expired = select(ApplicationRow.id).where(
            ApplicationRow.id == application_id,
            ApplicationRow.state == ApplicationState.DRAFT.value,
            ApplicationRow.submission == 0,
            ApplicationRow.keeps_until < today,
        )
        if self._session.scalar(expired) is None:
            return None
        addresses = self._remove_materials(application_id)
        self._session.execute(delete(ApplicationRow).where(ApplicationRow.id == application_id))
        return addresses

    def forget_materials(self, application_id: UUID) -> list[str]:
        """Forget the papers of an application, not the application; the files that they were."""
        changed = update(ApplicationRow).where(ApplicationRow.id == application_id)
        self._session.execute(changed.values(version=ApplicationRow.version + 1))
        return self._remove_materials(application_id)

    def _remove_materials(self, application_id: UUID) -> list[str]:
        gone = delete(MaterialRow).where(MaterialRow.application_id == application_id)
        return list(self._session.scalars(gone.returning(MaterialRow.address)))

    def _materials(self, application_ids: Iterable[UUID]) -> dict[UUID, tuple[StoredMaterial, ...]]:
        rows = self._session.scalars(
            select(MaterialRow)
            .where(MaterialRow.application_id.in_(list(application_ids)), MaterialRow.replaced_at.is_(None))
            .order_by(MaterialRow.at, MaterialRow.id)
        )
        found: dict[UUID, tuple[StoredMaterial, ...]] = {}
        for row in rows:
            material = StoredMaterial(
                kind=row.kind,
                address=row.address,
                filename=self._ring.open(row.filename, purpose=FILENAME),
                media_type=row.media_type,
                size=row.size,
                pages=row.pages,
                at=row.at,
            )
            found[row.application_id] = (*found.get(row.application_id, ()), material)
        return found

    def _values(self, application: Application) -> dict[str, Any]:
        kind = kind_of(application.type)
        key = kind.exclusive_key(application.person_id, application.qualification_id)
        exclusive = key if application.state.is_open else None
        institution = application.institution
        return {
            "id": application.id,
            "number": application.number,
            "province": application.province,
            "type": application.type,
            "sub_kind": application.sub_kind,
            "state": application.state.value,
            "submission": application.submission,
            "person_id": application.person_id,
            "qualification_id": application.qualification_id,
            "exclusive_key": exclusive,
            "identity": self._seal(to_plain(application.identity), IDENTITY),
            "qualification": self._seal(to_plain(application.qualification), QUALIFICATION),
            "form": self._seal(to_plain(application.form), FORM),
            "institution_id": None if institution is None else institution.id,
            "institution_name": "" if institution is None else institution.name,
            "institution": None if institution is None else to_plain(institution),
            "authority_path": application.authority_path,
            "outcomes": _stored_outcomes(application.outcomes, self._ring),
            "policy": None if application.policy is None else to_plain(application.policy),
            "reasons": [self._stored_reason(reason) for reason in application.reasons],
            "acts_next": application.acts_next,
            "act_until": application.act_until,
            "created_at": application.created_at,
            "updated_at": application.updated_at,
            "submitted_at": application.submitted_at,
            "keeps_until": application.keeps_until,
            "registration_id": application.registration_id,
            "notice": application.notice,
            "answered_notice": application.answered_notice,
        }

    def _application(self, row: ApplicationRow, materials: Sequence[StoredMaterial]) -> Application:
        return Application(
            id=row.id,
            version=row.version,
            number=row.number,
            province=row.province,
            type=row.type,
            sub_kind=row.sub_kind,
            state=ApplicationState(row.state),
            submission=row.submission,
            person_id=row.person_id,
            identity=from_plain(Identity, self._open(row.identity, IDENTITY)),
            qualification=from_plain(QualificationSnapshot, self._open(row.qualification, QUALIFICATION)),
            created_at=row.created_at,
            updated_at=row.updated_at,
            form=self._open(row.form, FORM),
            institution=None if row.institution is None else from_plain(Institution, row.institution),
            materials=tuple(materials),
            outcomes=_outcomes(row.outcomes, self._ring),
            policy=None if row.policy is None else from_plain(Pin, row.policy),
            reasons=tuple(self._reason(item) for item in row.reasons),
            acts_next=row.acts_next,
            act_until=row.act_until,
            submitted_at=row.submitted_at,
            keeps_until=row.keeps_until,
            registration_id=row.registration_id,
            notice=row.notice,
            answered_notice=row.answered_notice,
        )

    def _stored_reason(self, reason: Reason) -> dict[str, Any]:
        """A reason as JSON; the officer's own words are sealed, for they may name anybody and anything."""
        note = self._ring.seal(reason.note, purpose=NOTE) if reason.note else ""
        return {**to_plain(reason), "note": note}

    def _reason(self, stored: Mapping[str, Any]) -> Reason:
        note = self._ring.open(stored["note"], purpose=NOTE) if stored["note"] else ""
        return replace(from_plain(Reason, stored), note=note)

    def _seal(self, plain: Any, purpose: str) -> str:
        return self._ring.seal(json.dumps(plain, ensure_ascii=False), purpose=purpose)

    def _open(self, sealed: str, purpose: str) -> Any:
        return json.loads(self._ring.open(sealed, purpose=purpose))


class Assessments:
    """The runs of all rules, kept whole."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def add(self, application: Application, assessment: Assessment, *, at: datetime) -> None:
        """Keep a run with everything it saw."""
        self._session.execute(
            insert(AssessmentRow).values(
                id=new_id(),
                application_id=application.id,
                submission=application.submission,
                occasion=assessment.occasion.value,
                at=at,
                policy=to_plain(assessment.policy),
                facts=self._ring.seal(json.dumps(to_plain(assessment.facts)), purpose=FACTS),
                outcomes=_stored_outcomes(assessment.outcomes, self._ring),
            )
        )

    def of(self, application_id: UUID) -> list[Assessment]:
        """All runs for an application, oldest first."""
        rows = self._session.scalars(
            select(AssessmentRow)
            .where(AssessmentRow.application_id == application_id)
            .order_by(AssessmentRow.at, AssessmentRow.id)
        )
        return [
            Assessment(
                occasion=Occasion(row.occasion),
                facts=from_plain(Facts, json.loads(self._ring.open(row.facts, purpose=FACTS))),
                policy=from_plain(Pin, row.policy),
                outcomes=_outcomes(row.outcomes, self._ring),
            )
            for row in rows
        ]

    def latest(self, application_id: UUID) -> Assessment:
        """The newest run; an application that was submitted has one."""
        return self.of(application_id)[-1]


def _stored_outcomes(outcomes: Iterable[RuleOutcome], ring: KeyRing) -> list[dict[str, Any]]:
    """Outcomes as JSON, the sensitive ones sealed."""
    return seal_items(to_plain(outcomes), "sensitive", lambda plain: ring.seal(plain, purpose=OUTCOME))


def _outcomes(stored: Iterable[Mapping[str, Any]], ring: KeyRing) -> tuple[RuleOutcome, ...]:
    opened = open_items(stored, lambda sealed: ring.open(sealed, purpose=OUTCOME))
    return tuple(from_plain(RuleOutcome, item) for item in opened)

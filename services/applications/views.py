"""What this service tells of its records, in the forms of its contract; personal numbers are masked here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from shared.trade.masking import mask_code, mask_id

from .domain.application import Application, StoredMaterial, step_states
from .domain.assessment import Pin
from .domain.business import BusinessKind, Field, FieldKind, NeededMaterial
from .domain.certificate import Certificate, DocumentState
from .domain.form import Form
from .domain.plain import to_plain
from .domain.register import Entry, Registration
from .domain.rules import RuleOutcome
from .domain.seniority import Clock
from .gathering import snapshot_of
from .models import ApplicationRow
from .repository.register import Holder


def business_type(kind: BusinessKind, policy: Mapping[str, Any]) -> dict[str, Any]:
    """A kind of business as it may be started now."""
    return {
        "type": kind.type.value,
        "sub_kinds": list(kind.sub_kinds),
        "available": kind.available,
        "steps": [
            {"name": step.name, "fields": [_field(field) for field in step.fields]} for step in kind.form(policy)
        ],
        "materials": [material(item) for item in kind.needed_materials(policy)] if kind.available else [],
        "decision_days": policy["sla.decision_days"],
    }


def material(needed: NeededMaterial) -> dict[str, Any]:
    """A material as it is asked for."""
    return {
        "kind": needed.kind,
        "required": needed.required,
        "paper_original": needed.paper_original,
        "media_types": list(needed.media_types),
        "max_size": needed.max_size,
    }


def outcomes(found: Iterable[RuleOutcome]) -> list[dict[str, Any]]:
    """Outcomes in the contract's form."""
    return [to_plain(outcome) for outcome in found]


def pin(policy: Pin) -> dict[str, Any]:
    """A policy version in the contract's form."""
    return {"number": policy.number, "hash": policy.hash, "on": policy.on}


def application(
    found: Application, kind: BusinessKind, policy: Mapping[str, Any], *, sees_sensitive: bool = True
) -> dict[str, Any]:
    """An application; without the right to it, what it says of health, capacity and convictions is left out."""
    qualification = found.qualification.facts
    needed = kind.needed_materials(policy, found.outcomes)
    required = frozenset(item.kind for item in needed if item.required)
    shown = [outcome for outcome in found.outcomes if sees_sensitive or not outcome.sensitive]
    return {
        "id": found.id,
        "version": found.version,
        "number": found.number,
        "type": found.type,
        "sub_kind": found.sub_kind,
        "state": found.state.value,
        "submission": found.submission,
        "person_id": found.person_id,
        "applicant_name": found.identity.name,
        "masked_id": mask_id(found.identity.id_number),
        "masked_phone": found.identity.masked_phone,
        "sex": found.identity.sex,
        "birth_date": found.identity.birth_date,
        "qualification_id": qualification.id,
        "level": qualification.level.value,
        "category": qualification.category.value,
        "qualification_year": qualification.year,
        "qualification_region": qualification.region,
        "masked_code": mask_code(found.qualification.code),
        "form": _form(found, kind, sees_sensitive=sees_sensitive),
        "institution": None if found.institution is None else snapshot_of(found.institution),
        "steps": [{"name": name, "state": state} for name, state in step_states(found, kind, required)],
        "materials": [_stored(item) for item in found.materials if sees_sensitive or not _is_sensitive(kind, item)],
        "needed": [material(item) for item in needed],
        "outcomes": outcomes(shown),
        "policy": None if found.policy is None else pin(found.policy),
        "reasons": to_plain(found.reasons),
        "acts_next": found.acts_next,
        "act_until": found.act_until,
        "created_at": found.created_at,
        "submitted_at": found.submitted_at,
        "keeps_until": found.keeps_until,
        "registration_id": found.registration_id,
    }


def application_row(row: ApplicationRow) -> dict[str, Any]:
    """An application in its owner's list."""
    names = ("id", "number", "type", "sub_kind", "state", "institution_name", "updated_at", "acts_next")
    return {name: getattr(row, name) for name in names}


def registration(found: Registration, entry: Entry, known_at: datetime) -> dict[str, Any]:
    """A registration as one entry of its history tells it."""
    standing = entry.standing
    return {
        "id": found.id,
        "version": found.version,
        "person_id": found.person_id,
        "status": standing.status.value,
        "practice_code": found.practice_code,
        "level": found.level,
        "category": standing.category,
        "scopes": list(standing.scopes),
        "practice_place": standing.practice_place,
        "institution_id": standing.institution_id,
        "institution_name": standing.institution_name,
        "authority_id": standing.authority_id,
        "authority_name": standing.authority_name,
        "started_on": found.started_on,
        "valid_from": entry.valid_from,
        "valid_to": entry.valid_to,
        "known_at": known_at,
        "decision_number": standing.decision_number,
        "filings": [],
    }


def certificate(found: Certificate, verify_url: str) -> dict[str, Any]:
    """A certificate as its holder sees it."""
    facts = found.facts
    return {
        "id": found.id,
        "registration_id": found.registration_id,
        "practice_code": found.practice_code,
        "check_code": found.check_code,
        "status": found.status.value,
        "issued_on": found.issued_on,
        "document_ready": found.document is DocumentState.READY,
        "name": facts.name,
        "sex": facts.sex,
        "birth_date": facts.birth_date,
        "masked_id": mask_id(facts.id_number),
        "masked_code": mask_code(facts.qualification_code),
        "level": facts.level,
        "category": facts.category,
        "scopes": list(facts.scopes),
        "practice_place": facts.practice_place,
        "institution_name": facts.institution_name,
        "authority_name": facts.authority_name,
        "filings": [],
        "verify_url": verify_url,
    }


def public_physician(found: Registration, holder: Holder, shown: Iterable[str]) -> dict[str, Any]:
    """What the public may know (`public_lookup.fields`); what the list doesn't name stays empty (E70)."""
    standing, fields = found.standing, frozenset(shown)
    told = {
        "name": ("name", holder.name, ""),
        "sex": ("sex", holder.sex, ""),
        "level": ("level", found.level, ""),
        "category": ("category", standing.category, ""),
        "scopes": ("scope", list(standing.scopes), []),
        "practice_place": ("practice_place", standing.practice_place, ""),
        "institution_name": ("main_institution", standing.institution_name, ""),
        "filed_institutions": ("filed_institutions", [], []),
        "practice_code": ("practice_code", found.practice_code, ""),
        "authority_name": ("authority", standing.authority_name, ""),
    }
    view = {name: value if knob in fields else nothing for name, (knob, value, nothing) in told.items()}
    return view | {"valid": standing.status.is_registered}


def clock(found: Clock) -> dict[str, Any]:
    """A seniority clock in the contract's form."""
    return {
        "clock": found.clock,
        "started_on": found.started_on,
        "years_required": found.years_required,
        "reached_on": found.reached_on,
        "exam_year": found.exam_year,
        "inputs": dict(found.inputs),
    }


def _form(found: Application, kind: BusinessKind, *, sees_sensitive: bool) -> dict[str, dict[str, Any]]:
    """What was filled in, with what registries know already; names and numbers have fields of their own in the view."""
    saved: Form = found.form
    category = found.qualification.facts.category.value
    known = {"qualification": _known_qualification(found), "scope": {"category": category}}
    pages: dict[str, dict[str, Any]] = {}
    for step in kind.steps:
        values = {**known.get(step.name, {}), **saved.get(step.name, {})}
        hidden = set() if sees_sensitive else {field.name for field in step.fields if field.sensitive}
        if step.fields:
            pages[step.name] = {name: value for name, value in values.items() if name not in hidden}
    return pages


def _known_qualification(found: Application) -> dict[str, Any]:
    facts = found.qualification.facts
    return {
        "level": facts.level.value,
        "category": facts.category.value,
        "year": facts.year,
        "region": facts.region,
        "education": facts.education,
        "school": found.qualification.school,
        "major": found.qualification.major,
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "kind": field.kind.value,
        "required": field.required and field.kind is not FieldKind.LOCKED,
        "choices": list(field.choices),
        "max_length": field.max_length,
        "max_choices": field.max_choices,
    }


def _stored(item: StoredMaterial) -> dict[str, Any]:
    names = ("kind", "filename", "media_type", "size", "pages", "at")
    return {name: getattr(item, name) for name in names}


def _is_sensitive(kind: BusinessKind, item: StoredMaterial) -> bool:
    found = kind.material(item.kind)
    return found is None or found.sensitive

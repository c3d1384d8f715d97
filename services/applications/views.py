"""What this service tells of its records, in the forms of its contract; personal numbers are masked here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from shared.trade.masking import mask_code, mask_id
from shared.trade.statuses import BusinessType

from .domain.application import Application, StoredMaterial, step_states
from .domain.assessment import Pin
from .domain.business import BusinessKind, Confirming, Field, FieldKind, NeededMaterial
from .domain.certificate import Certificate
from .domain.documented import DocumentState
from .domain.filing import Filing
from .domain.form import Form
from .domain.issued import IssuedDocument
from .domain.plain import to_plain
from .domain.register import Entry, Registration
from .domain.rules import RuleOutcome
from .domain.seniority import Clock
from .gathering import snapshot_of
from .models import ApplicationRow
from .repository.register import Holder


def business_type(name: BusinessType, kinds: Sequence[tuple[BusinessKind, Mapping[str, Any]]]) -> dict[str, Any]:
    """A type of business with its sub-kinds, each under the policy that it is looked at by."""
    told = [_kind(kind, policy) for kind, policy in kinds]
    return {
        "type": name.value,
        "kinds": told,
        "sub_kinds": [one["sub_kind"] for one in told if one["sub_kind"]],
        "available": True,
        "steps": told[0]["steps"],
        "materials": told[0]["materials"],
        "decision_days": kinds[0][1]["sla.decision_days"],
    }


def _kind(kind: BusinessKind, policy: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sub_kind": kind.sub_kind,
        "about": kind.about.value,
        "starters": list(kind.starters),
        "names_institution": kind.confirming is Confirming.NAMED,
        "steps": [
            {"name": step.name, "fields": [_field(field) for field in step.fields]} for step in kind.form(policy)
        ],
        "materials": [material(item) for item in kind.needed_materials(policy)],
        "documents": list(kind.documents),
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
    found: Application,
    kind: BusinessKind,
    policy: Mapping[str, Any],
    *,
    subject: Registration | None = None,
    filing: Filing | None = None,
    sees_sensitive: bool = True,
) -> dict[str, Any]:
    """An application; without the right to it, what it says of health, capacity and convictions is left out.

    `subject` and `filing` are what it is about, as the register has them now.
    """
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
        "form": _form(found, kind, subject, filing, sees_sensitive=sees_sensitive),
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
        "subject": None if subject is None else registration_brief(subject),
        "filing": None if filing is None else filing_view(filing, filing.valid_from),
        "releasing": None if found.releasing is None else snapshot_of(found.releasing),
        "started_by": found.started_by,
    }


def registration_brief(found: Registration) -> dict[str, Any]:
    """A registration as it stands, for an application that is about it."""
    standing = found.standing
    return {
        "id": found.id,
        "practice_code": found.practice_code,
        "status": standing.status.value,
        "level": found.level,
        "category": standing.category,
        "scopes": list(standing.scopes),
        "practice_place": standing.practice_place,
        "institution_id": standing.institution_id,
        "institution_name": standing.institution_name,
        "authority_name": standing.authority_name,
        "since": found.standing_since,
    }


def filing_view(found: Filing, today: date) -> dict[str, Any]:
    """A filing, and whether it holds: `active`, `planned` or `ended`."""
    status = "ended" if not found.is_open_on(today) else "active" if found.holds_on(today) else "planned"
    return {
        "id": found.id,
        "registration_id": found.registration_id,
        "institution_id": found.institution_id,
        "institution_name": found.institution_name,
        "scopes": list(found.scopes),
        "valid_from": found.valid_from,
        "valid_to": found.fact.valid_to,
        "status": status,
    }


def application_row(row: ApplicationRow) -> dict[str, Any]:
    """An application in its owner's list."""
    names = ("id", "number", "type", "sub_kind", "state", "institution_name", "updated_at", "acts_next")
    return {name: getattr(row, name) for name in names}


def registration(
    found: Registration, entry: Entry, known_at: datetime, filings: Iterable[Filing] = (), on: date | None = None
) -> dict[str, Any]:
    """A registration as one entry of its history tells it, with what was filed on it on a day."""
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
        "filings": [] if on is None else [filing_view(filing, on) for filing in filings if filing.is_open_on(on)],
        "ground": None if standing.ground is None else standing.ground.value,
        "until": standing.until,
        "replaces": found.replaces,
        "replaced_by": found.replaced_by,
    }


def roster_row(found: Registration, holder: Holder, filing: Filing | None, today: date) -> dict[str, Any]:
    """A physician on the roster of an institution or authority."""
    standing = found.standing
    return {
        "registration_id": found.id,
        "version": found.version,
        "name": holder.name,
        "practice_code": found.practice_code,
        "status": standing.status.value,
        "level": found.level,
        "category": standing.category,
        "scopes": list(standing.scopes),
        "institution_name": standing.institution_name,
        "since": found.standing_since,
        "filing": None if filing is None else filing_view(filing, today),
    }


def career_stretch(found: Registration, entry: Entry) -> dict[str, Any]:
    """How a registration stood for a while."""
    standing = entry.standing
    return {
        "registration_id": found.id,
        "practice_code": found.practice_code,
        "level": found.level,
        "category": standing.category,
        "status": standing.status.value,
        "scopes": list(standing.scopes),
        "practice_place": standing.practice_place,
        "institution_name": standing.institution_name,
        "valid_from": entry.valid_from,
        "valid_to": entry.valid_to,
        "decision_number": standing.decision_number,
    }


def proved(found: Registration, entry: Entry, holder: Holder) -> dict[str, Any]:
    """What a signed proof states: who, masked, and how the registration stood."""
    standing = entry.standing
    return {
        "name": holder.name,
        "masked_id": mask_id(holder.id_number),
        "practice_code": found.practice_code,
        "status": standing.status.value,
        "registered": standing.status.is_registered,
        "level": found.level,
        "category": standing.category,
        "scopes": list(standing.scopes),
        "practice_place": standing.practice_place,
        "institution": standing.institution_name,
        "authority": standing.authority_name,
        "valid_from": entry.valid_from.isoformat(),
        "valid_to": None if entry.valid_to is None else entry.valid_to.isoformat(),
        "decision_number": standing.decision_number,
    }


def certificate(found: Certificate, verify_url: str, filings: Iterable[Filing], today: date) -> dict[str, Any]:
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
        "filings": [filing_view(filing, today) for filing in filings if filing.is_open_on(today)],
        "verify_url": verify_url,
    }


def issued_document(found: IssuedDocument) -> dict[str, Any]:
    """A document of an application in its list."""
    return {
        "kind": found.kind.value,
        "serial": found.serial,
        "number": found.number,
        "issued_on": found.issued_on,
        "ready": found.document is DocumentState.READY,
    }


def public_physician(
    found: Registration, holder: Holder, shown: Iterable[str], filed: Iterable[str] = ()
) -> dict[str, Any]:
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
        "filed_institutions": ("filed_institutions", list(filed), None),
        "practice_code": ("practice_code", found.practice_code, ""),
        "authority_name": ("authority", standing.authority_name, ""),
        "valid": ("status", standing.status.is_registered, None),
    }
    return {name: value if knob in fields else nothing for name, (knob, value, nothing) in told.items()}


def clock(found: Clock) -> dict[str, Any]:
    """A seniority clock in the contract's form."""
    return {
        "clock": found.clock,
        "started_on": found.started_on,
        "years_required": found.years_required,
        "reached_on": found.reached_on,
        "exam_year": found.exam_year,
        "counted_days": found.counted_days,
        "stretches": [
            {
                "practice_code": stretch.practice_code,
                "status": stretch.status.value,
                "since": stretch.since,
                "until": stretch.until,
                "counts": stretch.counts,
            }
            for stretch in found.stretches
        ],
        "inputs": dict(found.inputs),
    }


def _form(
    found: Application,
    kind: BusinessKind,
    subject: Registration | None,
    filing: Filing | None,
    *,
    sees_sensitive: bool,
) -> dict[str, dict[str, Any]]:
    """What was filled in, with what registries know already; names and numbers have fields of their own in the view."""
    saved: Form = found.form
    known = {
        "qualification": _known_qualification(found),
        "registration": {} if subject is None else _known_registration(subject),
        "filing": {} if filing is None or subject is None else _known_filing(filing, subject),
        "scope": {"category": found.qualification.facts.category.value},
    }
    if subject is not None and kind.step("scope") is not None and not kind.opens_with_another:
        known["scope"]["scopes"] = list(subject.standing.scopes)
    pages: dict[str, dict[str, Any]] = {}
    for step in kind.steps:
        values = {**known.get(step.name, {}), **saved.get(step.name, {})}
        hidden = set() if sees_sensitive else {field.name for field in step.fields if field.sensitive}
        if step.fields:
            pages[step.name] = {name: value for name, value in values.items() if name not in hidden}
    return pages


def _known_registration(found: Registration) -> dict[str, Any]:
    standing = found.standing
    return {
        "practice_code": found.practice_code,
        "registered_level": found.level,
        "registered_category": standing.category,
        "registered_scopes": list(standing.scopes),
        "registered_place": standing.practice_place,
        "registered_institution": standing.institution_name,
        "registered_status": standing.status.value,
    }


def _known_filing(found: Filing, registration: Registration) -> dict[str, Any]:
    return {
        "filed_institution": found.institution_name,
        "filed_from": found.valid_from.isoformat(),
        "filed_to": found.valid_to.isoformat(),
        "filed_scopes": list(found.scopes),
        "registered_institution": registration.standing.institution_name,
    }


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

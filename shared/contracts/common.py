"""Forms that several contracts share: pages of a list, organisations, reasons, the outcome of one rule."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from shared.platform.partly_sealed import PartlySealed
from shared.platform.schemas import Sealed, WireSchema

BUSINESS_TYPES = ("REG", "UPGRADE", "MIL_IN", "MIL_OUT", "CHANGE", "CANCEL", "MULTI_ADD", "MULTI_DEL", "PLACE_DEL")
PROVINCE = Regexp(r"^\d{2}$")
DIVISION = Regexp(r"^\d{2}(\d{2}(\d{2})?)?$")
TIERS = ("county", "city", "province")


class PageRequest(WireSchema):
    """One page of a list by keyset: `after` is the opaque cursor of the page before (design D17)."""

    after = fields.String(load_default=None, allow_none=True, validate=Length(max=200))
    limit = fields.Integer(load_default=20, validate=Range(1, 100))


class ById(WireSchema):
    """A record by its identifier."""

    id = fields.UUID(required=True)


class Tally(WireSchema):
    """How many there are: exact up to 100, then `more` is true."""

    count = fields.Integer(required=True)
    more = fields.Boolean(required=True)


EXAM_SCOPES = ("national", "region")
"""For which regions a desk of the exam centre acts: for all of them, or for its own alone (domain §6.4)."""


class AuthorityBrief(WireSchema):
    """A health authority (主管部门) as others need it: its tier and where it stands in the tree."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    tier = fields.String(required=True, validate=OneOf(TIERS))
    division = fields.String(required=True, validate=DIVISION)
    window_address = fields.String(load_default="")
    phone = fields.String(load_default="")


class InstitutionSnapshot(WireSchema):
    """A medical institution (医疗机构) on the day it was asked for: licence, departments, who approved it.

    `authority` approved the institution and is therefore competent for its physicians (Order 13 art.9);
    `superiors` are the authorities above it, nearest first; `subordinates` those below it on the institution's own
    division path, which some provinces let look at a case first (`review.pre_tiers`).
    """

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    licence_number = fields.String(required=True)
    licence_status = fields.String(required=True, validate=OneOf(("valid", "suspended", "cancelled")))
    licence_valid_to = fields.Date(load_default=None, allow_none=True)
    division = fields.String(required=True, validate=DIVISION)
    category = fields.String(required=True)
    grade = fields.String(load_default="")
    beds = fields.Integer(load_default=0)
    departments = fields.List(fields.String(), required=True)
    address = fields.String(load_default="")
    is_township_or_village = fields.Boolean(load_default=False)
    is_county_or_below = fields.Boolean(load_default=False)
    is_prevention = fields.Boolean(load_default=False)
    is_military = fields.Boolean(load_default=False)
    authority = fields.Nested(AuthorityBrief, required=True)
    superiors = fields.List(fields.Nested(AuthorityBrief), load_default=list)
    subordinates = fields.List(fields.Nested(AuthorityBrief), load_default=list)


class RuleOutcome(WireSchema):
    """What one named rule found: `passed`, `failed`, `needs_proof` or `human_decision`, with the value it saw.

    `seen` and `remedy` hold plain facts for the sentence in the catalogue (`code`). What is `sensitive` speaks of
    capacity, punishments or health and is for the applicant and the authority alone; so is what doesn't say.
    """

    rule = fields.String(required=True)
    result = fields.String(required=True, validate=OneOf(("passed", "failed", "needs_proof", "human_decision")))
    code = fields.String(required=True)
    article = fields.String(required=True)
    rule_version = fields.Integer(required=True)
    source = fields.String(required=True)
    seen = fields.Dict(keys=fields.String(), load_default=dict)
    remedy = fields.Dict(keys=fields.String(), load_default=dict)
    sensitive = fields.Boolean(load_default=True)


def rule_outcomes() -> PartlySealed:
    """The field of a contract that tells what all rules found; what is sensitive crosses the bus sealed."""
    return PartlySealed(fields.Nested(RuleOutcome), mark="sensitive", required=True)


def words(longest: int | None = None) -> Sealed:
    """The field of a contract that carries somebody's own words; sealed, for they may name anybody and anything."""
    return Sealed(fields.String(validate=Length(max=longest)) if longest else None, load_default="")


class ReasonItem(WireSchema):
    """One point raised against an application: a reason code for one document or field, so the doctor is led to it."""

    code = fields.String(required=True, validate=Length(1, 60))
    target = fields.String(load_default="", validate=Length(max=60))
    note = words(300)


class PolicyPin(WireSchema):
    """The policy version that a record was decided under: number, content hash and the day it was looked up for."""

    number = fields.String(required=True)
    hash = fields.String(required=True)
    on = fields.Date(required=True)

"""The lines of the files that organisations and staff are loaded from; unknown columns are refused."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, pre_load
from marshmallow.validate import Length, OneOf, Range, Regexp

from shared.contracts.accounts import ROLES
from shared.contracts.common import EXAM_SCOPES, TIERS
from shared.platform.schemas import WireSchema
from shared.trade.institutions import InstitutionGroup, LicenceStatus

CODE = Regexp(r"^[A-Z0-9][A-Z0-9-]{1,31}$", error="code_format")


class FileLine(WireSchema):
    """One line of a CSV file by column; an empty cell is a missing one."""

    @pre_load
    def without_empty_cells(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Drop what was left empty, and the spaces around what was not."""
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in data.items()}
        return {name: value for name, value in stripped.items() if value not in ("", None)}


class AuthorityLine(FileLine):
    """An authority: `code` is its lasting name in these files, `superior` the code of the one above it."""

    code = fields.String(required=True, validate=CODE)
    kind = fields.String(load_default="authority", validate=OneOf(("authority", "exam_centre")))
    name = fields.String(required=True, validate=Length(2, 100))
    tier = fields.String(load_default=None, validate=OneOf(TIERS))
    scope = fields.String(load_default=None, validate=OneOf(EXAM_SCOPES))
    division = fields.String(required=True)
    superior = fields.String(load_default=None, validate=CODE)
    window_address = fields.String(load_default="", validate=Length(max=200))
    phone = fields.String(load_default="", validate=Length(max=40))


class InstitutionLine(FileLine):
    """An institution: its licence number is its key, `authority` the code of the one that approved it."""

    licence_number = fields.String(required=True)
    name = fields.String(required=True, validate=Length(2, 100))
    licence_status = fields.Enum(LicenceStatus, by_value=True, load_default=LicenceStatus.VALID)
    licence_valid_to = fields.Date(load_default=None)
    division = fields.String(required=True)
    category = fields.Enum(InstitutionGroup, by_value=True, required=True)
    authority = fields.String(required=True, validate=CODE)
    credit_code = fields.String(load_default=None)
    grade = fields.String(load_default="", validate=Length(max=12))
    beds = fields.Integer(load_default=0, validate=Range(0, 100_000))
    departments = fields.String(load_default="", validate=Length(max=2000))
    address = fields.String(load_default="", validate=Length(max=200))
    is_county_or_below = fields.Boolean(load_default=None)
    is_military = fields.Boolean(load_default=False)
    predecessor = fields.String(load_default=None)


class StaffLine(FileLine):
    """Somebody with a login of their own: `organisation` is an authority's code or an institution's licence number."""

    login_name = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, validate=OneOf([role for role in ROLES if role != "physician"]))
    organisation = fields.String(required=True, validate=Length(max=32))
    phone = fields.String(load_default=None)
    email = fields.String(load_default=None)
    password = fields.String(load_default=None)
    id_number = fields.String(load_default=None)
    active = fields.Boolean(load_default=True)

"""The form of a contract over HTTP: the same schema with its sealed fields in plain text, for TLS carries them."""

from __future__ import annotations

from collections.abc import Hashable
from copy import deepcopy
from functools import cache
from typing import Any

from marshmallow import fields
from marshmallow.validate import Range

from shared.platform.partly_sealed import PartlySealed
from shared.platform.schemas import Sealed, WireSchema

MOST = 2**53


def over_http(schema: type[WireSchema], *, without: tuple[str, ...] = ()) -> type[WireSchema]:
    """`schema` for JSON over HTTP; the same class at every call.

    `without` leaves out fields that the path, a header or the gateway itself provides.
    """
    return _made(schema, without)


@cache
def _made(schema: Hashable, without: tuple[str, ...]) -> type[WireSchema]:
    assert isinstance(schema, type)  # noqa: S101  # narrows what the cache widened
    assert issubclass(schema, WireSchema)  # noqa: S101
    declared: dict[str, Any] = {
        key: _plain(field) for key, field in _declared_fields(schema).items() if key not in without
    }
    title = f"{schema.__name__}Body" if without else schema.__name__
    return type(title, (WireSchema,), {"__doc__": schema.__doc__, **declared})


def _declared_fields(schema: type[WireSchema]) -> dict[str, fields.Field[Any]]:
    return dict(schema._declared_fields)


def _plain(field: Any) -> Any:
    if isinstance(field, Sealed):
        inner = deepcopy(field.inner)
        for attribute in ("required", "allow_none", "load_default", "dump_default", "data_key", "attribute"):
            setattr(inner, attribute, getattr(field, attribute))
        return inner
    if isinstance(field, PartlySealed):
        return fields.List(
            _plain(field.inner), required=field.required, allow_none=field.allow_none, load_default=field.load_default
        )
    copied = deepcopy(field)
    if isinstance(field, fields.Nested):
        return fields.Nested(
            _made(type(field.schema), ()),
            required=field.required,
            allow_none=field.allow_none,
            load_default=field.load_default,
        )
    if isinstance(field, fields.Integer):
        # Beyond 64 bits a number can't cross the bus, and beyond 53 no JavaScript client could have meant it.
        copied.validators = [*copied.validators, Range(-MOST, MOST)]
    if isinstance(field, fields.List):
        copied.inner = _plain(field.inner)
    if isinstance(field, fields.Dict) and field.value_field is not None:
        copied.value_field = _plain(field.value_field)
    return copied

"""marshmallow at every border: unknown fields are refused, errors are `InvalidInput`, sealed fields cross the bus encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from marshmallow import RAISE, Schema, ValidationError, fields

from .crypto import transport_box
from .errors import InvalidInput


class WireSchema(Schema):
    """The form of one payload. It asks no database and holds no rule that would need one."""

    class Meta:
        unknown = RAISE
        ordered = True

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> NoReturn:
        """Refuse the payload, naming every field that is not of the agreed form."""
        messages: dict[Any, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow's own
        raise InvalidInput("invalid_input", fields=flatten(messages))


def flatten(messages: Mapping[Any, Any], prefix: str = "") -> dict[str, list[str]]:
    """marshmallow's nested messages as `path -> codes`; a path joins names and positions with dots."""
    flat: dict[str, list[str]] = {}
    for key, value in messages.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat.update(flatten(value, f"{path}."))
        else:
            flat[path] = [str(message) for message in value]
    return flat


class Empty(WireSchema):
    """A request or an answer without content."""


class Sealed(fields.Field[str]):
    """Text that only the owner may read: `dump` encrypts it for the bus, `load` opens and validates it.

    The text rides under the deployment's transport key (design D10), so that a look into the broker shows nothing.
    """

    def __init__(self, inner: fields.String | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner = inner or fields.String()

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else transport_box().seal(str(value))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("null" if value is None else "validator_failed")
        opened: str = self.inner.deserialize(transport_box().open(value), attr, data, **kwargs)
        return opened

"""marshmallow at every border: errors are `InvalidInput`, sealed fields cross encrypted.

Fields that nobody agreed on are refused in what is asked, and passed over in what another service tells (ADR 0013).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from .crypto import transport_box
from .errors import InvalidInput


def _speak_in_codes() -> None:
    """Let marshmallow report stable codes in place of English sentences; people's sentences are made in the gateway.

    A field reports the key of its message (`required`, `null`, `invalid` …), a validator what is wrong with the value.
    """
    for kind in vars(fields).values():
        if isinstance(kind, type) and issubclass(kind, fields.Field):
            kind.default_error_messages = {key: key for key in kind.default_error_messages}
    fields.Field.default_error_messages["validator_failed"] = "invalid"
    validate.Length.message_min = "too_short"
    validate.Length.message_max = "too_long"
    validate.Length.message_all = "wrong_length"
    validate.Length.message_equal = "wrong_length"
    validate.Range.message_min = validate.Range.message_gte = validate.Range.message_gt = "too_small"
    validate.Range.message_max = validate.Range.message_lte = validate.Range.message_lt = "too_large"
    validate.Range.message_all = "out_of_range"
    validate.OneOf.default_message = "not_a_choice"
    validate.ContainsOnly.default_message = "not_a_choice"
    validate.Regexp.default_message = "wrong_pattern"
    Schema.error_messages = {"unknown": "unknown_field", "type": "wrong_type"}


_speak_in_codes()

#: A schema inside another one reports to it; only the outermost turns its report into a refusal.
_loading: ContextVar[bool] = ContextVar("loading", default=False)

#: Whether what is being loaded may hold more than this release knows.
_tolerant: ContextVar[bool] = ContextVar("tolerant", default=False)


class WireSchema(Schema):
    """The form of one payload. It asks no database and holds no rule that would need one."""

    class Meta:
        unknown = RAISE
        ordered = True

    def load(self, data: Any, **kwargs: Any) -> Any:
        """The payload as values; `InvalidInput` names every field, at any depth, that is not of the agreed form."""
        if _tolerant.get():
            kwargs["unknown"] = EXCLUDE
        if _loading.get():
            return super().load(data, **kwargs)
        token = _loading.set(True)
        try:
            return super().load(data, **kwargs)
        except ValidationError as error:
            messages: dict[Any, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow's own
            raise InvalidInput("invalid_input", fields=flatten(messages)) from None
        finally:
            _loading.reset(token)

    def read(self, data: Any, **kwargs: Any) -> Any:
        """The payload of another service, which may be of a later release: what it tells besides is passed over.

        What is asked of a service is loaded strictly, since a field that it doesn't know would have no effect.
        """
        token = _tolerant.set(True)
        try:
            return self.load(data, **kwargs)
        finally:
            _tolerant.reset(token)


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

"""Frozen records as plain JSON values and back, so that what a decision saw can be kept and judged again."""

from __future__ import annotations

import types
from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

Record = TypeVar("Record")


def to_plain(value: Any) -> Any:
    """A record, or anything inside of one, as JSON knows it; sets become sorted lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(to_plain(item) for item in value)
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: type[Record], plain: Mapping[str, Any]) -> Record:
    """The record that `to_plain` was given; what a later release added takes its default."""
    hints = _hints(cast(Hashable, kind))
    return kind(**{name: _read(hints[name], value) for name, value in plain.items() if name in hints})


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(cast(Any, kind))


def _read(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        options = [option for option in get_args(hint) if option is not type(None)]
        return value if value is None or len(options) > 1 else _read(options[0], value)
    if origin in (tuple, frozenset):
        return origin(_read(get_args(hint)[0], item) for item in value)
    if not isinstance(hint, type):
        return value
    return _read_as(hint, value)


def _read_as(kind: type[Any], value: Any) -> Any:
    if is_dataclass(kind):
        return value if isinstance(value, kind) else from_plain(kind, value)
    if isinstance(value, str) and kind in (date, datetime):
        return kind.fromisoformat(value)
    if isinstance(value, str) and (kind is UUID or issubclass(kind, Enum)):
        return kind(value)
    return value

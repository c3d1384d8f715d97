"""Lists of which some items only the owner may read: those are sealed one by one, the others stay as they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from marshmallow import fields

from .crypto import transport_box

SEALED: Final = "sealed"


def seal_items(items: Iterable[Mapping[str, Any]], mark: str, seal: Callable[[str], str]) -> list[dict[str, Any]]:
    """The items as JSON keeps them; one whose `mark` isn't False is replaced by `{"sealed": …}`."""
    return [
        dict(item) if item.get(mark) is False else {SEALED: seal(json.dumps(dict(item), ensure_ascii=False))}
        for item in items
    ]


def open_items(items: Iterable[Mapping[str, Any]], open_one: Callable[[str], str]) -> list[dict[str, Any]]:
    """What `seal_items` was given; plain items are taken as they are."""
    return [json.loads(open_one(item[SEALED])) if set(item) == {SEALED} else dict(item) for item in items]


class PartlySealed(fields.List[Any]):
    """A list of forms that crosses the bus with those items sealed whose boolean field `mark` isn't False."""

    def __init__(self, inner: fields.Nested, *, mark: str, **kwargs: Any) -> None:
        super().__init__(inner, **kwargs)
        self.mark = mark

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> list[Any] | None:
        items = super()._serialize(value, attr, obj, **kwargs)
        return None if items is None else seal_items(items, self.mark, transport_box().seal)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        # What isn't a list of objects is refused by the list itself.
        if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
            sealed = [item for item in value if set(item) == {SEALED}]
            if not all(isinstance(item[SEALED], str) for item in sealed):
                raise self.make_error("invalid")
            value = open_items(value, transport_box().open)
        return super()._deserialize(value, attr, data, **kwargs)

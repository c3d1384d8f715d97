"""What a page shows of a form: the values as typed and the sentence beside each wrong field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from shared.platform.errors import DomainError, InvalidInput

from .http_errors import field_errors, field_sentence, sentence, status_of

_SECRET = frozenset({"password", "password_again", "captcha_answer", "csrf_token", "form_key", "code"})


class Form:
    """Raw values and errors by field, in the order in which the errors were found; falsy errors mean it may go on.

    Nothing typed is lost when a form comes back, except secrets (E07).
    """

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        lists = getattr(values, "lists", None)
        pairs: Iterable[tuple[str, list[str]]] = (
            lists() if lists else ((name, _as_list(value)) for name, value in (values or {}).items())
        )
        self._values: dict[str, list[str]] = {name: list(found) for name, found in pairs}
        self.errors: dict[str, str] = {}
        self.anchors: dict[str, str] = {}
        self.status = 422
        self.retry_after: int | None = None

    def text(self, name: str) -> str:
        """A value as it is to be used: trimmed, full-width digits and letters made half-width."""
        return unicodedata.normalize("NFKC", self.raw(name)).strip()

    def raw(self, name: str) -> str:
        """A value as it was typed."""
        found = self._values.get(name)
        return found[0] if found else ""

    def shown(self, name: str) -> str:
        """A value to put back into its field: as typed, but never a secret."""
        return "" if name in _SECRET else self.raw(name)

    def all(self, name: str) -> list[str]:
        """Every value of a field with several choices."""
        return list(self._values.get(name, []))

    def set(self, name: str, value: str | list[str]) -> None:
        """Fill a field from what is stored."""
        self._values[name] = _as_list(value)

    def error(self, name: str) -> str:
        """The sentence beside a field, empty where it is right."""
        return self.errors.get(name, "")

    def refuse(self, name: str, said: str, *, anchor: str | None = None) -> None:
        """Say what is wrong with a field; the first sentence stays. `anchor` is the control the summary leads to."""
        if name not in self.errors:
            self.errors[name] = said
            if anchor:
                self.anchors[name] = anchor

    def need(self, name: str, code: str = "required") -> str:
        """The value of a field that must not be empty."""
        value = self.text(name)
        if not value:
            self.refuse(name, field_sentence(code, name))
        return value

    def day(self, name: str, *, required: bool = True) -> date | None:
        """A date from its three boxes (`name-y`, `name-m`, `name-d`); the error leads to the box that is wrong."""
        boxes = {part: re.sub(r"\D", "", self.text(f"{name}-{part}")) for part in "ymd"}
        if not any(boxes.values()):
            if required:
                self.refuse(name, field_sentence("date_missing", name), anchor=f"{name}-y")
            return None
        for part, code in (("y", "date_without_year"), ("m", "date_without_month"), ("d", "date_without_day")):
            if not boxes[part]:
                self.refuse(name, field_sentence(code, name), anchor=f"{name}-{part}")
                return None
        try:
            return date(int(boxes["y"]), int(boxes["m"]), int(boxes["d"]))
        except ValueError:
            self.refuse(name, field_sentence("date_impossible", name), anchor=f"{name}-d")
            return None

    def set_day(self, name: str, value: date | str | None) -> None:
        """Fill the three boxes from a stored date."""
        if value:
            parts = str(value).split("-")
            for part, text in zip("ymd", parts, strict=True):
                self.set(f"{name}-{part}", text.lstrip("0"))

    def take(self, error: DomainError, *, names: Mapping[str, str] | None = None, prefix: str = "") -> None:
        """Put the errors of a refused payload beside the fields they speak of.

        `names` maps a payload's path to our field, `prefix` is the path of the values within the payload.
        """
        for path, said in field_errors(error).items():
            short = path.removeprefix(prefix)
            self.refuse((names or {}).get(short, short.split(".")[0]), said)

    def blame(self, error: DomainError, fields: Mapping[str, str], default: str) -> None:
        """Put a refusal beside the field it speaks of: by payload path, by its code, else beside `default`.

        The page keeps the status of the refusal's kind, so that a conflict or a limit can be told from a typing error.
        """
        if error.facts.get("fields"):
            self.take(error, names=fields)
            return
        self.status = 422 if isinstance(error, InvalidInput) else status_of(error)
        self.retry_after = error.facts.get("retry_after")
        self.refuse(fields.get(error.code, default), sentence(error.code, error.facts))

    @property
    def is_wrong(self) -> bool:
        """Whether the page must come back."""
        return bool(self.errors)

    def summary(self) -> list[tuple[str, str]]:
        """Anchor and sentence of every error, for the summary at the head of the page."""
        return [(self.anchors.get(name, name), sentence) for name, sentence in self.errors.items()]


def _as_list(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return [str(value)]

"""Collects what is wrong with each field of a form, so that a person is told everything at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from shared.platform.errors import InvalidInput

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")


class FieldFaults:
    """The faults of one form, each as the stable code of its rule."""

    def __init__(self) -> None:
        self._faults: dict[str, list[str]] = {}

    def read(
        self, field: str, parse: Callable[Arguments, Value], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Value | None:
        """What `parse` makes of the field; None, and the fault noted, where it refuses."""
        try:
            return parse(*arguments, **named)
        except InvalidInput as fault:
            self.add(field, fault.code)
            return None

    def add(self, field: str, code: str) -> None:
        """Note a fault."""
        self._faults.setdefault(field, []).append(code)

    def raise_any(self) -> None:
        """Refuse the form if anything is wrong with it: `InvalidInput("invalid_input", fields=…)`."""
        if self._faults:
            raise InvalidInput("invalid_input", fields=dict(self._faults))


def field_fault(field: str, code: str) -> InvalidInput:
    """The refusal of a form for one field."""
    return InvalidInput("invalid_input", fields={field: [code]})

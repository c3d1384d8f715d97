"""What an approval would end or make void, said before anybody submits (ui §10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import view_models as words


@dataclass(frozen=True)
class Consequence:
    """The sentence, and whether it is to be read twice: a registration ends that need not end."""

    text: str
    is_hard: bool


def consequence_of(
    named: Mapping[str, Any],
    registration: Mapping[str, Any] | None,
    filing: Mapping[str, Any] | None = None,
    *,
    scopes: list[str] | None = None,
) -> Consequence | None:
    """What follows for the registration or filing that a kind is about; None where nothing ends.

    `scopes` are those asked for: a further practice place with other ones ends the existing registration (E41).
    """
    name = f"consequence.{named['type']}.{named['sub_kind']}" if named["sub_kind"] else f"consequence.{named['type']}"
    is_hard = named["sub_kind"] == "LICENSED"
    if named["sub_kind"] == "ADD_PLACE" and registration is not None and scopes:
        is_hard = set(scopes) != set(registration["scopes"])
        name = f"{name}.ends" if is_hard else name
    if not words.has(name):
        return None
    facts = {"filed": filing["institution_name"]} if filing is not None else {}
    if registration is not None:
        facts |= {
            "institution": registration["institution_name"],
            "code": words.practice_code(registration["practice_code"]),
            "place": words.place(registration["practice_place"]),
        }
    return Consequence(words.word(name, **facts), is_hard)


def consequence_for(view: Mapping[str, Any]) -> Consequence | None:
    """The same for an application, with what it asks for so far."""
    scopes = view["form"].get("scope", {}).get("scopes", [])
    return consequence_of(view, view["subject"], view["filing"], scopes=scopes)

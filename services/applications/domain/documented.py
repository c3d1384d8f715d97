"""A record that is handed out as a document: how far its PDF is, and where it lies once it is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self


class DocumentState(StrEnum):
    """How far its PDF is; BLOCKED waits for a person, since a character has no shape in our fonts."""

    PENDING = "pending"
    READY = "ready"
    BLOCKED = "blocked"


@dataclass(frozen=True, kw_only=True)
class Documented:
    """What every such record knows of its document, which is rendered after the commit (design D15)."""

    document: DocumentState = DocumentState.PENDING
    document_address: str = ""
    document_size: int = 0
    problem: dict[str, list[str]] = field(default_factory=dict)

    def with_document(self, rendered: Mapping[str, Any]) -> Self:
        """The record after its rendering: the document is there, or a person has to help with missing shapes."""
        if missing := rendered.get("missing"):
            return replace(self, document=DocumentState.BLOCKED, problem={"missing_glyphs": list(missing)})
        return replace(
            self,
            document=DocumentState.READY,
            document_address=rendered["address"],
            document_size=rendered["size"],
            problem={},
        )

"""Practice levels 执业级别 (`domain.md` §5.1)."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """A level of qualification and of practice; its value is what stands in the codes."""

    LICENSED = "1"
    ASSISTANT = "2"
    APPRENTICE_LICENSED = "3"
    APPRENTICE_ASSISTANT = "4"
    RURAL_ASSISTANT = "XC"
    TCM_EXPERT = "ZC"

    @property
    def term(self) -> str:
        """The statutory term."""
        return _TERMS[self]

    @property
    def is_assistant(self) -> bool:
        """Whether the holder has an assistant's rights: one county, one practice place (执业助理医师)."""
        return self in _ASSISTANTS

    @property
    def is_licensed(self) -> bool:
        """Whether the holder has a licensed physician's rights: the whole province (执业医师)."""
        return not self.is_assistant


_TERMS = {
    Level.LICENSED: "执业医师",
    Level.ASSISTANT: "执业助理医师",
    Level.APPRENTICE_LICENSED: "师承或确有专长执业医师",
    Level.APPRENTICE_ASSISTANT: "师承或确有专长执业助理医师",
    Level.RURAL_ASSISTANT: "乡村全科执业助理医师",
    Level.TCM_EXPERT: "中医（专长）医师",
}
_ASSISTANTS = frozenset({Level.ASSISTANT, Level.APPRENTICE_ASSISTANT, Level.RURAL_ASSISTANT})

EXAMINED: frozenset[Level] = frozenset(
    {Level.LICENSED, Level.ASSISTANT, Level.APPRENTICE_LICENSED, Level.APPRENTICE_ASSISTANT}
)
"""The levels that a digit names in exam and certificate codes."""

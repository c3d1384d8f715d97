"""An error as an operator may read it: what kind, which code, where; never its text, which may hold personal data."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

from .errors import DomainError

_FRAMES_TOLD: Final = 4


def told_of(error: BaseException) -> str:
    """`Conflict case_changed (repository.py:41 save, service.py:90 decide)`, the innermost place first."""
    name = type(error).__name__
    kind = f"{name} {error.code}" if isinstance(error, DomainError) else name
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_TOLD:]
    places = ", ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    return f"{kind} ({places})" if places else kind

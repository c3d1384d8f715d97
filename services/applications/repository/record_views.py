"""Who of the staff looked at which record today, so that the access log has each look once a day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from shared.platform.daily_marks import forget_before, is_marked, mark

from ..models import RecordViewRow


class RecordViews:
    """The looks of a day."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def was_seen(self, record_id: UUID, what: str, viewer: str, day: date) -> bool:
        """Whether that day's access log has this look already."""
        return is_marked(self._session, RecordViewRow, who=viewer, what=f"{record_id}:{what}", day=day)

    def note(self, record_id: UUID, what: str, viewer: str, day: date) -> bool:
        """Note a look; whether it is the first of the day."""
        return mark(self._session, RecordViewRow, who=viewer, what=f"{record_id}:{what}", day=day)

    def forget(self, before: date) -> int:
        """Drop the notes of days that are over; the access log itself is kept by `accounts`."""
        return forget_before(self._session, RecordViewRow, before)

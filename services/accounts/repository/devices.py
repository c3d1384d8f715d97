"""From which devices an account was used, by the keyed hash of what each of them keeps."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as Database
from sqlalchemy.orm import aliased

from shared.platform.crypto import KeyRing

from ..domain.devices import KEPT, is_news
from ..models import DeviceRow


class Devices:
    """The devices of accounts. The hash is made with the account, so that nothing tells who shares a device."""

    def __init__(self, session: Database, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def meet(self, account_id: UUID, token: str, now: datetime) -> bool:
        """Note a login from a device; whether the account's holder is told of it."""
        index = self._ring.index(f"{account_id} {token}", purpose="device")
        others = select(DeviceRow.token_index).where(DeviceRow.account_id == account_id, DeviceRow.token_index != index)
        knows_others = self._session.scalar(others.limit(1)) is not None
        dialect = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        added = self._session.execute(
            dialect.insert(DeviceRow)
            .values(account_id=account_id, token_index=index, first_seen_at=now, last_seen_at=now)
            .on_conflict_do_nothing()
            .returning(DeviceRow.token_index)
        )
        knows_this = added.scalar() is None
        if knows_this:
            this = (DeviceRow.account_id == account_id) & (DeviceRow.token_index == index)
            self._session.execute(update(DeviceRow).where(this).values(last_seen_at=now))
        return is_news(knows_this=knows_this, knows_others=knows_others)


def forget_old_devices(session: Database, now: datetime) -> None:
    """Delete what was not used for long; an account keeps its last device, or a stranger's would pass for its first."""
    later = aliased(DeviceRow)
    used_since = (
        select(later.account_id)
        .where(later.account_id == DeviceRow.account_id, later.last_seen_at > DeviceRow.last_seen_at)
        .exists()
    )
    session.execute(delete(DeviceRow).where(DeviceRow.last_seen_at <= now - KEPT, used_since))

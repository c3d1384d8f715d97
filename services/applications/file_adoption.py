"""How a file comes to be referred to, safe against a crash at any point: it is noted first, then taken over."""

from __future__ import annotations

from datetime import datetime

from shared.platform.files import FileStore, Received, StoredFile
from shared.platform.timers import OpenUnit

from .unit_of_work import ApplicationsUnitOfWork


def take_over(
    open_unit: OpenUnit[ApplicationsUnitOfWork], files: FileStore, received: Received, now: datetime
) -> StoredFile:
    """Adopt what waits in `incoming/`, for a record that is about to refer to it.

    The same content may lie here already and be about to go: the note puts its removal off. And if nothing comes to
    refer to it, because the command is refused or the process dies, it goes.
    """
    with open_unit() as uow:
        uow.stored_files.look_again([files.address_of(received.digest)], now)
        uow.commit(refused=True)
    return files.adopt(received)

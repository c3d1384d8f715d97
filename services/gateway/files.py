"""Files through the gateway: uploads go sealed into the waiting room, granted downloads are streamed (design D14)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, current_app

from shared.contracts import applications
from shared.platform.crypto import transport_box
from shared.platform.errors import InvalidInput
from shared.platform.files import GrantedFile, IncomingFiles, Readable, Received, open_grant

from .calls import call

#: An exam result file of a million candidates, in bytes.
MAX_RESULT_FILE = 400 * 1024 * 1024


def incoming() -> IncomingFiles:
    """The waiting room of uploads."""
    return IncomingFiles(current_app.extensions["yizhu.settings"], transport_box())


def receive(stream: Readable, limit: int) -> Received:
    """Take an upload of at most `limit` bytes into the waiting room."""
    return incoming().receive(stream, limit)


def attach_material(
    application_id: UUID,
    version: int,
    kind: str,
    stream: Readable,
    *,
    filename: str,
    media_type: str,
    size: int | None,
    key: str | None = None,
) -> dict[str, Any]:
    """Upload one material: ask the owner for leave, take the bytes, hand the file over; the changed application."""
    if not size:
        raise InvalidInput("invalid_input", fields={"file": ["required"]})
    grant = call(applications.GRANT_UPLOAD, id=application_id, kind=kind, size=size, media_type=media_type)
    received = receive(stream, int(grant["max_size"]))
    answer: dict[str, Any] = call(
        applications.ATTACH_MATERIAL,
        id=application_id,
        version=version,
        kind=kind,
        reference=received.reference,
        sha256=received.digest,
        size=received.size,
        filename=filename,
        media_type=media_type,
        key=key,
    )
    return answer


def download(reference: str, *, inline: bool = False) -> Response:
    """Stream the file behind a grant; its name is sent as RFC 5987 asks, so Chinese names survive."""
    granted: GrantedFile = open_grant(reference, current_app.extensions["yizhu.settings"], transport_box())
    response = Response(granted.pieces, mimetype=granted.media_type)
    place = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f"{place}; filename*=UTF-8''{quote(granted.filename)}"
    response.headers["Content-Length"] = str(granted.size)
    return response

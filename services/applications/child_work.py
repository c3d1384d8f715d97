"""What this service does in a child process: looking into uploads, rendering and signing (design D6, D14, D15).

The child has the deployment's settings, and so opens and seals stored files itself: no content travels in a message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from io import BytesIO
from typing import Any

from shared.platform.config import load_deployment
from shared.platform.crypto import storage_ring, transport_box
from shared.platform.files import FileStore, IncomingFiles

from .inspection import inspect
from .name import SERVICE
from .rendering import missing_glyphs, render_certificate, render_document, texts_of
from .signing import load_chain, sign, sign_text

LARGEST_DOCUMENT = 20 * 1024 * 1024
CERTIFICATE_REASON = "签发医师执业证书"
DOCUMENT_REASON = "签发{title}"


def inspect_upload(payload: dict[str, Any]) -> dict[str, Any]:
    """Type and pages of an upload that waits under `reference`; a refusal names what is wrong with it."""
    content = IncomingFiles(load_deployment(), transport_box()).read(payload["reference"])
    found = inspect(content, allowed=tuple(payload["allowed"]), is_photo=payload["is_photo"])
    return {"media_type": found.media_type, "pages": found.pages}


def issue_certificate(payload: dict[str, Any]) -> dict[str, Any]:
    """Render and sign a practice certificate: as `_issue` answers."""

    def render(store: FileStore) -> bytes:
        photo = store.read(payload["photo_address"]) if payload["photo_address"] else None
        return render_certificate(payload["facts"], verify_url=payload["verify_url"], photo=photo)

    return _issue(payload["facts"], CERTIFICATE_REASON, render)


def issue_document(payload: dict[str, Any]) -> dict[str, Any]:
    """Render and sign a slip, letter or receipt: as `_issue` answers."""

    def render(store: FileStore) -> bytes:
        return render_document(payload["kind"], payload["facts"], verify_url=payload["verify_url"])

    return _issue(payload["facts"], DOCUMENT_REASON.format(title=payload["facts"]["title"]), render)


def _issue(texts: dict[str, Any], reason: str, render: Callable[[FileStore], bytes]) -> dict[str, Any]:
    """The signed document, left to be adopted: `{"reference", "digest", "size"}`.

    `{"missing": [...]}` where a shape is lacking.
    """
    if missing := missing_glyphs(texts_of(texts)):
        return {"missing": missing}
    deployment = load_deployment()
    store = FileStore(SERVICE, deployment, storage_ring(SERVICE), transport_box())
    signed = BytesIO(sign(render(store), load_chain(deployment), reason=reason))
    return asdict(store.incoming.receive(signed, LARGEST_DOCUMENT))


def sign_statement(payload: dict[str, Any]) -> dict[str, Any]:
    """The signature of a statement on the register, with the chain that it can be checked with."""
    return sign_text(payload["statement"], load_chain(load_deployment()))

"""What this service does in a child process: looking into uploads, rendering and signing (design D6, D14, D15).

The child has the deployment's settings, and so opens and seals stored files itself: no content travels in a message.
"""

from __future__ import annotations

from dataclasses import asdict
from io import BytesIO
from typing import Any

from shared.platform.config import load_deployment
from shared.platform.crypto import storage_ring, transport_box
from shared.platform.files import FileStore, IncomingFiles

from .inspection import inspect
from .rendering import missing_glyphs, render_certificate, texts_of
from .signing import load_chain, sign
from .unit_of_work import SERVICE

LARGEST_DOCUMENT = 20 * 1024 * 1024
REASON = "签发医师执业证书"


def inspect_upload(payload: dict[str, Any]) -> dict[str, Any]:
    """Type and pages of an upload that waits under `reference`; a refusal names what is wrong with it."""
    content = IncomingFiles(load_deployment(), transport_box()).read(payload["reference"])
    found = inspect(content, allowed=tuple(payload["allowed"]), is_photo=payload["is_photo"])
    return {"media_type": found.media_type, "pages": found.pages}


def issue_certificate(payload: dict[str, Any]) -> dict[str, Any]:
    """Render and sign a certificate, and leave it to be adopted: `{"reference", "digest", "size"}`.

    `{"missing": [...]}` where a shape is lacking.
    """
    if missing := missing_glyphs(texts_of(payload["facts"])):
        return {"missing": missing}
    deployment = load_deployment()
    store = FileStore(SERVICE, deployment, storage_ring(SERVICE), transport_box())
    photo = store.read(payload["photo_address"]) if payload["photo_address"] else None
    pdf = render_certificate(payload["facts"], verify_url=payload["verify_url"], photo=photo)
    signed = BytesIO(sign(pdf, load_chain(deployment), reason=REASON))
    return asdict(store.incoming.receive(signed, LARGEST_DOCUMENT))

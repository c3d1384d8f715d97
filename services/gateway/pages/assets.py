"""The site's own static files and htmx from its locked package, with content-addressed URLs that browsers keep."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from flask import Response, abort, make_response, redirect, request, url_for

from .blueprint import pages

_STATIC = Path(__file__).parent.parent / "static"
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A file as it is sent: plain, packed, and the digest that names its content."""

    content: bytes
    packed: bytes
    digest: str
    media_type: str


@cache
def asset(name: str) -> Asset | None:
    """A static file by name, read once; None for a name that is not ours."""
    if name == "htmx.js":
        content = files("js_lib_htmx").joinpath("static/htmx/htmx.min.js").read_bytes()
    elif name in {path.name for path in _STATIC.iterdir()}:
        content = (_STATIC / name).read_bytes()
    else:
        return None
    media_type = _TYPES[name.rsplit(".", 1)[-1]]
    return Asset(content, gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:12], media_type)


def asset_url(name: str) -> str:
    """The URL of a static file; it changes with the content."""
    found = asset(name)
    if found is None:
        raise LookupError(name)
    return url_for("pages.static_file", name=name, v=found.digest)


@pages.get("/assets/<name>")
def static_file(name: str) -> Response:
    """A static file, packed where the browser takes that; kept for ever under its content's own URL."""
    found = asset(name)
    if found is None:
        abort(404)
    packs = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(found.packed if packs else found.content, content_type=found.media_type)
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = _FOREVER if request.args.get("v") == found.digest else "no-cache"
    response.set_etag(found.digest)
    response.make_conditional(request)
    return response


@pages.get("/favicon.ico")
def favicon() -> Response:
    """Browsers ask here unasked; the icon is the same drawing."""
    return make_response(redirect(asset_url("icon.svg"), 303))

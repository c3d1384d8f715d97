"""`/api/docs`: the OpenAPI document in Swagger UI, every asset from the installed package, none from elsewhere."""

from __future__ import annotations

from pathlib import Path

import flask_swagger_ui
from flask import Flask, Response, send_from_directory

_ASSETS = Path(flask_swagger_ui.__file__).parent / "dist"
_SERVED = frozenset({"swagger-ui.css", "swagger-ui-bundle.js"})
#: Swagger UI sets styles by attribute and draws its icons from data: URLs; no page of ours gets this policy.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · Yizhu</title><link rel="stylesheet" href="/api/docs/swagger-ui.css"></head>
<body><div id="docs"></div><script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script></body></html>
"""
_START = """SwaggerUIBundle({url: "/api/openapi.json", dom_id: "#docs", deepLinking: true, docExpansion: "none"});
"""


def register(app: Flask) -> None:
    """Serve the page, its start script and the two files of Swagger UI."""

    @app.get("/api/docs")
    def api_docs() -> Response:
        response = Response(_PAGE, mimetype="text/html")
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    @app.get("/api/docs/start.js")
    def api_docs_start() -> Response:
        return Response(_START, mimetype="text/javascript")

    @app.get("/api/docs/<name>")
    def api_docs_asset(name: str) -> Response:
        return send_from_directory(_ASSETS, name if name in _SERVED else "", max_age=86400)

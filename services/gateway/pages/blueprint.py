"""The one blueprint that all pages stand on."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint

pages = Blueprint("pages", __name__, template_folder=str(Path(__file__).parent.parent / "templates"))

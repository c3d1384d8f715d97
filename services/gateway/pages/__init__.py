"""The pages: server-rendered, each works without JavaScript, every change is a POST that answers 303."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from .blueprint import pages
from .rendering import prepare

__all__ = ["register"]

#: The modules whose views stand on the blueprint.
VIEWS = (
    "account_binding",
    "applications",
    "assets",
    "authority",
    "captcha",
    "certificates",
    "demo",
    "display",
    "exam_centre",
    "guide",
    "institution",
    "lookup",
    "materials",
    "mine",
    "person_home",
    "progress",
    "sign_in",
    "sign_up",
    "verify",
)


def register(app: Flask) -> None:
    """Put every page, the templates' helpers and the static files on the application."""
    prepare(app)
    for module in VIEWS:
        import_module(f"{__name__}.{module}")
    app.register_blueprint(pages)

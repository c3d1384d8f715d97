"""证照核验: by the check code, typed or from the QR code of a certificate."""

from __future__ import annotations

import re

from flask import Response, request, url_for

from shared.contracts import applications

from ..calls import call
from ..forms import Form
from ..http_errors import field_sentence
from .blueprint import pages
from .rendering import form_page, page, see_other


@pages.get("/verify")
def verify() -> Response:
    """The form."""
    return form_page("public/verify.html", Form())


@pages.post("/verify")
def verify_typed() -> Response:
    """Go to the page of the typed code: it is opaque, so it may stand in a URL."""
    form = Form(request.form)
    code = re.sub(r"[\s-]", "", form.need("check_code")).upper()
    if code and not re.fullmatch(r"[A-Za-z0-9_]{8,64}", code):
        form.refuse("check_code", field_sentence("check_code_format", "check_code"))
    if form.is_wrong:
        return form_page("public/verify.html", form)
    return see_other(url_for("pages.verified", check_code=code))


@pages.get("/verify/<check_code>")
def verified(check_code: str) -> Response:
    """What the public may know of the certificate now."""
    if not 8 <= len(check_code) <= 64:
        return page("public/verified.html", found={"verdict": "unknown", "physician": None, "checked_at": None})
    return page("public/verified.html", found=call(applications.CHECK_CERTIFICATE, check_code=check_code))

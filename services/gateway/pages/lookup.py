"""医师查询: exact full name and province, behind a captcha; no name stands in a URL, so the answer is the POST's."""

from __future__ import annotations

from flask import Response, request

from shared.platform.errors import DomainError

from ..forms import Form
from ..routes.public import search
from .blueprint import pages
from .captcha import answer_of, new_nonce, wants_new_captcha
from .rendering import form_page, page

_FIELDS = {"captcha_answer": "captcha_answer", "captcha_id": "captcha_answer", "captcha_failed": "captcha_answer"}


@pages.get("/lookup")
def lookup() -> Response:
    """The form."""
    return form_page("public/lookup.html", Form(), nonce=new_nonce())


@pages.post("/lookup")
def look_up() -> Response:
    """Search, and show whoever bears the name in that province."""
    form = Form(request.form)
    if wants_new_captcha():
        return form_page("public/lookup.html", form, nonce=new_nonce())
    name, province = form.need("name"), form.need("province")
    captcha = answer_of(form)
    if not form.is_wrong:
        try:
            found = search({"name": name, "province": province, "institution": form.text("institution"), **captcha})
        except DomainError as refused:
            form.blame(refused, _FIELDS, "captcha_answer" if "captcha" in refused.code else "name")
        else:
            return page("public/lookup_results.html", found=found, name=name, province=province)
    return form_page("public/lookup.html", form, nonce=new_nonce())

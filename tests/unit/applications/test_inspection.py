"""An upload is judged by its content: type, legibility, size; never by its name (design D14)."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfWriter

from commands.journey.papers import paper, photo
from services.applications.inspection import MOST_PAGES, Inspected, inspect
from shared.platform.errors import InvalidInput

PICTURES = ("image/jpeg", "image/png")
PAPERS = ("application/pdf", *PICTURES)


def picture(width: int, height: int, form: str = "PNG") -> bytes:
    """A plain picture."""
    stream = BytesIO()
    Image.new("1" if form == "PNG" else "RGB", (width, height)).save(stream, form)
    return stream.getvalue()


def pdf(pages: int = 1, password: str = "") -> bytes:
    """A PDF of blank pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    if password:
        writer.encrypt(password)
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def fault(content: bytes, *, allowed: tuple[str, ...] = PAPERS, is_photo: bool = False) -> str:
    """The code of what is wrong with a file."""
    with pytest.raises(InvalidInput) as refused:
        inspect(content, allowed=allowed, is_photo=is_photo)
    return str(refused.value.facts["fields"]["file"][0])


def test_portraits_and_papers_are_known_for_what_they_are():
    """The journeys' own files, and a PDF of several pages."""
    assert inspect(photo(), allowed=PICTURES, is_photo=True) == Inspected("image/jpeg", 1)
    assert inspect(picture(300, 420), allowed=PICTURES, is_photo=True) == Inspected("image/png", 1)
    assert inspect(paper("proof"), allowed=PAPERS, is_photo=False) == Inspected("application/pdf", 1)
    assert inspect(pdf(3), allowed=PAPERS, is_photo=False) == Inspected("application/pdf", 3)


@pytest.mark.parametrize(
    ("content", "changed", "code"),
    [
        (b"", {}, "file_type_not_allowed"),
        (b"MZ\x90\x00 a program named photo.jpg", {}, "file_type_not_allowed"),
        (b"GIF89a" + b"\0" * 100, {}, "file_type_not_allowed"),
        (pdf(), {"allowed": PICTURES}, "file_type_not_allowed"),
        (photo()[:400], {}, "file_damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 200, {}, "file_damaged"),
        (b"%PDF-1.7\nnothing that a reader could follow", {}, "file_damaged"),
        (picture(199, 400), {}, "picture_too_small"),
        (picture(12_001, 300), {}, "picture_too_large"),
        (picture(11_000, 11_000), {}, "picture_too_large"),
        (picture(600, 400), {"is_photo": True}, "photo_not_upright"),
        (picture(300, 900), {"is_photo": True}, "photo_not_upright"),
        (pdf(password="secret"), {}, "pdf_encrypted"),
        (pdf(MOST_PAGES + 1), {}, "pdf_too_many_pages"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(content, changed, code):
    """A wrong type, a cut-off file, a picture that shows nothing, a bomb, a locked document."""
    assert fault(content, **changed) == code


@given(st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4\n", b""]), st.binary(max_size=2000))
def test_any_bytes_are_judged_and_never_a_fault(magic, rest):
    """Whatever is uploaded, the answer is a judgement."""
    with suppress(InvalidInput):
        assert inspect(magic + rest, allowed=PAPERS, is_photo=False).pages >= 1

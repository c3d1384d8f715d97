"""The files that an example applicant uploads: a plain portrait and a page that says what it stands for."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

#: Two inches at 300 dots an inch: the measure of a passport-size photo (二寸).
PHOTO_SIZE = (413, 579)
_A4 = (1240, 1754)


def photo() -> bytes:
    """A JPEG portrait of nobody: head and shoulders on white."""
    picture = Image.new("RGB", PHOTO_SIZE, "#ffffff")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((126, 110, 287, 310), fill="#d8b9a2")
    draw.pieslice((36, 330, 377, 830), 180, 360, fill="#3d5a73")
    draw.pieslice((120, 90, 293, 260), 180, 360, fill="#2a2522")
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=88, dpi=(300, 300))
    return stream.getvalue()


def paper(title: str) -> bytes:
    """A one-page PDF scan with a title (ASCII) and the outline of a seal."""
    page = Image.new("RGB", _A4, "#ffffff")
    draw = ImageDraw.Draw(page)
    draw.text((140, 140), title, fill="#17212b", font_size=44)
    for line in range(12):
        draw.line((140, 280 + line * 60, 1100 - (line % 4) * 90, 280 + line * 60), fill="#7f8a93", width=4)
    draw.ellipse((820, 1180, 1080, 1440), outline="#b3261e", width=8)
    stream = BytesIO()
    page.save(stream, "PDF", resolution=150)
    return stream.getvalue()

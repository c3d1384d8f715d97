"""Documents as PDF/A-2a and PDF/UA-1, made by Typst from a template; runs in a child process (design D15)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import segno
import typst
from fontTools.ttLib import TTFont
from PIL import Image, ImageOps

TEMPLATES = Path(__file__).parent / "documents"
FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent
SERIF = "NotoSerifSC-Regular.otf"
STANDARDS = ["a-2a", "ua-1"]
PHOTO_SIZE = (413, 542)
"""Dots of the printed photo, 35 by 45.9 millimetres at 300 an inch."""


@dataclass(frozen=True)
class Picture:
    """A picture that goes into a document: its bytes and the file name under which the template finds it."""

    name: str
    content: bytes


def render_certificate(facts: dict[str, Any], *, verify_url: str, photo: bytes | None) -> bytes:
    """The practice certificate as an unsigned PDF; `facts` are the texts as printed."""
    pictures = [Picture("qr.svg", qr_code(verify_url))]
    if photo is not None:
        pictures.append(Picture("photo.svg", portrait(photo)))
    return _compile("practice_certificate", {**facts, "photo": photo and "photo.svg"}, pictures)


def missing_glyphs(texts: Iterable[str]) -> list[str]:
    """The characters, as `U+…`, that a document's font has no shape for; found before rendering, never an empty box."""
    known = _characters()
    lacking = {character for text in texts for character in text if ord(character) not in known}
    return sorted(f"U+{ord(character):04X}" for character in lacking if not character.isspace())


def texts_of(facts: Any) -> list[str]:
    """Every text inside of what is to be printed."""
    if isinstance(facts, str):
        return [facts]
    if isinstance(facts, dict):
        return [text for item in facts.values() for text in texts_of(item)]
    if isinstance(facts, list):
        return [text for item in facts for text in texts_of(item)]
    return []


def qr_code(url: str) -> bytes:
    """A QR code as SVG without a quiet zone of its own; the template gives it one."""
    stream = BytesIO()
    segno.make(url, error="m", micro=False).save(stream, kind="svg", border=0, dark="#17212b", xmldecl=False)
    return stream.getvalue()


def portrait(content: bytes) -> bytes:
    """A photo as printed: upright, cut to two inches' proportions, without what the camera wrote beside the picture.

    The engine takes text files only, so the picture rides inside an SVG.
    """
    with Image.open(BytesIO(content)) as picture:
        upright = ImageOps.exif_transpose(picture).convert("RGB")
        fitted = ImageOps.fit(upright, PHOTO_SIZE, centering=(0.5, 0.35))
    stream = BytesIO()
    fitted.save(stream, "JPEG", quality=90)
    data = base64.b64encode(stream.getvalue()).decode()
    width, height = PHOTO_SIZE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/jpeg;base64,{data}"/></svg>'
    ).encode()


def _compile(template: str, facts: dict[str, Any], pictures: Iterable[Picture]) -> bytes:
    files = {"main.typ": (TEMPLATES / f"{template}.typ").read_bytes()}
    files |= {picture.name: picture.content for picture in pictures}
    # Several files at once, none of them on disk: the engine takes that, its type stubs don't say so.
    compile_files: Any = typst.compile
    pdf: bytes = compile_files(
        files,
        format="pdf",
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"facts": json.dumps(facts, ensure_ascii=False)},
        pdf_standards=STANDARDS,
    )
    return pdf


@cache
def _fonts() -> Any:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


@cache
def _characters() -> frozenset[int]:
    """What the serif font can show: it sets every name; the other one sets digits only."""
    with TTFont(FONTS / SERIF, lazy=True) as font:
        return frozenset(font.getBestCmap())

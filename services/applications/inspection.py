"""Is an uploaded file what it says it is, and can it be read? The content is asked, never the name or the browser."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from shared.platform.errors import InvalidInput

FEWEST_DOTS, MOST_DOTS = 200, 12_000
"""What a side of a picture may measure: below it nothing can be read, above it something else is meant."""
MOST_PIXELS = 60_000_000
PHOTO_PROPORTIONS = (0.6, 0.9)
"""Width to height of an upright portrait; two inches are 35 by 49 millimetres, 0.71."""
MOST_PAGES = 50

_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}


@dataclass(frozen=True)
class Inspected:
    """What a file turned out to be."""

    media_type: str
    pages: int


def inspect(content: bytes, *, allowed: tuple[str, ...], is_photo: bool) -> Inspected:
    """What the file is, or `InvalidInput` with the fault at `file`.

    Codes: `file_type_not_allowed`, `file_damaged`, `picture_too_small`, `picture_too_large`, `photo_not_upright`,
    `pdf_encrypted`, `pdf_without_pages`, `pdf_too_many_pages`.
    """
    found = next((media_type for magic, media_type in _MAGIC.items() if content.startswith(magic)), None)
    if found is None or found not in allowed:
        raise _wrong("file_type_not_allowed")
    return Inspected(found, _INSPECTORS[found](content, is_photo))


def _picture(content: bytes, is_photo: bool) -> int:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content)) as picture:
                width, height = picture.size
                _check_size(width, height)
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _wrong("picture_too_large") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _wrong("file_damaged") from error
    least, most = PHOTO_PROPORTIONS
    if is_photo and not least <= width / height <= most:
        raise _wrong("photo_not_upright")
    return 1


def _check_size(width: int, height: int) -> None:
    if min(width, height) < FEWEST_DOTS:
        raise _wrong("picture_too_small")
    if max(width, height) > MOST_DOTS or width * height > MOST_PIXELS:
        raise _wrong("picture_too_large")


def _pdf(content: bytes, is_photo: bool) -> int:
    # The reader that signs our own documents; it follows the structure and runs nothing that a file contains.
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(BytesIO(content), strict=False)
        if reader.encrypted:
            raise _wrong("pdf_encrypted")
        pages = int(reader.root["/Pages"]["/Count"])
    except (PdfError, KeyError, ValueError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise _wrong("file_damaged") from error
    if pages < 1:
        raise _wrong("pdf_without_pages")
    if pages > MOST_PAGES:
        raise _wrong("pdf_too_many_pages")
    return pages


_INSPECTORS: dict[str, Callable[[bytes, bool], int]] = {
    "image/jpeg": _picture,
    "image/png": _picture,
    "application/pdf": _pdf,
}


def _wrong(code: str) -> InvalidInput:
    return InvalidInput("invalid_input", fields={"file": [code]})

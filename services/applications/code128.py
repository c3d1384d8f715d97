"""Code 128 (ISO/IEC 15417), code set B: the barcode of an application number, as SVG.

Written here since no locked library draws it (`segno` draws QR codes only), and what is needed is one table of the
standard, a checksum and rectangles.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

# Bar, space, bar, space, bar, space of the symbols 0–105 in modules; each is eleven modules wide.
_WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221"
    "223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321"
    "112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131"
    "311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114"
    "122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232"
)
_STOP = "2331112"
_START_B, _FIRST, _CHECK_MODULUS = 104, 32, 103
QUIET_ZONE = 10
"""Modules that stay white on either side, as the standard asks."""


def symbols(text: str) -> list[int]:
    """The symbols of a text with start and check symbol, without the stop; `ValueError` for what isn't ASCII text."""
    values = [ord(character) - _FIRST for character in text]
    if not text or any(not 0 <= value <= 94 for value in values):
        raise ValueError("code set B holds printable ASCII only")
    check = (_START_B + sum(position * value for position, value in enumerate(values, 1))) % _CHECK_MODULUS
    return [_START_B, *values, check]


def modules(text: str) -> list[int]:
    """The widths of bars and spaces in turn, beginning and ending with a bar."""
    pattern = "".join(_WIDTHS[6 * symbol : 6 * symbol + 6] for symbol in symbols(text)) + _STOP
    return [int(width) for width in pattern]


def svg(text: str, *, height: int = 40) -> bytes:
    """The barcode with its quiet zones; a module is one unit wide."""
    widths = modules(text)
    total = sum(widths) + 2 * QUIET_ZONE
    path = "".join(f"M{left} 0h{width}v{height}h-{width}z" for left, width in _bars(widths))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{height}" viewBox="0 0 {total} {height}">'
        f'<path d="{path}" fill="#000"/></svg>'
    ).encode()


def _bars(widths: Sequence[int]) -> list[tuple[int, int]]:
    """Where each bar begins, and how wide it is."""
    starts = accumulate(widths, initial=QUIET_ZONE)
    return [(start, width) for start, width in list(zip(starts, widths, strict=False))[::2]]

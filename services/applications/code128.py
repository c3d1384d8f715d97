"""Code 128 (ISO/IEC 15417), code set B: the barcode of an application number, as SVG.

Written here since no locked library draws it (`segno` draws QR codes only), and what is needed is one table of the
standard, a checksum and rectangles.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

# Bar, space, bar, space, bar, space of the symbols 0–105 in modules; each is eleven modules wide.
_WIDTHS = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
]
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
    pattern = "".join(_WIDTHS[symbol] for symbol in symbols(text)) + _STOP
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

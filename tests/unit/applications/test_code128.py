"""The barcode of an application number: what a scanner reads is what was printed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.code128 import QUIET_ZONE, modules, svg, symbols

# Drawn by python-barcode 0.16.1 from its own table, and read back by ZXing 2.2: neither is a dependency of ours.
NUMBER = "ZC20261120-0318"
DRAWN_BY_OTHERS = (
    "1101001000011101100010100010001101100111001010011101100110011100101100111010010011100110100111001101"
    "10011100101001110110010011011100100111011001100101110010011100110111010011001010011000011000111010"
    "11"
)


def drawn(widths: list[int]) -> str:
    """Bars as ones, spaces as zeros, a module each."""
    return "".join(str((position + 1) % 2) * width for position, width in enumerate(widths))


def scanned(picture: str) -> str:
    """The modules between the quiet zones, read from the rectangles of the picture."""
    width = int(re.findall(r'width="(\d+)"', picture)[0])
    dots = ["0"] * width
    for left, bar in re.findall(r"M(\d+) 0h(\d+)v", picture):
        dots[int(left) : int(left) + int(bar)] = "1" * int(bar)
    assert dots[:QUIET_ZONE] == dots[-QUIET_ZONE:] == ["0"] * QUIET_ZONE
    return "".join(dots[QUIET_ZONE:-QUIET_ZONE])


def test_an_application_number_is_drawn_as_others_draw_it():
    assert drawn(modules(NUMBER)) == DRAWN_BY_OTHERS


@pytest.mark.parametrize(("text", "check"), [("PJJ123C", 55), (NUMBER, 63)])
def test_the_check_symbol_is_the_weighted_sum_of_start_and_values(text, check):
    """ISO/IEC 15417: start B counts 104, the value in place n counts n times, modulo 103."""
    assert symbols(text)[0] == 104
    assert symbols(text)[-1] == check


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40))
def test_every_symbol_is_eleven_modules_and_the_picture_says_the_same(text):
    """Three bars with an even number of dark modules, start, stop and check included."""
    pattern = drawn(modules(text))
    found = [pattern[start : start + 11] for start in range(0, len(pattern) - 13, 11)]
    assert len(found) == len(text) + 2
    assert all(symbol.count("1") % 2 == 0 and symbol[0] == "1" and symbol[-1] == "0" for symbol in found)
    assert pattern.endswith("1100011101011")
    assert scanned(svg(text).decode()) == pattern


@given(st.lists(st.sampled_from("ABCxyz019-"), min_size=2, max_size=2, unique=True))
def test_two_texts_are_never_drawn_alike(pair):
    first, second = pair
    assert modules(first) != modules(second)


@pytest.mark.parametrize("text", ["", "医注", "A\n", "\x7f"])
def test_what_the_code_set_does_not_hold_is_refused(text):
    with pytest.raises(ValueError, match="code set B"):
        modules(text)

"""Where the keys of a TOML text stand, which `tomllib` doesn't tell: a fault names its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# A comment and a short string are looked at only to be passed over: what opens inside of one opens nothing.
_LONG = re.compile(
    r'(?P<long>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5})|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL
)
_SHORT = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*')
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*("(?:\\.|[^"\\])*"|'[^']*'|[\w-]+)\s*[.=]""")


@dataclass(frozen=True)
class Section:
    """The lines under one header: its name ("" before the first), its line, and the line of each key."""

    name: str
    line: int
    keys: Mapping[str, int]
    is_array: bool = False

    def line_of(self, key: str) -> int:
        """The line on which a key is set, by the first part of its name; where it isn't, that of the header."""
        return self.keys.get(key, self.line)


def sections(text: str) -> list[Section]:
    """The sections of a text that `tomllib` could read, in their order; lines count from 1."""
    keys: dict[str, int] = {}
    found, depth = [Section("", 1, keys)], 0
    for number, line in enumerate(_LONG.sub(_blank, text.replace("\r\n", "\n")).split("\n"), 1):
        if depth == 0 and (header := _HEADER.fullmatch(line)):
            keys = {}
            found.append(Section(header[2], number, keys, is_array=header[1] == "[["))
            continue
        if depth == 0 and (key := _KEY.match(line)):
            keys.setdefault(key[1].strip("\"'"), number)
        bare = _SHORT.sub("", line)
        depth += sum(map(bare.count, "[{")) - sum(map(bare.count, "]}"))
    return found


def count_lines(text: str) -> int:
    """How many lines a text has, at least one."""
    return max(1, text.count("\n") + (not text.endswith("\n")))


def _blank(token: re.Match[str]) -> str:
    """A long string as an empty one that takes as many lines."""
    return '""' + "\n" * token[0].count("\n") if token["long"] else token[0]

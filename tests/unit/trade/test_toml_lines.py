"""Where the keys of a text stand, however it is written."""

from __future__ import annotations

from shared.trade.toml_lines import Section, count_lines, sections

TEXT = '''\
# division = "no"
division = "43"   # [[rule]]
"version" = 2
note = """
[[rule]]
key = 1
""" # the end
list = [
    "[[rule]]",
    ["a"],
    { "b" = 2 },
]

[[ rule ]]  # the first
key = "scope.extra"
value = [
  "C01", # ]
]
text = "#] [["
author.name = "x"

[defaults]
"lapse.years" = 2
'lapse.training_months' = 6
[[rule]]
key = \'\'\'
value = 3\'\'\'
'''


def test_each_section_and_key_has_its_line():
    """Neither a comment nor a string nor the inside of a list begins a section or sets a key."""
    top, first, defaults, second = sections(TEXT)
    assert top == Section("", 1, {"division": 2, "version": 3, "note": 4, "list": 8})
    assert first == Section("rule", 14, {"key": 15, "value": 16, "text": 19, "author": 20}, is_array=True)
    assert defaults == Section("defaults", 22, {"lapse.years": 23, "lapse.training_months": 24})
    assert second == Section("rule", 25, {"key": 26}, is_array=True)
    assert sections(TEXT.replace("\n", "\r\n")) == sections(TEXT)


def test_the_line_of_what_is_not_there_is_that_of_its_header():
    assert [section.line_of("key") for section in sections(TEXT)] == [1, 15, 22, 26]


def test_an_end_without_a_line_break_is_a_line_too():
    assert [count_lines(text) for text in ("", "a", "a\n", "a\nb", "\n\n")] == [1, 1, 1, 2, 2]

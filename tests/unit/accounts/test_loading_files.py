"""CSV files as lines, and what is refused as a whole."""

from __future__ import annotations

import pytest

from services.accounts.loading.files import read_lines
from services.accounts.loading.report import LineReport, LoadReport, Outcome, reasons_of
from services.accounts.schemas import AuthorityLine, InstitutionLine, StaffLine
from shared.platform.errors import Conflict, InvalidInput


def test_lines_come_with_their_numbers_and_without_the_byte_order_mark(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("\ufeffcode, name,division\r\nAUTH-43,湖南省,43\r\n\r\nAUTH-44,广东省,44\r\n", encoding="utf-8")
    lines = read_lines(file, AuthorityLine)
    assert [(number, cells["code"], cells["name"]) for number, cells in lines] == [
        (2, "AUTH-43", "湖南省"),
        (4, "AUTH-44", "广东省"),
    ]


def test_unknown_and_missing_columns_are_named(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("code,nam,division\nA,b,43\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="file_columns") as refused:
        read_lines(file, AuthorityLine)
    assert refused.value.facts == {"unknown": ["nam"], "missing": ["name"]}


@pytest.mark.parametrize("content", [None, "长沙".encode("gb18030"), b'code,name,division\n"open'])
def test_what_is_no_csv_in_utf8_is_refused(tmp_path, content):
    file = tmp_path / "a.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidInput, match="file_unreadable"):
        read_lines(file, AuthorityLine)


def test_an_empty_cell_is_a_missing_one():
    line = AuthorityLine().load({"code": "AUTH-43", "name": " 湖南省 ", "division": "43", "superior": " ", "phone": ""})
    assert (line["name"], line["superior"], line["phone"], line["kind"]) == ("湖南省", None, "", "authority")


@pytest.mark.parametrize(
    ("form", "cells", "faulty"),
    [
        (AuthorityLine, {"code": "auth", "name": "湖南省", "division": "43"}, {"code"}),
        (
            InstitutionLine,
            {"licence_number": "1", "name": "医院", "division": "43", "authority": "AUTH-43"},
            {"category"},
        ),
        (
            InstitutionLine,
            {
                "licence_number": "1",
                "name": "医院",
                "division": "43",
                "authority": "AUTH-43",
                "category": "99",
                "beds": "-1",
                "licence_valid_to": "soon",
            },
            {"category", "beds", "licence_valid_to"},
        ),
        (StaffLine, {"login_name": "a", "name": "b", "role": "physician", "organisation": "AUTH-43"}, {"role"}),
        (
            StaffLine,
            {"login_name": "a", "name": "b", "role": "clerk", "organisation": "X", "surplus": "x"},
            {"surplus"},
        ),
    ],
)
def test_a_line_of_the_wrong_form_names_its_columns(form, cells, faulty):
    with pytest.raises(InvalidInput) as refused:
        form().load(cells)
    assert set(refused.value.facts["fields"]) == faulty


def test_a_report_counts_and_sorts():
    report = LoadReport([LineReport(3, "b", Outcome.REFUSED, ("x",)), LineReport(2, "a", Outcome.CREATED)])
    report.sort()
    assert [line.line for line in report.lines] == [2, 3]
    assert report.counts == {"created": 1, "changed": 0, "unchanged": 0, "refused": 1}
    assert not report.is_clean


def test_reasons_are_field_and_code():
    assert reasons_of(InvalidInput("invalid_input", fields={"a": ["x", "y"]})) == ("a: x", "a: y")
    assert reasons_of(Conflict("organisation_changed")) == ("organisation_changed",)

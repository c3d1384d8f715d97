"""Result files of the exam centre for tests, row by row."""

from __future__ import annotations

import csv
import io

from services.sync.domain.result_file import COLUMNS

A_ROW = {
    "year": "2026",
    "round": "1",
    "name": "林静怡",
    "sex": "2",
    "birth_date": "1997-08-15",
    "id_type": "resident_id",
    "id_number": "430199199708150249",
    "ticket": "4305261100123",
    "practical_ticket": "",
    "region": "43",
    "site": "05",
    "exam_code": "110",
    "education": "bachelor",
    "school": "湖南省医科大学",
    "major": "临床医学",
    "photo_hash": "",
    "practical_score": "80.5",
    "practical_result": "pass",
    "comprehensive_score": "420",
    "line": "NATIONAL",
    "line_score": "360",
    "result": "pass",
    "score_sheet": "open",
    "discipline": "none",
    "record_version": "1",
}


def a_file(*rows: dict[str, str]) -> bytes:
    """A result file with these rows; each states only what differs from `A_ROW`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([{**A_ROW, **row}[column] for column in COLUMNS] for row in rows)
    return out.getvalue().encode()

"""CSV files as lines of cells; what isn't such a file at all is refused as a whole."""

from __future__ import annotations

import csv
from pathlib import Path

from shared.platform.errors import InvalidInput

from ..schemas import FileLine
from .organisations import Line


def read_lines(path: Path, form: type[FileLine]) -> list[Line]:
    """The lines of a file in UTF-8, with or without byte order mark, whose columns are those of `form`.

    `InvalidInput`: `file_unreadable`, or `file_columns` with the unknown and the missing ones. Lines with a wrong
    number of cells come back with the cells they have, and are refused when they are applied.
    """
    known = form().fields
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = [name.strip() for name in reader.fieldnames or []]
            unknown = sorted(set(columns) - set(known))
            missing = sorted(name for name, field in known.items() if field.required and name not in columns)
            if unknown or missing:
                raise InvalidInput("file_columns", unknown=unknown, missing=missing)
            reader.fieldnames = columns
            return [
                (reader.line_num, {str(name or "surplus"): value or "" for name, value in row.items()})
                for row in reader
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("file_unreadable", problem=type(error).__name__) from error

"""The exam centre's result file (`domain.md` §6.2): its columns, and the reasons for which a row is refused or held."""

from __future__ import annotations

from collections.abc import Sequence

from shared.platform.errors import InvalidInput

COLUMNS = (
    "year",
    "round",
    "name",
    "sex",
    "birth_date",
    "id_type",
    "id_number",
    "ticket",
    "practical_ticket",
    "region",
    "site",
    "exam_code",
    "education",
    "school",
    "major",
    "photo_hash",
    "practical_score",
    "practical_result",
    "comprehensive_score",
    "line",
    "line_score",
    "result",
    "score_sheet",
    "discipline",
    "record_version",
)
"""UTF-8 CSV with this header line, one record a row; `docs/cohort.md` explains each."""

HELD_REASONS = frozenset(
    {
        "sex_conflict",
        "birth_date_conflict",
        "name_conflict",
        "ticket_mismatch",
        "pass_below_line",
        "fail_above_line",
        "discipline_flag",
        "changed_after_publication",
        "code_taken",
    }
)
"""The row is well-formed, but a person has to look: it goes to quarantine. Every other reason refuses the row."""


def check_header(header: Sequence[str]) -> None:
    """Refuse a file whose first line isn't the agreed one, naming what is missing or unknown."""
    names = [name.strip().lstrip("\ufeff") for name in header]
    if tuple(names) == COLUMNS:
        return
    raise InvalidInput(
        "result_file_header",
        missing=[name for name in COLUMNS if name not in names],
        unknown=[name[:40] for name in names if name not in COLUMNS][:10],
    )

"""Faults of every kind, each put into rows that were right before, so that their number is known exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from shared.trade.names import same_name
from shared.trade.resident_id import with_check_digit

from .rows import Row

Damage = Callable[[Row, Random], Row]


def _wrong_check_digit(row: Row, random: Random) -> Row:
    number = row.get("id_number")
    return row.with_values(
        "id_check_digit", id_number=number[:17] + random.choice(sorted(set("0123456789X") - {number[17]}))
    )


def _impossible_date(row: Row, random: Random) -> Row:
    number = row.get("id_number")
    return row.with_values("id_date", id_number=with_check_digit(f"{number[:10]}0230{number[14:17]}"))


def _short_id(row: Row, random: Random) -> Row:
    return row.with_values("id_length", id_number=row.get("id_number")[:17])


def _letter_in_id(row: Row, random: Random) -> Row:
    return row.with_values("id_characters", id_number="O" + row.get("id_number")[1:])


def _child(row: Row, random: Random) -> Row:
    number = row.get("id_number")
    born = date(int(row.get("year")) - random.randrange(5, 15), 5, 5)
    return row.with_values(
        "id_age", id_number=with_check_digit(f"{number[:6]}{born:%Y%m%d}{number[14:17]}"), birth_date=born.isoformat()
    )


def _born_in_the_future(row: Row, random: Random) -> Row:
    number = row.get("id_number")
    born = date(int(row.get("year")) + random.randrange(2, 20), 5, 5)
    return row.with_values(
        "id_future",
        id_number=with_check_digit(f"{number[:6]}{born:%Y%m%d}{number[14:17]}"),
        birth_date=born.isoformat(),
    )


def _unknown_id_province(row: Row, random: Random) -> Row:
    return row.with_values("id_province", id_number=with_check_digit(f"99{row.get('id_number')[2:17]}"))


def _digit_in_name(row: Row, random: Random) -> Row:
    return row.with_values("name_characters", name=f"{row.get('name')}{random.randrange(10)}")


def _one_character_name(row: Row, random: Random) -> Row:
    return row.with_values("name_length", name=row.get("name")[0])


def _dot_at_the_end(row: Row, random: Random) -> Row:
    return row.with_values("name_dot", name=f"{row.get('name')}·")


def _other_sex(row: Row, random: Random) -> Row:
    return row.with_values("sex_conflict", sex="2" if row.get("sex") == "1" else "1")


def _other_birth_date(row: Row, random: Random) -> Row:
    born = date.fromisoformat(row.get("birth_date")) + timedelta(days=random.randrange(1, 300))
    return row.with_values("birth_date_conflict", birth_date=born.isoformat())


def _birth_date_in_another_form(row: Row, random: Random) -> Row:
    return row.with_values("birth_date_format", birth_date=row.get("birth_date").replace("-", "/"))


def _unknown_exam_code(row: Row, random: Random) -> Row:
    code = random.choice(("150", "510", "342", "999"))
    ticket = row.get("ticket")
    return row.with_values("exam_code_unknown", exam_code=code, ticket=f"{ticket[:6]}{code}{ticket[9:]}")


def _unknown_region(row: Row, random: Random) -> Row:
    region = random.choice(("71", "81", "99", "00"))
    return row.with_values("region_unknown", region=region, ticket=region + row.get("ticket")[2:], line="NATIONAL")


def _long_ticket(row: Row, random: Random) -> Row:
    return row.with_values("ticket_format", ticket=f"{row.get('ticket')}7")


def _letter_in_ticket(row: Row, random: Random) -> Row:
    return row.with_values("ticket_format", ticket=f"{row.get('ticket')[:12]}O")


def _ticket_of_another_site(row: Row, random: Random) -> Row:
    ticket = row.get("ticket")
    return row.with_values("ticket_mismatch", ticket=f"{ticket[:2]}99{ticket[4:]}")


def _pass_below_line(row: Row, random: Random) -> Row:
    below = int(row.get("line_score")) - random.randrange(1, 40)
    return row.with_values("pass_below_line", practical_result="pass", comprehensive_score=str(below), result="pass")


def _fail_above_line(row: Row, random: Random) -> Row:
    above = int(row.get("line_score")) + random.randrange(0, 40)
    return row.with_values("fail_above_line", practical_result="pass", comprehensive_score=str(above), result="fail")


def _too_many_points(row: Row, random: Random) -> Row:
    return row.with_values(
        "comprehensive_score_range",
        practical_result="pass",
        comprehensive_score="601",
        result="pass",
        discipline="none",
    )


def _score_in_words(row: Row, random: Random) -> Row:
    return row.with_values("practical_score_format", practical_score="合格")


def _line_of_another_province(row: Row, random: Random) -> Row:
    other = "63" if row.get("region") != "63" else "62"
    return row.with_values("line_region", line=f"PROVINCE:{other}")


def _unknown_line(row: Row, random: Random) -> Row:
    return row.with_values("line_unknown", line="LOCAL")


def _flagged(row: Row, random: Random) -> Row:
    return row.with_values("discipline_flag", discipline="flagged")


def _other_year(row: Row, random: Random) -> Row:
    return row.with_values("batch_mismatch", year=str(int(row.get("year")) - 1))


def _passport(row: Row, random: Random) -> Row:
    return row.with_values("id_type_unknown", id_type="passport")


def _column_missing(row: Row, random: Random) -> Row:
    return replace(row, values=row.values[:-1], reasons=("column_count",))


def _column_too_many(row: Row, random: Random) -> Row:
    return replace(row, values=(*row.values, ""), reasons=("column_count",))


SINGLE: tuple[Damage, ...] = (
    _wrong_check_digit,
    _impossible_date,
    _short_id,
    _letter_in_id,
    _child,
    _born_in_the_future,
    _unknown_id_province,
    _digit_in_name,
    _one_character_name,
    _dot_at_the_end,
    _other_sex,
    _other_birth_date,
    _birth_date_in_another_form,
    _unknown_exam_code,
    _unknown_region,
    _long_ticket,
    _letter_in_ticket,
    _ticket_of_another_site,
    _pass_below_line,
    _fail_above_line,
    _too_many_points,
    _score_in_words,
    _line_of_another_province,
    _unknown_line,
    _flagged,
    _other_year,
    _passport,
    _column_missing,
    _column_too_many,
)
"""Faults of one row."""

_PLACE_OF_TICKET = ("region", "site", "exam_code", "ticket", "line", "line_score", "comprehensive_score", "result")


def _same_ticket(first: Row, second: Row) -> tuple[Row, Row]:
    """Two candidates with one ticket: nobody can tell whose result it is."""
    taken = {column: first.get(column) for column in (*_PLACE_OF_TICKET, "practical_result")}
    return first.with_values("ticket_duplicate"), second.with_values("ticket_duplicate", **taken)


def _same_id(first: Row, second: Row) -> tuple[Row, Row]:
    """Two names under one ID; the second row agrees with the ID in everything else."""
    taken = {column: first.get(column) for column in ("id_number", "sex", "birth_date")}
    if same_name(first.get("name"), second.get("name")):
        taken["name"] = f"{second.get('name')}之"
    return first.with_values("name_conflict"), second.with_values("name_conflict", **taken)


PAIRED = (_same_ticket, _same_id)
"""Faults that two rows have with each other."""

KINDS = len(SINGLE) + 2 * len(PAIRED)
"""Rows that one fault of each kind takes."""

"""The heavy part of an import, run in a child process: opens the file, checks rows, makes indexes, seals (design D6).

A child keeps the file open between slices, so that a file is read once; one that starts anew reads up to its place.
Plain numbers never leave it: what goes back to the service is sealed and indexed with the service's own keys.
"""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from services.sync.domain.candidate import Candidate, FileRules, read_row
from services.sync.domain.result_file import check_header
from shared.platform.config import load_deployment
from shared.platform.crypto import KeyRing, storage_ring, transport_box
from shared.platform.errors import InvalidInput
from shared.platform.files import open_grant

SERVICE = "sync"
LONGEST_LINE = 100_000
MOST_MARKS = 50_000
"""Rows that collide with each other; a file with more is no result file."""


class _Reading:
    """One file, read record by record from its first one on."""

    def __init__(self, grant: str) -> None:
        granted = open_grant(grant, load_deployment(), transport_box())
        self._records = csv.reader(_lines(granted.pieces), strict=True)
        self.position = 0
        header = self._next()
        if header is None:
            raise InvalidInput("result_file_empty")
        check_header(header)

    def take(self, limit: int) -> Iterator[tuple[int, list[str]]]:
        """The next records with their lines, `limit` at most; empty lines are passed over."""
        for _ in range(limit):
            record = self._next()
            if record is None:
                return
            self.position += 1
            yield self._records.line_num, record

    def skip_to(self, position: int) -> None:
        """Read up to a place that another child had reached."""
        for _ in self.take(position - self.position):
            pass

    def _next(self) -> list[str] | None:
        try:
            return next((record for record in self._records if record), None)
        except csv.Error as fault:
            raise InvalidInput("result_file_csv", line=self._records.line_num) from fault
        except UnicodeDecodeError as fault:
            raise InvalidInput("result_file_encoding", line=self._records.line_num) from fault


_open: dict[str, _Reading] = {}
"""The file at work, by its batch."""


def survey(payload: dict[str, Any]) -> dict[str, Any]:
    """Look through the whole file: how many records, which tickets occur twice, which IDs have two names."""
    rules, ring = _rules(payload["rules"]), storage_ring(SERVICE)
    reading = _Reading(payload["grant"])
    # Numbers take a third of the room that texts do, which counts with a million rows.
    tickets: set[int] = set()
    names: dict[int, int] = {}
    repeated: set[str] = set()
    conflicts: set[str] = set()
    while records := list(reading.take(1000)):
        for _, record in records:
            candidate = read_row(record, rules).candidate
            if candidate is None:
                continue
            ticket, number = candidate.ticket.value, candidate.resident_id.value
            if int(ticket) in tickets:
                repeated.add(ticket)
            tickets.add(int(ticket))
            name = hash(candidate.name.value)
            if names.setdefault(int(number[:17]), name) != name:
                conflicts.add(number)
        if len(repeated) + len(conflicts) > MOST_MARKS:
            raise InvalidInput("result_file_collisions", limit=MOST_MARKS)
    return {
        "rows": reading.position,
        "tickets": [ring.index(ticket, purpose="ticket") for ticket in repeated],
        "people": [ring.index(number, purpose="id_number") for number in conflicts],
    }


def read_slice(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """The next `limit` records from position `offset` on, checked, indexed and sealed."""
    batch, offset = payload["batch"], payload["offset"]
    reading = _open.get(batch)
    if reading is None or reading.position > offset:
        reading = _Reading(payload["grant"])
    reading.skip_to(offset)
    _open.clear()
    _open[batch] = reading
    rules, ring = _rules(payload["rules"]), storage_ring(SERVICE)
    return [_read(line, record, rules, ring) for line, record in reading.take(payload["limit"])]


def _read(line: int, record: list[str], rules: FileRules, ring: KeyRing) -> dict[str, Any]:
    row = read_row(record, rules)
    found = row.candidate
    if found is None:
        return {"line": line, "reasons": row.reasons}
    return {
        "line": line,
        "reasons": row.reasons,
        "candidate": {
            "name": found.name.value,
            "id_index": ring.index(found.resident_id.value, purpose="id_number"),
            "id_number": ring.seal(found.resident_id.value, purpose="id_number"),
            "ticket_index": ring.index(found.ticket.value, purpose="ticket"),
            "content_index": ring.index(found.content(), purpose="content"),
            "details": ring.seal(_details(found), purpose="details"),
            "region": found.region,
            "level": found.exam_code.level.value,
            "category": found.exam_code.category.value,
            "area": found.area.value,
            "passed": found.passed,
            "sheet_open": found.score_sheet_open,
            "education": found.education,
            "school": found.school,
            "major": found.major,
        },
    }


def _details(found: Candidate) -> str:
    """What is kept sealed: numbers and scores; name and ID too, since a held row belongs to nobody yet."""
    return json.dumps(
        {
            "name": found.name.value,
            "id_number": found.resident_id.value,
            "ticket": found.ticket.value,
            "practical_ticket": found.practical_ticket,
            "site": found.site,
            "practical_score": found.practical_score,
            "comprehensive_score": found.comprehensive_score,
            "line": found.line,
            "line_score": found.line_score,
            "photo_hash": found.photo_hash,
            "record_version": found.record_version,
        },
        ensure_ascii=False,
    )


def _rules(wire: dict[str, Any]) -> FileRules:
    youngest, oldest = wire["age_range"]
    return FileRules(
        year=wire["year"],
        round=wire["round"],
        today=date.fromisoformat(wire["today"]),
        age_range=(youngest, oldest),
        ticket_pattern=wire["ticket_pattern"],
        aliases=wire["aliases"],
    )


def _lines(pieces: Iterator[bytes]) -> Iterator[str]:
    """The lines of a UTF-8 text that comes in pieces, with their ends."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    waiting = ""
    for piece in pieces:
        *lines, waiting = (waiting + decoder.decode(piece)).split("\n")
        yield from (f"{line}\n" for line in lines)
        if len(waiting) > LONGEST_LINE:
            raise InvalidInput("result_file_line_too_long", limit=LONGEST_LINE)
    waiting += decoder.decode(b"", final=True)
    if waiting:
        yield waiting

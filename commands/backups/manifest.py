"""What a backup says of itself: when, of what, and sums by which a restore proves that everything is there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson

from shared.platform.postgres_backup import BackupFailed, TableSum

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
FILE_SUMS: Final = "files.sha256"
FILES: Final = "files"
_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DatabasePart:
    """One service's database in a backup."""

    dump: str  # the file, relative to the backup's folder
    sha256: str
    revision: str  # of the schema
    tables: Mapping[str, TableSum]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A whole backup. It holds no key and no password: keys are kept apart (`KEYS_DIR`)."""

    taken_at: datetime
    origin: str
    provinces: tuple[str, ...]
    services: Mapping[str, DatabasePart]
    files: int

    def write(self, folder: Path) -> None:
        """Put it into the backup's folder, last of all."""
        content = {"format": FORMAT, **asdict(self)}
        (folder / MANIFEST).write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a backup; `BackupFailed` where there is none that this release can read."""
        try:
            content = orjson.loads((folder / MANIFEST).read_bytes())
            if content["format"] != FORMAT:
                raise BackupFailed(f"{folder} is a backup of format {content['format']}, not {FORMAT}")
            return cls(
                taken_at=datetime.fromisoformat(content["taken_at"]),
                origin=content["origin"],
                provinces=tuple(content["provinces"]),
                services={name: _part(part) for name, part in content["services"].items()},
                files=int(content["files"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BackupFailed(f"{folder} is no whole backup ({type(error).__name__})") from error


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's content, in hex."""
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while piece := content.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _part(content: dict[str, object]) -> DatabasePart:
    tables = content["tables"]
    if not isinstance(tables, dict):
        raise TypeError("tables")
    return DatabasePart(
        dump=str(content["dump"]),
        sha256=str(content["sha256"]),
        revision=str(content["revision"]),
        tables={name: TableSum(int(each["rows"]), str(each["checksum"])) for name, each in tables.items()},
    )

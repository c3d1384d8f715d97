"""Writes a backup of a running deployment: every database as of one barrier, and the files they speak of."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from commands.backups.manifest import FILE_SUMS, FILES, DatabasePart, Manifest, sha256_of
from commands.backups.places import KEEPERS, database_url
from shared.platform.clock import now
from shared.platform.config import load_deployment
from shared.platform.postgres_backup import BackupFailed, Snapshot, snapshots


def write_backup(folder: Path, *, for_group: bool = False) -> Manifest:
    """Write a backup to `folder`, which must not exist; it appears there when it is whole, and not before.

    It is open to its owner alone; `for_group`, to the process' group too, which may also remove it.
    """
    if folder.exists():
        raise BackupFailed(f"{folder} exists")
    draft = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(mode=0o700, parents=True)
        manifest = _write(draft)
        if for_group:
            _open_to_group(draft)
        draft.rename(folder)
    except OSError as error:  # the disk is full, or not ours
        shutil.rmtree(draft, ignore_errors=True)
        raise BackupFailed(f"{folder} can't be written: {error.strerror}") from error
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return manifest


def _write(draft: Path) -> Manifest:
    deployment = load_deployment()
    files = draft / FILES
    # Files are never changed, only added and removed. What is there before the barrier is copied before it, so that
    # none is missing that is removed while the dumps are made; the second round adds what came meanwhile.
    _copy_new(deployment.files_dir, files)
    with snapshots({service: database_url(service) for service in KEEPERS}) as taken:
        taken_at = now()
        parts = {service: _dump(draft, service, snapshot) for service, snapshot in taken.items()}
        _copy_new(deployment.files_dir, files)
    return _seal(draft, taken_at, parts)


def _seal(draft: Path, taken_at: datetime, parts: dict[str, DatabasePart]) -> Manifest:
    """Sums of the files in the form that `sha256sum --check` reads, and the manifest."""
    deployment = load_deployment()
    paths = sorted(path for path in (draft / FILES).rglob("*") if path.is_file())
    lines = [f"{sha256_of(path)}  {path.relative_to(draft).as_posix()}\n" for path in paths]
    (draft / FILE_SUMS).write_text("".join(lines), encoding="utf-8")
    manifest = Manifest(taken_at, deployment.origin, deployment.provinces, parts, len(paths))
    manifest.write(draft)
    return manifest


def _dump(draft: Path, service: str, snapshot: Snapshot) -> DatabasePart:
    name = f"{service}.dump"
    snapshot.dump(draft / name)
    return DatabasePart(name, sha256_of(draft / name), snapshot.revision(), snapshot.sums())


def _open_to_group(draft: Path) -> None:
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o770 if path.is_dir() else 0o640)


def _copy_new(source: Path, target: Path) -> None:
    """Copy what isn't there yet; drafts (hidden files) and what goes meanwhile are left out."""
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        copy = target / path.relative_to(source)
        if path.name.startswith(".") or copy.exists() or not path.is_file():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(path, copy)
        except FileNotFoundError:
            copy.unlink(missing_ok=True)

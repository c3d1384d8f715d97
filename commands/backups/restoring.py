"""Restores a backup, or one service's part of it, and proves by its sums that everything is there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from commands.backups.manifest import FILE_SUMS, FILES, DatabasePart, Manifest, sha256_of
from commands.backups.places import database_url
from commands.migrate import migrate_service, migrations_folder
from shared.platform import postgres_backup
from shared.platform.config import load_deployment
from shared.platform.migrations import create_database_if_missing, versions
from shared.platform.postgres_backup import BackupFailed

Tell = Callable[[str], None]


def restore_databases(folder: Path, services: tuple[str, ...], *, replace: bool, tell: Tell) -> Manifest:
    """Bring the services' databases back and to this release's schema; nothing is touched before all can be.

    `BackupFailed` when the backup is damaged or of a later release, when a database is in use, or holds something and
    `replace` is not given. A sum that differs from the manifest's fails the restore.
    """
    manifest = _check_backup(folder, services)
    for service in services:
        create_database_if_missing(database_url(service))
    _check_targets(services, replace=replace)
    for service in services:
        if others := postgres_backup.sessions(database_url(service)):
            raise BackupFailed(f"{service}'s database is in use by {others} sessions; stop the service first")
    for service in services:
        part, url = manifest.services[service], database_url(service)
        if not postgres_backup.is_empty(url):
            postgres_backup.clear(url)
        postgres_backup.restore(url, folder / part.dump)
        _compare(service, part)
        rows = sum(table.rows for table in part.tables.values())
        tell(f"{service}: {rows} rows in {len(part.tables)} tables, as in the backup; {migrate_service(service)}")
    return manifest


def check_restore(folder: Path, services: tuple[str, ...], *, replace: bool) -> Manifest:
    """The manifest of a backup from which these services' databases can be restored; `BackupFailed` says why not.

    Nothing is changed, and services may still run.
    """
    manifest = _check_backup(folder, services)
    _check_targets(services, replace=replace)
    return manifest


def restore_files(folder: Path, services: tuple[str, ...] | None, *, tell: Tell) -> None:
    """Bring the files back that are not there; all, or those of some services. A damaged one is `BackupFailed`."""
    target, count = load_deployment().files_dir, 0
    for digest, name in _listed(folder):
        relative = Path(name).relative_to(FILES)
        if services is not None and relative.parts[0] not in services:
            continue
        copy = target / relative
        if copy.exists():
            continue
        _check_file(folder, name, digest)
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = copy.with_name(f".{copy.name}.restored")
        shutil.copy2(folder / name, draft)
        draft.chmod(0o600)  # in the backup its reader may be another
        draft.rename(copy)
        count += 1
    tell(f"{count} files")


def _check_backup(folder: Path, services: tuple[str, ...]) -> Manifest:
    manifest = Manifest.read(folder)
    if missing := set(services) - set(manifest.services):
        raise BackupFailed(f"the backup has no {', '.join(sorted(missing))}")
    for service in services:
        _check_part(folder, service, manifest.services[service])
    listed = _listed(folder)
    if len(listed) != manifest.files:
        raise BackupFailed(f"{FILE_SUMS} is damaged")
    for digest, name in listed:
        _check_file(folder, name, digest)
    return manifest


def _check_targets(services: tuple[str, ...], *, replace: bool) -> None:
    for service in services:
        url = database_url(service)
        postgres_backup.check_programs(url)
        if not replace and not postgres_backup.is_empty(url):
            raise BackupFailed(f"{service}'s database is not empty; --replace (make: REPLACE=1) gives up what it holds")


def _listed(folder: Path) -> list[tuple[str, str]]:
    """Digest and name of every file in the backup."""
    try:
        lines = (folder / FILE_SUMS).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BackupFailed(f"{FILE_SUMS} can't be read: {error.strerror}") from error
    return [(digest, name) for digest, _, name in (line.partition("  ") for line in lines)]


def _check_file(folder: Path, name: str, digest: str) -> None:
    try:
        found = sha256_of(folder / name)
    except OSError as error:
        raise BackupFailed(f"{name} can't be read: {error.strerror}") from error
    if found != digest:
        raise BackupFailed(f"{name} is damaged")


def _check_part(folder: Path, service: str, part: DatabasePart) -> None:
    file = folder / part.dump
    if not file.is_file() or sha256_of(file) != part.sha256:
        raise BackupFailed(f"{part.dump} is missing or damaged")
    migrations = migrations_folder(service)
    if migrations is None or part.revision not in versions(migrations):
        raise BackupFailed(f"{service} is of a later release ({part.revision}); restore with that one")


def _compare(service: str, part: DatabasePart) -> None:
    found = postgres_backup.sums(database_url(service))
    if found != part.tables:
        wrong = sorted(name for name in found.keys() | part.tables.keys() if found.get(name) != part.tables.get(name))
        raise BackupFailed(f"{service}: not as in the backup: {', '.join(wrong)}")

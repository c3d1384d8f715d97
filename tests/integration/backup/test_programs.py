"""Which pg_restore is fit for a server is told before anything is given up for it."""

from __future__ import annotations

import os

import pytest

from shared.platform.postgres_backup import BackupFailed, check_programs

pytestmark = pytest.mark.postgres


@pytest.fixture
def restored_with(monkeypatch, tmp_path):
    """Let the pg_restore of a version be the first that is found."""

    def take(version):
        program = tmp_path / "pg_restore"
        program.write_text(f"#!/bin/sh\n[ $# = 1 ] && [ $1 = --version ] && echo 'pg_restore (PostgreSQL) {version}'\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    return take


@pytest.mark.parametrize("version", ["15.8 (Debian 15.8-0+deb12u1)", "16.4"])
def test_a_program_of_the_servers_version_or_the_next_restores(database_server, restored_with, version):
    restored_with(version)
    check_programs(database_server.create_database())


@pytest.mark.parametrize("version", ["14.13", "17.0 (Debian 17.0-1)", "18.1"])
def test_a_program_that_the_server_would_not_understand_is_refused(database_server, restored_with, version):
    """An older one can't read the dump; from 17 on it sets what an older server doesn't know, and fails half way."""
    restored_with(version)
    with pytest.raises(BackupFailed, match=f"pg_restore {version[:2]} is not fit for PostgreSQL 15"):
        check_programs(database_server.create_database())

"""The SQL of a new database server, run by a real one: a role a service, its own database, and no other door open."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from commands.deploying.databases import database_of, server_sql
from commands.deploying.folder import WITH_DATABASE
from tests.support.postgres import Postgres, postgres

pytestmark = pytest.mark.postgres

PASSWORDS = {service: f"password-of-{service}" for service in WITH_DATABASE}


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Postgres]:
    """A server that asks roles for passwords, as containers do, and has run the SQL twice."""
    with postgres(private=True) as server:
        server.ask_for_passwords()
        file = tmp_path_factory.mktemp("sql") / "services.sql"
        file.write_text(server_sql(PASSWORDS))
        for _ in range(2):
            program = shutil.which("psql") or "psql"
            done = subprocess.run(
                [program, "-X", "-q", "-f", str(file), f"{server.server_url}/postgres"], capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
        yield server


def address(server: Postgres, role: str, database: str, password: str) -> str:
    host = server.server_url.rpartition("@")[2]
    return f"postgresql://{role}:{password}@{host}/{database}"


@pytest.mark.parametrize("service", WITH_DATABASE)
def test_a_role_enters_its_own_database_and_no_other(server, service):
    role = database_of(service)
    entered = set()
    for database in [*map(database_of, WITH_DATABASE), "postgres", "template1"]:
        try:
            psycopg.connect(address(server, role, database, PASSWORDS[service])).close()
        except psycopg.OperationalError as refusal:
            if "permission denied for database" not in str(refusal):
                raise
        else:
            entered.add(database)
    assert entered == {role}


@pytest.mark.parametrize("service", WITH_DATABASE)
def test_a_role_owns_its_tables_and_rules_nothing_else(server, service):
    role = database_of(service)
    with psycopg.connect(address(server, role, role, PASSWORDS[service]), autocommit=True) as connection:
        connection.execute("CREATE TABLE own (n int)")
        connection.execute("DROP TABLE own")
        for act in ("CREATE DATABASE other", "CREATE ROLE other", "ALTER SYSTEM SET work_mem = '1GB'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(act)


def test_the_verifier_is_that_of_the_password_alone(server):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address(server, "yizhu_review", "yizhu_review", "another"))

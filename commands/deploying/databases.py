"""The SQL that a new database server runs: a role and a database a service, closed to all other roles.

Passwords stand in it as SCRAM verifiers, so the server's container never sees them in the clear.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

_ITERATIONS: Final = 4096

_HEAD: Final = """\
-- Made by `python -m commands province write`; run by a new server, and safe to run again after an upgrade that brings
-- a service: psql -U postgres -f FILE.
\\set ON_ERROR_STOP on
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;
"""
_SERVICE: Final = """
SELECT 'CREATE ROLE {role} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec
ALTER ROLE {role} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD '{verifier}';
SELECT 'CREATE DATABASE {database} OWNER {role}'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role};
"""


def database_of(service: str) -> str:
    """The name of a service's database; its role has the same."""
    return f"yizhu_{service}"


def server_sql(passwords: Mapping[str, str]) -> str:
    """What makes the roles and databases of these services, by their passwords."""
    parts = [
        _SERVICE.format(
            role=database_of(service), database=database_of(service), verifier=scram_verifier(service, password)
        )
        for service, password in sorted(passwords.items())
    ]
    return _HEAD + "".join(parts)


def scram_verifier(service: str, password: str) -> str:
    """What PostgreSQL keeps of a password. The salt comes from the password: the same one gives the same file."""
    salt = hashlib.sha256(f"salt:{service}:{password}".encode()).digest()[:16]
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    text = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return "SCRAM-SHA-256${}:{}${}:{}".format(_ITERATIONS, *text)

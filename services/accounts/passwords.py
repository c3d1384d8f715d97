"""Password hashes (argon2id), made and checked in a real thread, as each takes the processor for some 30 ms."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from shared.platform.threads import in_thread

# OWASP's second profile: 19 MiB, two passes, one lane. Larger ones would let a login spike exhaust the memory.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The hash to store."""
    return in_thread(_HASHER.hash, password)


def hash_password_here(password: str) -> str:
    """The same for a command line, which has nothing to hold up."""
    return str(_HASHER.hash(password))


def is_password(password_hash: str | None, password: str) -> bool:
    """Whether a password belongs to a hash. Without a hash the answer is no, and takes as long to come."""
    return in_thread(_verify, password_hash or _NOBODY, password) and password_hash is not None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return bool(_HASHER.verify(password_hash, password))
    except (VerifyMismatchError, InvalidHashError):
        return False

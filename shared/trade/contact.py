"""How a person is reached and signs in: mobile number, e-mail address, login name, password rule."""

from __future__ import annotations

import re

from shared.platform.errors import InvalidInput

from .text import compact, without_white_space

_MOBILE = re.compile(r"(?:\+?86|0086)?(?P<number>1[3-9]\d{9})")
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_LOGIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{3,19}")

_CLASSES = (("lower", str.islower), ("upper", str.isupper), ("digit", str.isdigit))

PASSWORD_LENGTH, PASSWORD_LONGEST, PASSWORD_CLASSES = 8, 128, 3
"""Policy keys `account.password_length` and `account.password_classes`; the upper bound keeps hashing bounded."""


def parse_mobile(text: str) -> str:
    """The eleven digits of a mainland mobile number; `+86`, `0086`, spaces and hyphens are accepted. `phone_format`."""
    match = _MOBILE.fullmatch(compact(text).replace("-", ""))
    if match is None:
        raise InvalidInput("phone_format")
    return match["number"]


def parse_email(text: str) -> str:
    """An address of the common subset of RFC 5322, its domain in lower case. `email_format`."""
    value = without_white_space(text)
    if len(value) > 254 or _EMAIL.fullmatch(value) is None:
        raise InvalidInput("email_format")
    local, _, domain = value.rpartition("@")
    return f"{local}@{domain.lower()}"


def parse_login_name(text: str) -> str:
    """A login name: 4–20 characters, a letter first, so that it looks neither like a phone nor an address.

    Compared without case; kept as typed. `login_name_format`.
    """
    value = text.strip()
    if _LOGIN_NAME.fullmatch(value) is None:
        raise InvalidInput("login_name_format")
    return value


def check_password(text: str, *, length: int = PASSWORD_LENGTH, classes: int = PASSWORD_CLASSES) -> None:
    """Refuse a weak password: `password_length`, or `password_classes` (of lower, upper, digits, others)."""
    if not length <= len(text) <= PASSWORD_LONGEST:
        raise InvalidInput("password_length", shortest=length, longest=PASSWORD_LONGEST)
    found = {next((name for name, belongs in _CLASSES if belongs(character)), "other") for character in text}
    if len(found) < classes:
        raise InvalidInput("password_classes", classes=classes)

"""What of a personal number may be shown (`domain.md` §10.2): the one place where masks are made."""

from __future__ import annotations

STAR = "*"


def mask_id(resident_id: str) -> str:
    """`430199199503070114` → `4301************14`."""
    if len(resident_id) < 7:
        return STAR * len(resident_id)
    return resident_id[:4] + STAR * (len(resident_id) - 6) + resident_id[-2:]


def mask_code(certificate_code: str) -> str:
    """A qualification code: its first nine characters and the masked ID (`2022431104301************14`)."""
    return certificate_code[:9] + mask_id(certificate_code[9:])


def mask_ticket(ticket: str) -> str:
    """A ticket number: its last four digits."""
    if len(ticket) <= 4:
        return STAR * len(ticket)
    return STAR * (len(ticket) - 4) + ticket[-4:]


def mask_phone(phone: str) -> str:
    """`13800000001` → `138****0001`."""
    if len(phone) < 8:
        return STAR * len(phone)
    return phone[:3] + STAR * (len(phone) - 7) + phone[-4:]


def mask_email(email: str) -> str:
    """`zhang.san@example.org` → `z***@example.org`; the length of the name is not told."""
    local, at, domain = email.partition("@")
    return f"{local[:1]}***{at}{domain}" if at else "***"

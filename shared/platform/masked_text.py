"""Text that may hold a person's numbers, made fit for a log line."""

from __future__ import annotations

import re

# Resident IDs, phones, tickets and certificate codes are all runs of eleven digits or more. Our own record ids hold
# such runs by chance, so an id in its usual spelling is stepped over.
_RECORD_ID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_LONG_NUMBER = re.compile(rf"(?P<record>(?<![0-9a-fA-F-]){_RECORD_ID}(?![0-9a-fA-F-]))|\d{{11,}}[Xx]?")
MASK = "[masked]"


def masked_text(text: str) -> str:
    """`text` with every run of eleven digits or more (and an X at its end) taken out, record ids excepted."""
    return _LONG_NUMBER.sub(lambda found: found.group("record") or MASK, text)

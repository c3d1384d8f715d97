"""What speaks of capacity, punishments or health stays with the authority (个人信息保护法 art.28; domain §10.2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from .makers import an_outcome, in_state

OPEN, SENSITIVE = (
    an_outcome("scope_count", "failed"),
    an_outcome("N2_criminal_penalty", "human_decision", sensitive=True),
)
UNSAID = {name: value for name, value in an_outcome("old_rule", "failed").items() if name != "sensitive"}
CASE = replace(in_state("ORG_REVIEW"), outcomes=(OPEN, SENSITIVE, UNSAID))


@pytest.mark.parametrize("role", ["clerk", "physician", "examiner", "administrator", ""])
def test_who_is_not_of_the_authority_sees_what_is_not_sensitive(role: str):
    """An employer learns nothing of a declaration; what doesn't say what it is counts as sensitive."""
    assert CASE.outcomes_for(role) == (OPEN,)
    assert CASE.failing_checks(role) == 1


@pytest.mark.parametrize("role", ["window", "officer", "head"])
def test_the_authority_sees_all(role: str):
    assert CASE.outcomes_for(role) == (OPEN, SENSITIVE, UNSAID)
    assert CASE.failing_checks(role) == 3

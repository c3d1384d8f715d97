"""The form of a proof: what is malformed is told before anything is looked up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.proofs import CERTIFICATE_CODE, TICKET, proof_not_found, read_proof
from shared.platform.errors import InvalidInput
from shared.trade.resident_id import ResidentId

from .makers import A2, CODE_OF_A, KNOBS, A
from .makers import TICKET as SAMPLE_TICKET


def read(text: str, kind: str = CERTIFICATE_CODE):
    return read_proof(kind, text, this_year=2022, knobs=KNOBS)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (CODE_OF_A[:-1], "certificate_code_length"),  # 26
        (CODE_OF_A + "1", "certificate_code_length"),  # 28 without XC
        (CODE_OF_A[:25], "certificate_code_length"),
        ("", "certificate_code_length"),
        ("2022431104301991995030701A4", "certificate_code_characters"),
        ("202399110430199199503070114", "certificate_code_year"),
        ("202299110430199199503070114", "certificate_code_province"),
        ("202243510430199199503070114", "certificate_code_level"),
        ("202243199430199199503070114", "certificate_code_category"),
        ("202243110430199199503070115", "id_check_digit"),
    ],
)
def test_a_malformed_certificate_code_is_a_format_error(text, code):
    """E14: 26 or 28 characters, and whatever else no look-up could find."""
    with pytest.raises(InvalidInput) as refused:
        read(text)
    assert refused.value.facts["fields"] == {"proof": [code]}


def test_twenty_four_characters_are_for_fifteen_digit_ids():
    """E14: an old certificate holds the legacy ID; it names the same person."""
    proof = read("200143110430199700101013")
    assert proof.could_be_of(ResidentId.parse("430199197001010139"))
    with pytest.raises(InvalidInput):
        read("20014311043019970010101X")


@pytest.mark.parametrize("category", ["", "1", "10"])
def test_twenty_eight_characters_only_with_xc(category):
    """E14: rural assistants' codes have letters in place of the level, so other lengths are theirs alone."""
    proof = read(f"202243XC{category}{A}")
    assert proof.could_be_of(ResidentId.parse(A))


def test_a_code_that_holds_another_id_is_not_looked_up():
    """E15: well-formed, so no format error; it just can't show anything about this holder."""
    proof = read(CODE_OF_A)
    assert proof.could_be_of(ResidentId.parse(A))
    assert not proof.could_be_of(ResidentId.parse(A2))


@pytest.mark.parametrize("text", ["430522110012", "43052211001234", "43052211O0123", "", "４３０５２２１１００１２"])
def test_a_malformed_ticket_is_a_format_error(text):
    """`ticket.pattern`: exactly thirteen digits by default."""
    with pytest.raises(InvalidInput) as refused:
        read(text, TICKET)
    assert refused.value.facts["fields"] == {"proof": ["ticket_format"]}


def test_a_ticket_is_read_in_any_width():
    assert read("４３０５ ２２１１ ００１２３", TICKET).value == SAMPLE_TICKET


def outcome_of(text, kind):
    try:
        return read(text, kind).kind
    except InvalidInput as refused:
        return list(refused.facts["fields"])


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_proof_or_a_field_error(text):
    for kind in (CERTIFICATE_CODE, TICKET):
        assert outcome_of(text, kind) in (kind, ["proof"])


def test_the_neutral_refusal_says_nothing():
    """E15–E18: one code, no facts; so no answer differs from another."""
    assert (proof_not_found().code, proof_not_found().facts) == ("proof_not_found", {})


def test_a_proof_does_not_show_itself():
    assert A not in repr(read(CODE_OF_A))
    assert SAMPLE_TICKET not in repr(read(SAMPLE_TICKET, TICKET))

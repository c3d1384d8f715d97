"""What the public may know of a physician and of a certificate (医师法 art.21; `domain.md` §1, §3.14; E70)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications import views
from services.applications.domain.certificate import Certificate, CertificateStatus, Verdict, verdict
from services.applications.domain.register import Registration
from services.applications.repository.register import Holder
from shared.platform.ids import new_id
from shared.trade.knobs import KNOBS
from shared.trade.statuses import CancellationGround, RegistrationStatus
from tests.unit.applications.factories import a_decision, an_application, enacted, numbered

HOLDER = Holder("沈若溪", "female", "1997-08-15", "430199199708150249", "202643110430199199708150249", "本科")
PUBLIC = (
    "name",
    "sex",
    "level",
    "category",
    "scope",
    "practice_place",
    "main_institution",
    "filed_institutions",
    "practice_code",
    "authority",
    "status",
)
"""`public_lookup.fields` of the handbook, §1."""
SHOWN_AS = {
    "scope": "scopes",
    "main_institution": "institution_name",
    "authority": "authority_name",
    "status": "valid",
}


def issued() -> tuple[Certificate, Registration]:
    """A registration just opened, and its certificate."""
    found = enacted(an_application(), a_decision(authority_id=numbered(0xE1)), new_id, "7K3D-92QF-XM4T")
    return found.certificate, found.registration


def standing(registration: Registration, **changed: object) -> Registration:
    """The registration as it stands after a change."""
    return replace(registration, standing=replace(registration.standing, **changed))


def test_a_certificate_that_says_what_is_so_is_valid():
    """In whatever order the scopes stand."""
    certificate, registration = issued()
    assert verdict(certificate, registration) is Verdict.VALID
    both = replace(certificate, facts=replace(certificate.facts, scopes=("C01", "C03")))
    assert verdict(both, standing(registration, scopes=("C03", "C01"))) is Verdict.VALID


@pytest.mark.parametrize(
    "changed",
    [
        {"scopes": ("C01", "C03")},
        {"category": "20"},
        {"practice_place": "44"},
        {"institution_name": "示例市第二人民医院"},
        {"authority_name": "别处的卫生健康委员会"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_certificate_on_which_something_is_no_longer_so_has_changed(changed):
    """Until the new one is issued, and for ever on the paper that was kept: who reads it is told to look again."""
    certificate, registration = issued()
    assert verdict(certificate, standing(registration, **changed)) is Verdict.CHANGED


def test_a_code_that_was_replaced_has_changed():
    """`license.renumber_on`."""
    certificate, registration = issued()
    assert verdict(certificate, replace(registration, practice_code="110440103000001")) is Verdict.CHANGED


@given(
    st.sampled_from([status for status in RegistrationStatus if not status.is_registered]),
    st.sampled_from(CertificateStatus),
    st.sampled_from([None, *CancellationGround]),
)
def test_why_a_registration_ended_can_not_be_told_from_the_answer(status, document, ground):
    """§3.14: "not valid" without the reason: one and the same answer for a death, a penalty and one's own wish."""
    certificate, registration = issued()
    ended = standing(registration, status=status, ground=ground, decision_number="another")
    shown = views.public_physician(ended, HOLDER, PUBLIC)
    usual = views.public_physician(standing(registration, status=RegistrationStatus.CANCELLED), HOLDER, PUBLIC)
    assert verdict(replace(certificate, status=document), ended) is Verdict.CANCELLED
    assert shown == usual
    assert shown["valid"] is False


@pytest.mark.parametrize("status", [RegistrationStatus.ACTIVE, RegistrationStatus.SUSPENDED])
def test_the_suspended_are_registered_and_not_told_apart(status):
    """§3.14: only ACTIVE and SUSPENDED count as registered."""
    certificate, registration = issued()
    assert views.public_physician(standing(registration, status=status), HOLDER, PUBLIC)["valid"] is True
    assert verdict(certificate, standing(registration, status=status)) is Verdict.VALID


@given(st.sets(st.sampled_from(PUBLIC)))
def test_only_what_the_policy_lists_is_told(fields):
    """`public_lookup.fields`: what it leaves out is empty, and never what a yes or a no would say."""
    _, registration = issued()
    shown = views.public_physician(registration, HOLDER, fields)
    told = {name for name, value in shown.items() if value not in ("", [], None)}
    empty_anyway = {"filed_institutions"}
    assert told - empty_anyway == {SHOWN_AS.get(field, field) for field in fields} - empty_anyway
    assert shown["filed_institutions"] == ([] if "filed_institutions" in fields else None)


def test_no_policy_can_publish_more_than_the_law_orders():
    """E70: no value of the knob names ID number, 27-character code, birth date or phone, and no view holds them."""
    knob = KNOBS["public_lookup.fields"]
    assert knob.accepts(list(PUBLIC))
    for secret in ("id_number", "birth_date", "phone", "qualification_code", "photo", "education"):
        assert not knob.accepts([*PUBLIC, secret])
    _, registration = issued()
    text = str(views.public_physician(registration, HOLDER, [*PUBLIC, "id_number", "birth_date"]))
    for secret in (HOLDER.id_number, HOLDER.qualification_code, HOLDER.birth_date, "1997", "本科"):
        assert secret not in text

"""Who is told of what the register has: domain.md §9.1, §3.5–§3.8, §3.14."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notices.domain import filing_news, register_news
from services.notices.domain.notice import BY_SMS
from services.notices.domain.qualification_news import Use
from services.notices.domain.register_news import Known
from shared.trade.statuses import RegistrationStatus
from tests.unit.notices import facts
from tests.unit.notices.facts import (
    AUTHORITY,
    FORMER,
    FORMER_ORG,
    FURTHER,
    FURTHER_ORG,
    INSTITUTION,
    OFFICER,
    ORG,
    OTHER_AUTHORITY,
    OTHER_OFFICER,
    P,
)
from tests.unit.notices.test_who_is_told import told

HERE = Known(decided_by=AUTHORITY)
OTHER_PLACE = Use("registration", "110440000000007", UUID(int=32), UUID(int=33))
OTHER_PLACE_ORG, OTHER_PLACE_OFFICER = f"desk:{UUID(int=32)}:clerk", f"desk:{UUID(int=33)}:officer"


@pytest.mark.parametrize(
    ("change", "template"),
    [
        ("opened", "approved"),
        ("changed", "registration_changed"),
        ("superseded", "registration_superseded"),
        ("moved_out", "registration_moved_out"),
        ("transferred", "registration_transferred"),
        ("cancelled", "registration_ended"),
        ("revoked", "registration_ended"),
        ("withdrawn", "registration_ended"),
        ("suspended", "registration_suspended"),
        ("resumed", "registration_resumed"),
    ],
)
def test_what_becomes_of_a_registration_is_told_to_doctor_and_institution(change, template):
    notices = register_news.registration_changed(facts.registration(change), HERE)
    assert told(notices) == {(template, P), (template, ORG)}
    assert (template in BY_SMS) is (change != "superseded")  # told by SMS as the approval of what replaces it


def test_a_departure_is_told_to_the_doctor_and_not_to_the_institution_that_reported_it():
    """domain.md §9.1: P, what it means and the two-year date; whoever has a filing has to know too."""
    left = facts.registration("left", application_id=None, informs_institutions=[FURTHER])
    assert told(register_news.registration_changed(left)) == {
        ("registration_left", P),
        ("registration_news_institution", FURTHER_ORG),
    }


def test_a_move_is_told_to_the_old_side_and_to_those_with_a_filing_in_words_of_their_own():
    """domain.md §9.1, E43: P, N-Org, O-Org, O-Auth, filed institutions."""
    moved = facts.registration(
        "changed",
        business="CHANGE",
        informs_institutions=[FORMER, FURTHER],
        informs_authorities=[OTHER_AUTHORITY],
    )
    known = Known(former_institution_id=FORMER, decided_by=AUTHORITY)
    assert told(register_news.registration_changed(moved, known)) == {
        ("registration_changed", P),
        ("registration_changed", ORG),
        ("registration_changed_former", FORMER_ORG),
        ("registration_changed_institution", FURTHER_ORG),
        ("registration_changed_authority", OTHER_OFFICER),
    }


def test_where_the_old_institution_is_not_known_nobody_is_told_that_they_were_left():
    moved = facts.registration("changed", informs_institutions=[FORMER, FURTHER])
    assert told(register_news.registration_changed(moved, HERE)) == {
        ("registration_changed", P),
        ("registration_changed", ORG),
        ("registration_changed_institution", FORMER_ORG),
        ("registration_changed_institution", FURTHER_ORG),
    }


def test_a_further_place_is_told_to_the_side_that_stays():
    """domain.md §3.1: ADD_PLACE informs O-Org and O-Auth."""
    added = facts.registration(
        "opened", business="REG", informs_institutions=[FORMER], informs_authorities=[OTHER_AUTHORITY]
    )
    assert told(register_news.registration_changed(added, HERE)) == {
        ("approved", P),
        ("approved", ORG),
        ("place_added_institution", FORMER_ORG),
        ("place_added_authority", OTHER_OFFICER),
    }


def test_a_move_across_provinces_is_told_to_the_old_side_once():
    """domain.md §3.5: the old registration moved out, the new one was opened, by one decision of the new side."""
    informed = {"informs_institutions": [FORMER], "informs_authorities": [OTHER_AUTHORITY]}
    opened = facts.registration("opened", business="CHANGE", **informed)
    out = facts.registration(
        "moved_out",
        business="CHANGE",
        institution_id=FORMER,
        authority_id=OTHER_AUTHORITY,
        informs_institutions=[FURTHER],
    )
    assert told(register_news.registration_changed(opened, HERE)) == {("approved", P), ("approved", ORG)}
    assert told(register_news.registration_changed(out, HERE)) == {
        ("registration_moved_out", P),
        ("registration_moved_out", FORMER_ORG),
        ("registration_news_institution", FURTHER_ORG),
        ("registration_news_authority", OTHER_OFFICER),
    }


@pytest.mark.parametrize("change", ["superseded", "moved_out", "transferred", "cancelled", "revoked", "withdrawn"])
@pytest.mark.parametrize(
    ("decided_by", "application_id", "hears_of_it"),
    [
        (AUTHORITY, facts.APPLICATION, False),  # it decided itself
        (OTHER_AUTHORITY, facts.APPLICATION, True),  # another one ended what it keeps
        (None, facts.APPLICATION, True),  # not known: better told than not
        (None, None, False),  # its own entry
    ],
)
def test_an_authority_hears_of_the_end_that_another_one_put_to_what_it_keeps(
    change, decided_by, application_id, hears_of_it
):
    ended = facts.registration(change, application_id=application_id)
    notices = register_news.registration_changed(ended, Known(decided_by=decided_by))
    assert (("registration_news_authority", OFFICER) in told(notices)) is hears_of_it


@pytest.mark.parametrize("change", sorted(register_news.ON_CHANGE))
def test_a_cancellation_is_told_wherever_the_doctor_is_registered_and_other_news_is_not(change):
    """domain.md §9.1: cancelled, revoked, withdrawn to P, all Orgs, other Auths of the doctor."""
    known = Known(decided_by=AUTHORITY, others=(OTHER_PLACE,))
    recipients = {
        recipient for _, recipient in told(register_news.registration_changed(facts.registration(change), known))
    }
    beside = {OTHER_PLACE_ORG, OTHER_PLACE_OFFICER}
    assert recipients & beside == (beside if change in ("cancelled", "revoked", "withdrawn") else set())


@pytest.mark.parametrize(
    ("status", "registered"), [(status, status.value in ("ACTIVE", "SUSPENDED")) for status in RegistrationStatus]
)
def test_only_what_is_in_force_or_suspended_rests_on_a_qualification(status, registered):
    """domain.md §3.14: only ACTIVE and SUSPENDED count as registered."""
    assert register_news.is_registered(facts.registration("changed", status=status.value)) is registered


def test_a_status_of_a_later_release_is_no_registration_and_its_change_told_to_nobody():
    later = facts.registration("of_a_later_release", status="OF_A_LATER_RELEASE")
    assert not register_news.is_registered(later)
    assert register_news.registration_changed(later) == []


def test_news_of_an_earlier_release_names_nobody_else():
    earlier = facts.registration("changed")
    for name in ("business", "informs_institutions", "informs_authorities", "until"):
        del earlier[name]
    assert told(register_news.registration_changed(earlier)) == {
        ("registration_changed", P),
        ("registration_changed", ORG),
    }


organisations = st.lists(st.sampled_from([INSTITUTION, FORMER, FURTHER, UUID(int=32)]), max_size=5)
authorities = st.lists(st.sampled_from([AUTHORITY, OTHER_AUTHORITY, UUID(int=33)]), max_size=4)


@given(
    change=st.sampled_from(sorted(register_news.ON_CHANGE)),
    business=st.sampled_from(["", "REG", "CHANGE", "CANCEL", "MIL_OUT"]),
    institutions=organisations,
    officers=authorities,
    former=st.sampled_from([None, INSTITUTION, FORMER, FURTHER]),
    decided_by=st.sampled_from([None, AUTHORITY, OTHER_AUTHORITY]),
    others=st.lists(
        st.builds(
            Use,
            st.just("registration"),
            st.just("1"),
            organisations.map(lambda _: FURTHER),
            st.sampled_from([AUTHORITY, OTHER_AUTHORITY]),
        ),
        max_size=3,
    ),
)
def test_whoever_is_told_is_told_once(change, business, institutions, officers, former, decided_by, others):
    """One message a mailbox, whatever role its reader has in the matter; the doctor is always among them."""
    news = facts.registration(
        change, business=business, informs_institutions=institutions, informs_authorities=officers
    )
    known = Known(former_institution_id=former, decided_by=decided_by, others=tuple(others))
    recipients = [notice.recipient for notice in register_news.registration_changed(news, known)]
    assert len(recipients) == len(set(recipients))
    assert P in recipients


@pytest.mark.parametrize(
    ("change", "template"),
    [("filed", "filing_filed"), ("ends_soon", "filing_ends_soon"), ("ended", "filing_ended")],
)
def test_a_filing_is_told_to_the_doctor_and_both_institutions(change, template):
    """domain.md §9.1, §3.7: P, both Orgs."""
    notices = filing_news.filing_changed(facts.filing(change))
    assert told(notices) == {(template, P), (template, FURTHER_ORG), (template, ORG)}
    assert notices[0].is_sent_by_sms


def test_a_filing_at_what_has_become_the_main_institution_is_told_there_once():
    ended = facts.filing("ended", reason="main_changed", institution_id=INSTITUTION)
    assert told(filing_news.filing_changed(ended)) == {("filing_ended", P), ("filing_ended", ORG)}


@pytest.mark.parametrize(
    ("reason", "hears_of_it"),
    [("registration_ended", True), ("expired", False), ("withdrawn", False), ("institution_cancelled", False)],
)
def test_the_filings_authority_hears_when_the_registration_took_it_along(reason, hears_of_it):
    """domain.md §9.1: other Auths of the doctor."""
    notices = filing_news.filing_changed(facts.filing("ended", reason=reason))
    assert (("filing_ended_authority", OTHER_OFFICER) in told(notices)) is hears_of_it


def test_a_change_of_a_filing_that_is_not_known_is_told_to_nobody():
    assert filing_news.filing_changed(facts.filing("of_a_later_release")) == []


@pytest.mark.parametrize("days", [90, 30])
def test_a_lapse_that_comes_near_is_told_to_doctor_last_institution_and_authority(days):
    """domain.md §9.1, 医师执业注册管理办法 art.19."""
    notices = register_news.lapse_near(facts.lapse(days), "110430000000018", 2, 6)
    assert told(notices) == {
        ("lapse_near", P),
        ("lapse_near_institution", ORG),
        ("lapse_near_authority", OFFICER),
    }
    assert [notice.is_sent_by_sms for notice in notices] == [True, False, False]


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 12, 1), date(2028, 12, 1)),
        (date(2024, 2, 29), date(2026, 2, 28)),
        (date(2026, 2, 28), date(2028, 2, 28)),
    ],
)
def test_two_years_are_counted_as_the_register_counts_them(day, later):
    """domain.md §7: 29 February becomes 28 February."""
    assert register_news.years_after(day, 2) == later

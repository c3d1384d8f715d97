"""Which policy holds where and when, and who a member of staff is."""

from __future__ import annotations

import shutil
from datetime import date
from uuid import UUID

import pytest

from services.review.dependencies import Policies, StaffPersons
from shared.platform.errors import Conflict
from shared.platform.ids import new_id
from shared.trade.policy import Policy as ProvincePolicies

from .makers import ROOT

POLICIES = Policies(ProvincePolicies.load(ROOT / "provinces", ["43", "44"]))


def test_the_policy_of_a_day_has_the_values_of_the_division_and_the_version_of_its_province():
    """Domain §8: county, city, province, nation; design §2: number and hash are stored with what is pinned."""
    hunan, guangdong = POLICIES.at(date(2026, 11, 23), "430102"), POLICIES.at(date(2026, 11, 23), "440106")
    assert (hunan.whole("sla.decision_days"), hunan.texts("review.pre_tiers")) == (15, ())
    assert (guangdong.whole("sla.decision_days"), guangdong.texts("review.pre_tiers")) == (20, ("county",))
    assert hunan.digest != guangdong.digest
    assert hunan.number.startswith("43-")


def test_a_policy_that_another_service_pinned_keeps_its_name():
    """The number counts edits of the files; the hash says what was in force, and that is what has to agree."""
    day = date(2022, 2, 1)
    pinned = POLICIES.pinned("43-7/national-2", POLICIES.at(day, "430102").digest, day, "430102")
    assert (pinned.number, pinned.on) == ("43-7/national-2", day)
    assert pinned.whole("sla.decision_days") == 20  # the promise of 15 holds from 2022-03-01 on


def test_a_policy_that_our_files_dont_have_is_not_replaced_by_another(tmp_path):
    """Design §2, D18: what was judged under one policy is never silently decided under another."""
    day = date(2026, 11, 23)
    theirs = shutil.copytree(ROOT / "provinces", tmp_path / "provinces")
    file = theirs / "43.toml"
    file.write_text(file.read_text("utf-8").replace("value = 15", "value = 12"), "utf-8")
    pinned = Policies(ProvincePolicies.load(theirs, ["43", "44"])).at(day, "430102")
    with pytest.raises(Conflict, match="policy_differs") as refused:
        POLICIES.pinned(pinned.number, pinned.digest, day, "430102")
    assert refused.value.facts == {"pinned": "43-1/national-1", "own": "43-1/national-1", "on": "2026-11-23"}
    # Another province's file is none of its business.
    other = POLICIES.at(day, "440106")
    assert Policies(ProvincePolicies.load(theirs, ["43", "44"])).pinned("x", other.digest, day, "440106").number == "x"


def test_who_a_member_of_staff_is_is_asked_once():
    """回避 needs the human being behind a login; asking for every act would cost a call each."""
    persons, account, person, asked = StaffPersons(), new_id(), new_id(), []

    def ask() -> UUID | None:
        asked.append(account)
        return person

    assert [persons.person_of(account, ask), persons.person_of(account, ask)] == [person, person]
    assert len(asked) == 1


def test_that_a_member_of_staff_is_no_applicant_is_not_remembered():
    """An account may be opened at any moment, and from then on 回避 holds."""
    persons, account, person = StaffPersons(), new_id(), new_id()
    assert persons.person_of(account, lambda: None) is None
    assert persons.person_of(account, lambda: person) == person

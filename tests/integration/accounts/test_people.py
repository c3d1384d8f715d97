"""Persons and accounts in the database: unique where the law wants it, sealed where the law wants it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.accounts.domain.account import bind_phone, enter_paper_certificate, recognise
from services.accounts.domain.credentials import Credentials
from services.accounts.domain.staff import StaffMember
from services.accounts.news import tell_account_opened, tell_phone_bound
from shared.platform.errors import Conflict, InvalidInput, NotFound
from shared.platform.ids import new_id
from shared.trade.resident_id import ResidentId
from tests.unit.accounts.makers import A2, FIRST, NOW, SECOND, A, C

from .world import at_once, enter_person, everything_stored, news


def entered(unit_of_work, **facts):
    with unit_of_work() as uow:
        account = enter_person(uow, **facts)
        uow.commit()
    return account


def test_equal_names_and_birth_dates_are_two_accounts(unit_of_work):
    """E01: A and A2 differ in their ID alone, and never match each other."""
    one = entered(unit_of_work)
    other = entered(unit_of_work, id_number=A2, login_name="xiaoming2")
    with unit_of_work() as uow:
        assert uow.persons.find(ResidentId.parse(A)).id == one.person_id
        assert uow.persons.find(ResidentId.parse(A2)).id == other.person_id
        assert uow.persons.find(ResidentId.parse(C)) is None


def test_one_id_has_one_account(unit_of_work):
    """E06, domain §2.4: the database says so, whatever the code did before."""
    entered(unit_of_work)
    with pytest.raises(Conflict, match="already_registered"):
        entered(unit_of_work, login_name="other")


def test_of_many_who_open_at_once_one_gets_the_account(unit_of_work):
    """E06 under a race: one success, the others a clear conflict."""
    results = at_once([lambda name=f"xiaoming{number}": entered(unit_of_work, login_name=name) for number in range(6)])
    refusals = [result for result in results if isinstance(result, Conflict)]
    assert len(refusals) == 5
    assert {refusal.code for refusal in refusals} == {"already_registered"}


def test_a_login_name_is_taken_whatever_its_case(unit_of_work):
    entered(unit_of_work)
    with pytest.raises(InvalidInput) as refused:
        entered(unit_of_work, id_number=A2, login_name="XiaoMing")
    assert refused.value.facts["fields"] == {"login_name": ["login_name_taken"]}


def bound(unit_of_work, account, phone):
    with unit_of_work() as uow:
        matched, _ = recognise(uow.accounts.get(account.id, lock=True), [FIRST])
        saved = uow.accounts.save(bind_phone(matched, phone), now=NOW)
        uow.commit()
    return saved


def test_a_phone_binds_one_account(unit_of_work):
    """E12: domain §2.4, a phone number belongs to one account."""
    one, other = entered(unit_of_work), entered(unit_of_work, id_number=A2, login_name="other")
    bound(unit_of_work, one, "13800000001")
    with pytest.raises(Conflict, match="phone_taken"):
        bound(unit_of_work, other, "13800000001")


def test_two_who_bind_one_phone_at_once(unit_of_work):
    """E12 under a race."""
    accounts = [entered(unit_of_work), entered(unit_of_work, id_number=A2, login_name="other")]
    results = at_once([lambda own=account: bound(unit_of_work, own, "13900000009") for account in accounts])
    assert sorted(getattr(result, "code", "bound") for result in results) == ["bound", "phone_taken"]


def test_rebinding_frees_the_old_number_at_once(unit_of_work):
    """Domain §2.4."""
    one, other = entered(unit_of_work), entered(unit_of_work, id_number=A2, login_name="other")
    bound(unit_of_work, one, "13800000001")
    with unit_of_work() as uow:
        assert uow.accounts.with_bound_phone("13800000001") == one.id
    bound(unit_of_work, one, "13800000002")
    bound(unit_of_work, other, "13800000001")
    with unit_of_work() as uow:
        assert uow.accounts.with_bound_phone("13800000001") == other.id


def test_a_phone_is_no_login_before_it_is_bound(unit_of_work):
    """E13: it stands in the account, but finds nobody."""
    entered(unit_of_work, phone="13800000001")
    with unit_of_work() as uow:
        assert uow.accounts.with_bound_phone("13800000001") is None


def test_an_account_comes_back_as_it_was_saved(unit_of_work):
    account = entered(unit_of_work)
    with unit_of_work() as uow:
        full, _ = recognise(account, [FIRST, SECOND])
        full = replace(enter_paper_certificate(full, SECOND), ticket="4305221100123", failed_proofs=2)
        saved = uow.accounts.save(full, now=NOW)
        uow.commit()
    with unit_of_work() as uow:
        assert uow.accounts.get(account.id) == saved
        assert saved.version == 2
        assert uow.accounts.of_person(account.person_id) == saved


def test_who_saves_an_old_version_is_told(unit_of_work):
    account = entered(unit_of_work)
    bound(unit_of_work, account, "13800000001")
    with unit_of_work() as uow, pytest.raises(Conflict, match="account_changed"):
        uow.accounts.save(replace(account, failed_proofs=1), now=NOW)


def test_unknown_ones_are_not_found(unit_of_work):
    with unit_of_work() as uow:
        with pytest.raises(NotFound, match="account_unknown"):
            uow.accounts.get(new_id())
        with pytest.raises(NotFound, match="person_unknown"):
            uow.persons.get(new_id())


def test_no_number_is_stored_or_announced_in_plain(unit_of_work):
    """Domain §10.2 and PIPL art.51: ID, phone, e-mail, login name and ticket are sealed; only the name is plain."""
    with unit_of_work() as uow:
        account = enter_person(uow)
        person = uow.persons.get(account.person_id)
        tell_account_opened(uow, account, person)
        matched, _ = recognise(replace(account, ticket="4305221100123"), [FIRST])
        tell_phone_bound(uow, uow.accounts.save(bind_phone(matched, "13800000001"), now=NOW), person)
        uow.commit()
    with unit_of_work() as uow:
        stored = everything_stored(uow.session)
        announced = news(uow.session)
    for secret in (A, "13800000001", "someone@example.org", "xiaoming", "4305221100123"):
        assert secret not in stored
    assert [name for name, _ in announced] == [
        "accounts.account_opened.v1",
        "accounts.contact_changed.v1",
        "accounts.phone_bound.v1",
        "accounts.contact_changed.v1",
    ]
    assert [data["phone_verified"] for name, data in announced if "contact" in name] == [False, True]
    assert "王小明" not in str(announced)


def test_a_member_of_staff_is_the_person_with_the_same_id_number_once_there_is_one(unit_of_work):
    """回避 rests on it; who was entered without a number, or under another, is nobody's person."""
    member_ids = {}
    with unit_of_work() as uow:
        for login, number in (("same", A), ("other", C), ("none", None)):
            account_id = new_id()
            uow.credentials.add(Credentials(account_id, "staff", login, "$2b$04$x"), now=NOW)
            uow.staff.add(
                StaffMember(
                    id=new_id(),
                    version=1,
                    account_id=account_id,
                    organisation_id=new_id(),
                    organisation_kind="authority",
                    role="officer",
                    name="审核员",
                    login_name=login,
                    id_number=None if number is None else ResidentId.parse(number),
                )
            )
            member_ids[login] = account_id
        uow.commit()
    with unit_of_work() as uow:
        assert [uow.staff.person_of(account_id) for account_id in member_ids.values()] == [None, None, None]
        person_id = enter_person(uow, id_number=A).person_id
        uow.commit()
    with unit_of_work() as uow:
        assert [uow.staff.person_of(account_id) for account_id in member_ids.values()] == [person_id, None, None]
        assert uow.staff.of_account(member_ids["same"]).id_number == ResidentId.parse(A)
        assert A not in everything_stored(uow.session)

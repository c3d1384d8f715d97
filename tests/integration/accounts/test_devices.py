"""The devices that accounts were used from, as they are kept and forgotten."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from services.accounts.domain.devices import KEPT
from services.accounts.models import DeviceRow
from services.accounts.repository.devices import forget_old_devices
from shared.platform.ids import new_id
from tests.unit.accounts.makers import NOW

PHONE, COMPUTER, NONE = "a" * 43, "b" * 43, ""


def meet(unit_of_work, account_id, token, now=NOW) -> bool:
    with unit_of_work() as uow:
        told = uow.devices.meet(account_id, token, now)
        uow.commit()
    return told


def test_every_device_but_the_first_is_news_once(unit_of_work):
    account, other = new_id(), new_id()
    assert not meet(unit_of_work, account, PHONE)
    assert not meet(unit_of_work, account, PHONE)
    assert meet(unit_of_work, account, COMPUTER)
    assert not meet(unit_of_work, account, COMPUTER)
    assert meet(unit_of_work, account, NONE)
    assert not meet(unit_of_work, account, NONE)
    assert not meet(unit_of_work, other, PHONE), "the first device of another account"
    assert meet(unit_of_work, other, COMPUTER)


def test_nothing_kept_tells_a_device_or_who_shares_it(unit_of_work):
    first, second = new_id(), new_id()
    for account in (first, second):
        meet(unit_of_work, account, PHONE)
    with unit_of_work() as uow:
        kept = uow.session.scalars(select(DeviceRow.token_index).where(DeviceRow.account_id.in_([first, second]))).all()
    assert len(set(kept)) == 2
    assert PHONE not in "".join(kept)


def test_an_old_device_is_forgotten_but_never_the_last(unit_of_work):
    """Without any the next login, perhaps a stranger's, would pass for the first."""
    busy, idle = new_id(), new_id()
    meet(unit_of_work, busy, PHONE)
    meet(unit_of_work, idle, PHONE)
    meet(unit_of_work, busy, COMPUTER, NOW + timedelta(days=1))
    with unit_of_work() as uow:
        forget_old_devices(uow.session, NOW + KEPT)
        uow.commit()
    assert meet(unit_of_work, busy, PHONE, NOW + KEPT), "it was forgotten, so it is new again"
    assert not meet(unit_of_work, busy, COMPUTER, NOW + KEPT)
    assert not meet(unit_of_work, idle, PHONE, NOW + KEPT)
    assert meet(unit_of_work, idle, COMPUTER, NOW + KEPT)

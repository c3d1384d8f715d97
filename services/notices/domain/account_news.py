"""Who is told what about accounts and exam results (domain.md §9.1, first rows)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from . import mailboxes
from .notice import Notice


def account_opened(person_id: UUID, at: datetime) -> list[Notice]:
    """An account exists; its holder is told what comes next."""
    return [Notice("account_opened", mailboxes.of_person(person_id), {"at": at})]


def qualification_recognised(person_id: UUID, count: int) -> list[Notice]:
    """An exam batch was published and the account's holder is in it: how to activate, with the ticket hint."""
    return [Notice("qualification_recognised", mailboxes.of_person(person_id), {"count": count})]


def phone_bound(person_id: UUID, at: datetime, masked_phone: str) -> list[Notice]:
    """The phone is bound: time and masked phone, so that a stranger's act is noticed."""
    return [Notice("phone_bound", mailboxes.of_person(person_id), {"at": at, "phone": masked_phone})]


def account_activated(person_id: UUID, at: datetime) -> list[Notice]:
    """Business may be filed."""
    return [Notice("account_activated", mailboxes.of_person(person_id), {"at": at})]


def activation_failed(person_id: UUID, account_id: UUID, failures: int, at: datetime, desk: str) -> list[Notice]:
    """Repeated failed proofs (E15): the holder on the registered phone, and the security desk of the province."""
    return [
        Notice("activation_failed", mailboxes.of_person(person_id), {"failures": failures, "at": at}),
        Notice("activation_failed_desk", desk, {"failures": failures, "account": account_id}),
    ]


def new_device(subject: str, at: datetime) -> list[Notice]:
    """A login from a device that the account was not used from before: its owner, a person or a member of staff."""
    return [Notice("new_device", subject, {"at": at})]


def account_disabled(person_id: UUID, at: datetime) -> list[Notice]:
    """The account was closed."""
    return [Notice("account_disabled", mailboxes.of_person(person_id), {"at": at})]


def batch_published(provinces: Iterable[str], year: int, round_: int, published: int) -> list[Notice]:
    """An exam batch of the whole country is open: the authorities of the provinces served here are told.

    A pass from anywhere may be registered here. Candidates with an account are told one by one.
    """
    facts = {"year": year, "round": round_, "published": published}
    return [Notice("batch_published", mailboxes.of_group("authority", province), facts) for province in provinces]


def gate_opened(region: str, year: int, round_: int) -> list[Notice]:
    """Registration is open for an exam region: institutions, authorities, and people with an account ★.

    Of the people those who passed there in that year, as their recognised qualification says; many were born elsewhere.
    """
    facts = {"year": year, "round": round_}
    return [
        Notice("gate_opened", mailboxes.of_exam(region, year), facts),
        Notice("gate_opened_staff", mailboxes.of_group("institution", region), facts),
        Notice("gate_opened_staff", mailboxes.of_group("authority", region), facts),
    ]

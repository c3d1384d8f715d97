"""Text messages through a gateway that refuses, fails and recovers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.contracts import notices
from shared.platform.engine import make_engine
from shared.platform.identity import Actor
from tests.support.processes import eventually
from tests.support.rabbitmq import Rabbitmq

from .conftest import World, running
from .sms_gateway import TOKEN, SmsGateway, sms_gateway
from .test_notices import a_doctor, has_contact, is_supplemented

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmsGateway]:
    folder: Path = tmp_path_factory.mktemp("sms")
    with sms_gateway(folder) as found:
        yield found


@pytest.fixture(scope="module")
def sending(broker: Rabbitmq, gateway: SmsGateway) -> Iterator[World]:
    """The service with a real gateway behind it."""
    yield from running(
        broker,
        None,
        SMS_PROVIDER=gateway.address,
        SMS_TOKEN=TOKEN,
        SSL_CERT_FILE=str(gateway.certificate),
    )


def somebody(world: World, phone: str) -> None:
    person_id, _ = a_doctor()
    has_contact(world, person_id, phone)
    is_supplemented(world, person_id, person_id)


def statuses(world: World) -> dict[str, int]:
    engine = make_engine(world.system.database_url("notices"), pool_size=1)
    try:
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT status, count(*) AS count FROM deliveries GROUP BY status"))
            return {row[0]: row[1] for row in rows}
    finally:
        engine.dispose()


def test_a_gateway_that_is_down_gets_the_message_later_and_once(sending: World, gateway: SmsGateway):
    phone = "13800000020"
    gateway.answers[phone] = [503, 503]
    somebody(sending, phone)
    eventually(lambda: [to for _, to in gateway.asked].count(phone) == 1)
    sending.system.advance_clock(timedelta(seconds=31))
    eventually(lambda: [to for _, to in gateway.asked].count(phone) == 2)
    assert phone not in {to for to, _ in gateway.taken.values()}
    sending.system.advance_clock(timedelta(minutes=2, seconds=1))
    eventually(lambda: phone in {to for to, _ in gateway.taken.values()})
    assert len({message_id for message_id, to in gateway.asked if to == phone}) == 1


def test_a_number_that_is_refused_becomes_work_and_blocks_nobody(sending: World, gateway: SmsGateway):
    bad, good = "13800000021", "13800000022"
    gateway.answers[bad] = [422]
    somebody(sending, bad)
    somebody(sending, good)
    eventually(lambda: good in {to for to, _ in gateway.taken.values()})
    eventually(lambda: statuses(sending).get("FAILED") == 1)
    engine = make_engine(sending.system.database_url("notices"), pool_size=1)
    with engine.connect() as connection:
        types = [row[0] for row in connection.execute(text("SELECT type FROM outbox"))]
    engine.dispose()
    assert types == [notices.DELIVERY_FAILED.name]
    listed = sending.system.command("deliveries", "list").stdout
    assert "provider_answered_422" in listed
    assert bad not in listed
    again = sending.system.command("deliveries", "retry", listed.split()[0])
    assert "tried again" in again.stdout
    eventually(lambda: bad in {to for to, _ in gateway.taken.values()})
    assert sending.system.command("deliveries", "retry", listed.split()[0], check=False).returncode == 1


def test_after_the_last_attempt_it_is_given_up(sending: World, gateway: SmsGateway):
    phone = "13800000023"
    gateway.answers[phone] = [500] * 6
    somebody(sending, phone)
    for attempt, wait in enumerate((30, 120, 600, 3600, 21600, 0), 1):
        eventually(lambda attempt=attempt: [to for _, to in gateway.asked].count(phone) == attempt)
        sending.system.advance_clock(timedelta(seconds=wait + 1))
    eventually(lambda: statuses(sending).get("FAILED") == 1)
    assert [to for _, to in gateway.asked].count(phone) == 6


def test_a_code_that_the_gateway_does_not_take_is_unavailable_and_does_not_count(
    sending: World, gateway: SmsGateway, accounts: Actor
):
    phone = "13800000024"
    gateway.answers[phone] = [500] * 12
    code = {"phone": phone, "code": "135791", "purpose": "login", "minutes": 10}
    for _ in range(12):
        assert sending.ask(notices.SEND_CODE, accounts, **code) == "unavailable:sms_not_sent"
    assert sending.ask(notices.SEND_CODE, accounts, **code) is None
    assert any("135791" in sent for to, sent in gateway.taken.values() if to == phone)
    assert "135791" not in sending.system.log()

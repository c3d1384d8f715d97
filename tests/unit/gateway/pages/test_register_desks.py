"""本机构医师 and 医师库: who stands on a roster, what may be reported and entered, and that it is confirmed first."""

from __future__ import annotations

from datetime import date

import pytest

from services.applications import views
from shared.platform.errors import Conflict, RuleViolated
from tests.unit.applications.factories import TODAY, numbered

from .answering import FILING, REGISTRATION, AnsweringBus, a_filing, a_registration_view, hidden, send, signed_in

NAME = "沈若溪"
CLERK, OFFICER = f"/institution/physicians/{REGISTRATION}", f"/authority/physicians/{REGISTRATION}"
DAY = {"y": "2026", "m": "11", "d": "20"}


def a_row(**changed):
    """A physician on the roster."""
    return {
        "registration_id": REGISTRATION,
        "version": 3,
        "name": NAME,
        "practice_code": "110430102000123",
        "status": "ACTIVE",
        "level": "1",
        "category": "10",
        "scopes": ["C01"],
        "institution_name": "示例区人民医院",
        "since": date(2024, 3, 1),
        "filing": None,
        **changed,
    }


def a_filed_row():
    return a_row(filing=views.filing_view(a_filing(), TODAY))


def on(*rows, **answers):
    return AnsweringBus(
        applications__roster={"items": list(rows), "next": None},
        applications__registration=a_registration_view(),
        **answers,
    )


def day(name: str) -> dict[str, str]:
    """The three boxes of a date."""
    return {f"{name}-{part}": text for part, text in DAY.items()}


def test_a_name_is_sought_by_post_and_never_in_an_address(app):
    bus = on(a_row())
    client = signed_in(app, bus, "clerk")
    found = send(client, "/institution/physicians", {"name": NAME})
    assert found.status_code == 200
    assert NAME in found.text
    assert NAME not in found.headers.get("Location", "")
    assert [asked["name"] for asked in bus.commands("applications.roster")] == ["", NAME]
    bus.answers["applications.roster"] = {"items": [], "next": None}
    assert f"没有找到“{NAME}”" in send(client, "/institution/physicians", {"name": NAME}).text


@pytest.mark.parametrize(
    ("role", "row", "acts"),
    [
        ("clerk", a_row(), ["departure", "cancellation"]),
        ("clerk", a_row(status="LEFT_FILED"), ["cancellation"]),
        ("clerk", a_filed_row(), ["filing_end"]),
        ("officer", a_row(), ["suspension", "assessment", "cancellation"]),
        ("officer", a_row(status="SUSPENDED"), ["assessment", "cancellation"]),
        ("head", a_row(status="LEFT_FILED"), ["cancellation"]),
        ("window", a_row(), []),
    ],
)
def test_each_desk_is_offered_what_it_may_do(app, role, row, acts):
    client = signed_in(app, on(row), role)
    base = CLERK if role == "clerk" else OFFICER
    more = f"?filing={FILING}" if row["filing"] else ""
    shown = client.get(f"{base}{more}").text
    everything = ("departure", "cancellation", "filing_end", "suspension", "assessment")
    assert [act for act in acts if f"{base}/{act}" in shown] == acts
    for act in set(everything) - set(acts):
        assert f"{base}/{act}" not in shown
        assert client.get(f"{base}/{act}{more}").status_code in (403, 404)


def test_whoever_is_not_on_the_roster_is_not_found(app):
    client = signed_in(app, on(a_row(registration_id=numbered(0xAA))), "clerk")
    assert client.get(CLERK).status_code == 404
    assert client.get(f"{CLERK}/departure").status_code == 404


def test_the_page_on_which_a_row_stood_is_asked_first_then_the_rest(app):
    bus = AnsweringBus(applications__registration=a_registration_view())
    asked = []

    def roster(command):
        asked.append((command["after"], command["limit"]))
        return {"items": [a_row()] if len(asked) == 3 else [], "next": "further" if len(asked) == 2 else None}

    bus.answers["applications.roster"] = roster
    assert signed_in(app, bus, "clerk").get(f"{CLERK}?after=page-2").status_code == 200
    assert asked == [("page-2", 20), (None, 100), ("further", 100)]


def test_a_departure_is_confirmed_before_it_is_reported_and_carries_the_version_that_was_seen(app):
    bus = on(a_row(), applications__file_departure=a_registration_view(status="LEFT_FILED"))
    client = signed_in(app, bus, "clerk")
    page = f"{CLERK}/departure"
    wrong = send(client, page, {})
    assert wrong.status_code == 422
    assert "请填写离开本机构的日期" in wrong.text
    assert "请选择原因" in wrong.text
    filled = {**day("left_on"), "reason": "transfer"}
    confirm = send(client, page, filled)
    assert confirm.status_code == 200
    assert "报告立即生效" in confirm.text
    assert "调离" in confirm.text
    assert bus.commands("applications.file_departure") == []
    changed = client.post(page, data={**hidden(confirm.text, page), "do": "change"})
    assert 'value="20"' in changed.text
    done = client.post(page, data=hidden(confirm.text, page))
    assert done.status_code == 303
    assert "done=departure" in done.headers["Location"]
    (reported,) = bus.commands("applications.file_departure")
    assert reported == {
        "registration_id": REGISTRATION,
        "version": 3,
        "left_on": date(2026, 11, 20),
        "reason": "transfer",
    }


def test_a_ground_is_reported_as_the_kind_describes_it(app):
    """CANCEL/BY_REPORT and EX_OFFICIO share their page; who starts it tells them apart."""
    for role, base, sub_kind in (("clerk", CLERK, "BY_REPORT"), ("officer", OFFICER, "EX_OFFICIO")):
        bus = on(a_row(), applications__report={"number": "ZX20261123-0001"})
        client = signed_in(app, bus, role)
        page = f"{base}/cancellation"
        filled = {**day("happened_on"), **day("known_on"), "ground": "X6", "reason": "停止执业"}
        confirm = send(client, page, filled).text
        assert "中止医师执业活动满二年" in confirm
        assert client.post(page, data=hidden(confirm, page)).status_code == 303
        (reported,) = bus.commands("applications.report")
        assert (reported["type"], reported["sub_kind"]) == ("CANCEL", sub_kind)
        assert reported["values"] == {
            "ground": "X6",
            "happened_on": "2026-11-20",
            "known_on": "2026-11-20",
            "reason": "停止执业",
        }


def test_the_further_institution_ends_its_filing(app):
    bus = on(a_filed_row(), applications__report={"number": "QB20261123-0001"})
    client = signed_in(app, bus, "clerk")
    page = f"{CLERK}/filing_end?filing={FILING}"
    confirm = send(client, page, day("ends_on")).text
    assert client.post(page, data=hidden(confirm, page)).status_code == 303
    (reported,) = bus.commands("applications.report")
    assert (reported["type"], reported["filing_id"]) == ("MULTI_DEL", FILING)
    assert reported["values"] == {"ends_on": "2026-11-20"}


@pytest.mark.parametrize(
    ("refusal", "sentence", "status"),
    [
        (Conflict("registration_changed"), "这项注册刚刚有了变化", 409),
        (RuleViolated("suspension_length"), "行政处罚的暂停期限为6个月至12个月", 422),
    ],
)
def test_what_the_register_refuses_is_said_and_nothing_typed_is_lost(app, refusal, sentence, status):
    bus = on(a_row(), applications__suspend=refusal)
    client = signed_in(app, bus, "officer")
    page = f"{OFFICER}/suspension"
    filled = {**day("since"), **day("until"), "cause": "penalty", "decision_number": "示卫医罚〔2026〕1号"}
    confirm = send(client, page, filled).text
    refused = client.post(page, data=hidden(confirm, page))
    assert refused.status_code == status
    assert sentence in refused.text
    assert "示卫医罚〔2026〕1号" in refused.text


def test_an_assessment_is_entered_as_passed_or_not(app):
    bus = on(a_row(status="SUSPENDED"), applications__enter_assessment=a_registration_view())
    client = signed_in(app, bus, "officer")
    page = f"{OFFICER}/assessment"
    confirm = send(client, page, {**day("assessed_on"), "passed": "no"}).text
    assert "不合格" in confirm
    assert client.post(page, data=hidden(confirm, page)).status_code == 303
    (entered,) = bus.commands("applications.enter_assessment")
    assert (entered["assessed_on"], entered["passed"]) == (date(2026, 11, 20), False)

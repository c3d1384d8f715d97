"""年限 as its holder reads it: a statement with its inputs (domain §7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from services.applications import views
from services.applications.domain.practice_time import Practice, Stretch
from services.applications.domain.seniority import Counting, Doctor, Education, check_residency, clocks
from services.gateway.csrf import FIELD
from shared.contracts import applications
from shared.trade.levels import Level
from shared.trade.statuses import RegistrationStatus

from .scripted_bus import hidden, reader

TODAY = date(2024, 6, 3)
COUNTING = Counting("EXACT", "08-31", "12-31", 5)


def statement(level: Level, education: Education | None):
    """The service's own statement of a doctor who was suspended once."""
    code = "110430102000123"
    stretches = (
        Stretch(date(2022, 3, 1), date(2023, 1, 1), True, RegistrationStatus.ACTIVE, code),
        Stretch(date(2023, 1, 1), date(2023, 4, 1), False, RegistrationStatus.SUSPENDED, code),
        Stretch(date(2023, 4, 1), None, True, RegistrationStatus.ACTIVE, code),
    )

    def answer(command: Mapping[str, Any]) -> dict[str, Any]:
        check_residency(command.get("residency_on"), today=TODAY)
        doctor = Doctor(education, command.get("residency_on"))
        found = clocks([Practice(level, date(2022, 3, 1), stretches)], doctor, COUNTING, as_of=TODAY)
        return {"as_of": TODAY, "clocks": [views.clock(item) for item in found]}

    return answer


def test_the_page_shows_every_input(app):
    """The result shows its inputs: education, cut-off with its year, days that don't count and why."""
    client, _ = reader(app, {applications.SENIORITY: statement(Level.LICENSED, Education.BACHELOR)})
    text = client.get("/me/seniority").text
    for shown in (
        "2024年6月3日",
        "考试前一年12月31日",
        "90天",
        "本科",
        "未填写",
        "按对年对日",
        "2026年5月30日（按持续执业推算）",
        "暂停执业",
        "不计入",
        "110430102000123",
        "这是说明，不是决定",
    ):
        assert shown in text, shown
    assert "按学历另行确定" not in text


def test_a_stated_certificate_is_shown_as_not_verified_and_stands_in_no_url(app):
    """By POST, and the answer is its own page."""
    client, bus = reader(app, {applications.SENIORITY: statement(Level.LICENSED, Education.MASTER)})
    token = hidden(client.get("/me/seniority").text, FIELD)
    day = {"residency_on-y": "2023", "residency_on-m": "6", "residency_on-d": "30"}
    answer = client.post("/me/seniority", data={FIELD: token, **day})
    assert answer.status_code == 200
    assert bus.commands(applications.SENIORITY)[-1] == {"residency_on": date(2023, 6, 30)}
    for shown in ("本人填写，未经核实", "2023年6月30日", "2025年6月30日", "合格证书以后的执业年限"):
        assert shown in answer.text, shown


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (("2024", "6", "4"), "这个日期还没有到"),
        (("2023", "2", "29"), "没有这一天"),
        (("", "", ""), "请填写"),
    ],
)
def test_a_wrong_certificate_day_is_a_field_error_beside_the_statement_as_it_was(app, day, said):
    """What can't be is said beside the field, and the statement without it stays."""
    client, _ = reader(app, {applications.SENIORITY: statement(Level.LICENSED, Education.MASTER)})
    token = hidden(client.get("/me/seniority").text, FIELD)
    boxes = dict(zip(("residency_on-y", "residency_on-m", "residency_on-d"), day, strict=True))
    answer = client.post("/me/seniority", data={FIELD: token, **boxes})
    assert answer.status_code == 422
    assert said in answer.text
    assert "未填写" in answer.text


@pytest.mark.parametrize(
    ("level", "education", "shown"),
    [
        (Level.ASSISTANT, Education.BACHELOR, "不要求助理执业年限"),
        (Level.ASSISTANT, Education.COLLEGE, "考试当年8月31日"),
        (Level.ASSISTANT, None, "按学历另行确定"),
        (Level.APPRENTICE_ASSISTANT, None, "师承或者确有专长，按执业年限"),
        (Level.TCM_EXPERT, None, "按学历另行确定"),
    ],
)
def test_each_level_is_told_in_words(app, level, education, shown):
    """No code of ours on the page."""
    client, _ = reader(app, {applications.SENIORITY: statement(level, education)})
    text = client.get("/me/seniority").text
    assert shown in text
    for code in ("by_education", "apprentice_years", "supervised_practice", "in_institutions", "not_stated"):
        assert code not in text


def test_who_has_no_registration_is_told_so(app):
    """Nothing counts before the first registration."""
    client, _ = reader(app, {applications.SENIORITY: lambda _: {"as_of": TODAY, "clocks": []}})
    text = client.get("/me/seniority").text
    assert "年限尚未开始计算" in text
    assert "合格证书日期" not in text

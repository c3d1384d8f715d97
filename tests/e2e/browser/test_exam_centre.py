"""The exam centre's operator opens a region and publishes a batch on the pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from commands.exam_cohort.generator import generate
from commands.journey.api import wait_for

from .acting import StaffAtBrowser
from .conftest import DESK

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(("javascript", "round_"), [(True, 1), (False, 2)], ids=["scripted", "without_scripts"])
def test_a_batch_is_looked_at_and_published_through_the_gate(visit, deployment, tmp_path, javascript, round_):
    year = 2025
    file = tmp_path / "results.csv"
    generate(60, seed=11 + round_, year=year, round_=round_).write(file)
    operator = deployment.examiner()
    batch = operator.deliver_results(file.read_bytes(), year, round_)
    wait_for(
        "the import",
        lambda: operator.api.get(f"/exam-batches/{batch['id']}")["state"] == "UPDATED" or None,
        within=60,
    )
    examiner = StaffAtBrowser(visit(DESK, javascript=javascript), deployment.url, deployment.cast.examiner)
    examiner.log_in()

    examiner.follow("开放时间")
    examiner.heading("资格信息开放时间")
    examiner.press("保存开放时间")
    expect(examiner.page.get_by_role("alert")).to_contain_text("请选择考区")
    examiner.page.get_by_role("combobox", name="考区").select_option(label="全部考区")
    examiner.write("考试年度", str(year))
    examiner.choose("第一试" if round_ == 1 else "第二试")
    examiner.choose("现在")
    examiner.press("保存开放时间")
    expect(examiner.page.get_by_role("status").filter(has_text="开放时间已保存")).to_be_visible()

    examiner.open(f"/exam-centre/batches/{batch['id']}")
    expect(examiner.page.get_by_role("table", name="按状态的记录数")).to_contain_text("等待开放")
    examiner.press("对外开放")
    expect(examiner.page.get_by_role("status").filter(has_text="已开始对外开放")).to_be_visible()
    state = examiner.page.get_by_text("已开放", exact=False)
    examiner.reload_until("the publication", lambda: state.count() > 0)


@pytest.mark.parametrize(("javascript", "year"), [(True, 2024), (False, 2023)], ids=["scripted", "without_scripts"])
def test_a_held_row_is_compared_and_decided_by_a_person(visit, deployment, tmp_path, javascript, year):
    """E20, E71: whoever wants the whole number says why; the decision names what it rests on."""
    file = tmp_path / "results.csv"
    generate(400, seed=21, year=year).write(file)
    operator = deployment.examiner()
    batch = operator.deliver_results(file.read_bytes(), year, 1)
    wait_for(
        "the import",
        lambda: operator.api.get(f"/exam-batches/{batch['id']}")["state"] == "UPDATED" or None,
        within=60,
    )
    examiner = StaffAtBrowser(visit(DESK, javascript=javascript), deployment.url, deployment.cast.examiner)
    examiner.log_in()
    examiner.follow("待核数据")
    examiner.heading("待核数据")
    row = examiner.page.get_by_role("row").nth(1)
    masked = row.get_by_role("cell").nth(1).inner_text()
    assert "*" in masked
    row.get_by_role("link").click()
    examiner.page.get_by_text("查看完整信息").click()
    examiner.write("查看的原因", "核对报名原件")
    examiner.press("查看完整号码")
    expect(examiner.page.get_by_text(masked)).to_have_count(0)
    examiner.press("保存处理结果")
    expect(examiner.page.get_by_role("alert")).to_contain_text("有 2 处需要修改")
    examiner.choose("不采用这条数据")
    examiner.write("依据", "核查记录第12号")
    examiner.press("保存处理结果")
    expect(examiner.page.get_by_role("status").filter(has_text="已决定不采用这条数据")).to_be_visible()

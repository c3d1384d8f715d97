"""删除我的信息 (E72): what went, and why the rest stays."""

from __future__ import annotations

import pytest

from services.gateway.csrf import FIELD
from shared.contracts import accounts

from .scripted_bus import hidden, reader
from .test_offline_cases import me


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ({"kept_because": "legal_duty", "deleted": ["email"]}, ("电子邮箱", "履行法定职责", "向人民法院起诉")),
        ({"kept_because": "at_the_window", "deleted": []}, ("您没有选填的信息", "主管部门窗口")),
    ],
)
def test_the_refusal_is_explained(app, answer, shown):
    """个人信息保护法 art.47, 50: a refusal has its reason, and the way against it."""
    client, bus = reader(app, {accounts.ME: lambda _: me(), accounts.REQUEST_DELETION: lambda _: answer})
    page = client.get("/me/account").text
    told = client.post("/me/deletion-request", data={FIELD: hidden(page, FIELD)})
    assert told.status_code == 200
    for words in shown:
        assert words in told.text, words
    assert bus.commands(accounts.REQUEST_DELETION) == [{}]

"""Institutions by a part of their name, page by page."""

from __future__ import annotations

import pytest

from services.accounts.repository.search import search_institutions
from shared.platform.errors import InvalidInput
from shared.platform.ids import new_id
from tests.unit.accounts.makers import NOW, PROVINCE, an_institution

NAMES = ["湘岳医院", "湘岳医院东院", "长沙湘岳医院", "湘岳%医院", "星沙人民医院", "芙蓉（东）诊所"]


@pytest.fixture
def full(unit_of_work):
    with unit_of_work() as uow:
        uow.authorities.add(PROVINCE, now=NOW, by="operator:test")
        for number, name in enumerate(NAMES):
            uow.institutions.add(
                an_institution(
                    id=new_id(),
                    name=name,
                    licence_number=f"430102{number:04d}12",
                    authority_id=PROVINCE.id,
                    division="43/4301/430121" if "星沙" in name else "43/4301/430102",
                ),
                now=NOW,
                by="operator:test",
            )
        uow.commit()
    return unit_of_work


def search(full, q="", division=None, after=None, limit=20):
    with full() as uow:
        return search_institutions(uow.session, q=q, division=division, after=after, limit=limit)


def names(page) -> list[str]:
    return [item.name for item in page.items]


def test_the_nearest_name_comes_first(full):
    assert names(search(full, "湘岳医院")) == ["湘岳医院", "湘岳医院东院", "长沙湘岳医院"]


def test_width_and_spaces_do_not_matter(full):
    assert names(search(full, "（东)")) == ["芙蓉（东）诊所"]
    assert names(search(full, "湘 岳 医 院")) == names(search(full, "湘岳医院"))


@pytest.mark.parametrize("q", ["%", "湘岳%"])
def test_wildcards_are_plain_characters(full, q):
    assert names(search(full, q)) == ["湘岳%医院"]
    assert names(search(full, "_")) == []


def test_a_licence_number_finds_its_institution(full):
    assert names(search(full, "430102 0004 12")) == ["星沙人民医院"]


@pytest.mark.parametrize(
    ("division", "count"), [("43", 6), ("43/4301", 6), ("43/4301/430121", 1), ("43/4302", 0), ("4", 0)]
)
def test_a_division_holds_what_lies_below_it(full, division, count):
    """Design D17: a prefix of whole parts."""
    assert search(full, division=division).count == count


@pytest.mark.parametrize("q", ["", "医院", "湘岳"])
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_hold_everything_once(full, q, limit):
    """Keyset paging: no row twice, none left out, whatever the size of a page."""
    whole, seen, after = names(search(full, q)), [], None
    while True:
        page = search(full, q, after=after, limit=limit)
        seen += names(page)
        assert len(page.items) <= limit
        assert (page.count, page.more) == (len(whole), False)
        after = page.next
        if after is None:
            break
        assert len(after) <= 200
    assert seen == whole


@pytest.mark.parametrize("after", ["", "x", "0.zz", f"0.{new_id().hex}", "x." + new_id().hex])
def test_a_foreign_cursor_is_bad_input(full, after):
    with pytest.raises(InvalidInput) as refused:
        search(full, after=after)
    assert refused.value.facts["fields"] == {"after": ["cursor_invalid"]}


def test_counts_are_exact_to_a_hundred(full):
    """Design D17."""
    with full() as uow:
        for number in range(98):
            uow.institutions.add(
                an_institution(
                    id=new_id(), name="示例诊所", licence_number=f"430102{number + 100:04d}12", authority_id=PROVINCE.id
                ),
                now=NOW,
                by="operator:test",
            )
        uow.commit()
    page = search(full)
    assert (page.count, page.more) == (100, True)
    assert (search(full, "示例").count, search(full, "示例").more) == (98, False)

"""Which departments 诊疗科目 of an institution cover which practice scope (医疗机构诊疗科目名录)."""

from __future__ import annotations

from collections.abc import Iterable

# Scope -> code and name of each first-level department of the catalogue that covers it.
_COVERING: dict[str, tuple[tuple[str, str], ...]] = {
    "C01": (
        ("03", "内科"),
        ("16", "传染科"),
        ("17", "结核病科"),
        ("18", "地方病科"),
        ("19", "肿瘤科"),
        ("28", "重症医学科"),
    ),
    "C02": (
        ("04", "外科"),
        ("08", "小儿外科"),
        ("14", "医疗美容科"),
        ("19", "肿瘤科"),
        ("26", "麻醉科"),
        ("27", "疼痛科"),
    ),
    "C03": (("05", "妇产科"), ("06", "妇女保健科")),
    "C04": (("07", "儿科"), ("08", "小儿外科"), ("09", "儿童保健科")),
    "C05": (("10", "眼科"), ("11", "耳鼻咽喉科")),
    "C06": (("13", "皮肤科"),),
    "C07": (("15", "精神科"),),
    "C08": (("23", "职业病科"),),
    "C09": (("32", "医学影像科"),),
    "C10": (("30", "医学检验科"), ("31", "病理科")),
    "C11": (("02", "全科医疗科"),),
    "C12": (("20", "急诊医学科"), ("28", "重症医学科")),
    "C13": (("21", "康复医学科"), ("22", "运动医学科")),
    "C14": (("01", "预防保健科"), ("06", "妇女保健科"), ("09", "儿童保健科")),
    "C15": (("25", "特种医学与军事医学科"),),
    "C16": (("05", "妇产科"), ("06", "妇女保健科")),
    "D01": (("12", "口腔科"),),
    "D02": (("12", "口腔科"),),
    "P01": (("01", "预防保健科"), ("23", "职业病科")),
    "P02": (("01", "预防保健科"),),
    "T01": (("50", "中医科"), ("52", "中西医结合科")),
    "T02": (("52", "中西医结合科"), ("50", "中医科")),
    "T03": (("51", "民族医学科"),),
    "T04": (("51", "民族医学科"),),
    "T05": (("51", "民族医学科"),),
    "T06": (("51", "民族医学科"),),
    "T07": (("50", "中医科"), ("51", "民族医学科"), ("52", "中西医结合科")),
}


def covers(departments: Iterable[str], scope: str) -> bool:
    """Whether one of the departments covers the scope.

    A department may be given by code (`03`, `03.04`), by name, or by both; a second-level one stands for its first
    level, and so does a second-level scope. A scope that the catalogue has no department for (other scopes of the
    province) counts as not covered, so that an officer looks.
    """
    covering = _COVERING.get(scope[:3], ())
    return any(_is_of(department, code, name) for department in departments for code, name in covering)


def _is_of(department: str, code: str, name: str) -> bool:
    text = department.strip()
    return text == code or text.startswith((f"{code}.", f"{code} ", name)) or text.endswith(f" {name}")

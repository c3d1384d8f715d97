"""Invented people: names with the spread of real ones, and resident IDs of counties that do not exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from shared.trade.resident_id import ResidentId, with_check_digit

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余于杜叶程苏魏吕丁任沈姚卢"
_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "令狐")
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红玲芬燕彬鹏宇浩凯健俊帆博文欣怡雪梅琳婷慧莹雯洁颖佳瑶璐"
    "晨轩睿泽涵梓萱诗语嘉宁安康乐心悦思远志成建国海波春秋冬夏月星云岚峰川江河湖松柏竹青"
)
_RARE = (
    "\U00020bb7",
    "\U000249fd",
    "\U0002c638",
    "\U0002bb09",
    "\U0002c62f",
    "\U00030edd",
    "\U0002b5f8",
    "䶮",
    "㛃",
    "㵘",
)
_MINORITY_FIRST = ("阿依古丽", "买买提", "古丽娜尔", "阿卜杜拉", "扎西", "达瓦", "巴特尔", "乌云", "努尔", "热依汗")
_MINORITY_LAST = ("买买提", "艾合买提", "吐尔逊", "阿卜杜热合曼", "多吉", "卓玛", "格日勒", "其其格", "哈山", "依明")
_DOTS = "····•．・"
"""The exam rooms' keyboards differ; all of them are one dot after normalisation."""
_COMMON = (
    ("张伟", date(1995, 3, 7)),
    ("王芳", date(1997, 8, 15)),
    ("李娜", date(1994, 11, 2)),
    ("刘洋", date(1996, 6, 18)),
)
"""Names that several people of one birth date bear."""
_FIRST_BIRTH, _LAST_BIRTH = date(1974, 1, 1), date(2003, 12, 31)
_SAFE_COUNTY = "0199"


@dataclass(frozen=True)
class Person:
    """One invented person."""

    name: str
    resident_id: ResidentId
    kind: str
    """How the name is special: `plain`, `minority`, `rare`, `common`."""


class People:
    """Invents people, no two of them with one ID."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._taken: set[str] = set()

    def next(self, region: str) -> Person:
        """The next person; most were born in the region where they sit the exam."""
        draw = self._random.random()
        born = self._birth()
        if draw < 0.03:
            name, kind = self._minority(), "minority"
        elif draw < 0.045:
            name, kind = self._surname() + self._random.choice(_RARE), "rare"
        elif draw < 0.065:
            (name, born), kind = self._random.choice(_COMMON), "common"
        else:
            name, kind = (
                self._surname() + "".join(self._random.choices(_GIVEN, k=self._random.choice((1, 2, 2, 2)))),
                "plain",
            )
        return Person(name, self._resident_id(region, born), kind)

    def _surname(self) -> str:
        if self._random.random() < 0.01:
            return self._random.choice(_COMPOUND)
        # A third of all people bear one of the first few names.
        position = min(int(self._random.expovariate(1 / 14)), len(_SURNAMES) - 1)
        return _SURNAMES[position]

    def _minority(self) -> str:
        dot = self._random.choice(_DOTS)
        return f"{self._random.choice(_MINORITY_FIRST)}{dot}{self._random.choice(_MINORITY_LAST)}"

    def _birth(self) -> date:
        # Most candidates are in their late twenties; some come late.
        days = (_LAST_BIRTH - _FIRST_BIRTH).days
        return _FIRST_BIRTH + timedelta(days=int(days * self._random.betavariate(4.5, 1.6)))

    def _resident_id(self, region: str, born: date) -> ResidentId:
        while True:
            province = region if self._random.random() < 0.85 else self._random.choice(("11", "31", "42", "44", "51"))
            sequence = self._random.randrange(1, 1000)
            text = with_check_digit(f"{province}{_SAFE_COUNTY}{born:%Y%m%d}{sequence:03d}")
            if text not in self._taken:
                self._taken.add(text)
                return ResidentId.parse(text)

"""Practice categories 执业类别 (`domain.md` §5.2) and the four legal ones they belong to."""

from __future__ import annotations

from enum import StrEnum

from .levels import Level


class LegalCategory(StrEnum):
    """The four categories that the law itself knows (医师资格考试暂行办法 art.3)."""

    CLINICAL = "clinical"
    DENTAL = "dental"
    PUBLIC_HEALTH = "public_health"
    TCM = "tcm"

    @property
    def term(self) -> str:
        """The statutory term."""
        return _LEGAL_TERMS[self]


class Category(StrEnum):
    """A category of qualification and of practice; its value is what stands in the codes."""

    CLINICAL = "10"
    DENTAL = "20"
    PUBLIC_HEALTH = "30"
    TCM = "41"
    INTEGRATED = "42"
    MONGOLIAN = "43"
    TIBETAN = "44"
    UYGHUR = "45"
    DAI = "46"
    KOREAN = "47"
    ZHUANG = "48"
    KAZAKH = "49"

    @property
    def term(self) -> str:
        """The statutory term."""
        return _TERMS[self]

    @property
    def legal(self) -> LegalCategory:
        """The legal category: everything that begins with 4 is traditional Chinese medicine."""
        return _LEGAL.get(self, LegalCategory.TCM)

    @property
    def has_apprenticeship(self) -> bool:
        """Whether the apprenticeship levels 3 and 4 exist: Chinese and ethnic medicine, not the integrated one."""
        return self.legal is LegalCategory.TCM and self is not Category.INTEGRATED

    def allows(self, level: Level) -> bool:
        """Whether a qualification of this level and category exists."""
        match level:
            case Level.LICENSED | Level.ASSISTANT:
                return True
            case Level.APPRENTICE_LICENSED | Level.APPRENTICE_ASSISTANT:
                return self.has_apprenticeship
            case Level.RURAL_ASSISTANT:
                return self is Category.CLINICAL
            case Level.TCM_EXPERT:
                return self is Category.TCM


_LEGAL = {
    Category.CLINICAL: LegalCategory.CLINICAL,
    Category.DENTAL: LegalCategory.DENTAL,
    Category.PUBLIC_HEALTH: LegalCategory.PUBLIC_HEALTH,
}
_LEGAL_TERMS = {
    LegalCategory.CLINICAL: "临床",
    LegalCategory.DENTAL: "口腔",
    LegalCategory.PUBLIC_HEALTH: "公共卫生",
    LegalCategory.TCM: "中医",
}
_TERMS = {
    Category.CLINICAL: "临床",
    Category.DENTAL: "口腔",
    Category.PUBLIC_HEALTH: "公共卫生",
    Category.TCM: "中医",
    Category.INTEGRATED: "中西医结合",
    Category.MONGOLIAN: "蒙医",
    Category.TIBETAN: "藏医",
    Category.UYGHUR: "维医",
    Category.DAI: "傣医",
    Category.KOREAN: "朝医",
    Category.ZHUANG: "壮医",
    Category.KAZAKH: "哈萨克医",
}

"""hypothesis strategies of the trade's values; every ID lies in a county that does not exist."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from shared.trade.categories import Category
from shared.trade.codes import ExamCode
from shared.trade.levels import EXAMINED
from shared.trade.provinces import MAINLAND
from shared.trade.resident_id import ResidentId, with_check_digit

births = st.dates(min_value=date(1930, 1, 1), max_value=date(2006, 12, 31))
provinces = st.sampled_from(sorted(MAINLAND))


@st.composite
def resident_ids(draw: st.DrawFn) -> ResidentId:
    """A right ID of any province, county 0199."""
    born = draw(births)
    return ResidentId.parse(
        with_check_digit(f"{draw(provinces)}0199{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"), today=date(2026, 11, 23)
    )


exam_codes = st.sampled_from(
    [ExamCode(level, category) for level in sorted(EXAMINED) for category in Category if category.allows(level)]
)
